import { type Address, canonicalHost, isAddress, parseAddress, unmapped } from './ip.ts'
import { type AddressClass, rangeOf } from './special-ranges.ts'

export type { AddressClass } from './special-ranges.ts'

/**
 * How public a host is by its address: it may lead clients to what is as public, and not to less. Ranges where no server is
 * count as public; so a host that has one of their addresses anyway leads no further in than others.
 */
const publicity: Record<AddressClass, number> = {
  loopback: 0,
  unspecified: 0,
  'link-local': 1,
  private: 2,
  benchmarking: 3,
  documentation: 3,
  'this-network': 4,
  multicast: 4,
  broadcast: 4,
  reserved: 4,
  'special-purpose': 4,
  public: 4,
}

/** Where nobody keeps blobs or gives tokens. At link-local addresses clouds hand out credentials. */
const neverServers: ReadonlySet<AddressClass> = new Set([
  'link-local',
  'this-network',
  'multicast',
  'broadcast',
  'reserved',
  'special-purpose',
])

/** True when a host of one class may lead clients to an address of another: to its own class, and to what is as public. */
export function canRedirectTo(from: AddressClass, to: AddressClass): boolean {
  return from === to || (!neverServers.has(to) && publicity[to] >= publicity[from])
}

/** What `private_redirects: true` allows: addresses that networks use within themselves. */
export const isAllowedPrivate = (to: AddressClass): boolean =>
  to === 'private' || to === 'benchmarking' || to === 'documentation'

/** True for an address that a host of this class may not lead to. */
export function isInternalAddress(
  address: string,
  from: AddressClass,
  { privateRedirects = false }: { privateRedirects?: boolean } = {},
): boolean {
  const to = addressClass(address)
  return !canRedirectTo(from, to) && !(privateRedirects && isAllowedPrivate(to))
}

/**
 * The class of an address that a client is led to. One with an IPv4 address inside is judged as that one, for that is where a
 * translator or a tunnel takes it; of several readings the least public counts. Names are `public`.
 */
export function addressClass(address: string): AddressClass {
  const parsed = parseAddress(address)
  if (!parsed) return 'public'
  const { own, inside, ownCounts } = readingsOf(unmapped(parsed))
  const readings = ownCounts ? [own, ...inside] : inside
  return (
    readings.find((one) => neverServers.has(one)) ??
    readings.toSorted((a, b) => publicity[a] - publicity[b])[0] ??
    own
  )
}

/** The most public class that these addresses can have: what a host counts as that has them. Without any it is `public`. */
export function widestClass(addresses: string[]): AddressClass {
  const readings = addresses.flatMap((address): AddressClass[] => {
    const parsed = parseAddress(address)
    if (!parsed) return ['public']
    const { own, inside } = readingsOf(unmapped(parsed))
    return [own, ...inside]
  })
  return readings.toSorted((a, b) => publicity[b] - publicity[a])[0] ?? 'public'
}

/** The class of an address by its range, and those of the IPv4 addresses inside it. */
function readingsOf(address: Address): { own: AddressClass; inside: AddressClass[]; ownCounts: boolean } {
  const range = rangeOf(address)
  const inside = address.version === 4 ? [] : (range.inside?.(address.value) ?? isatap(address.value))
  const classes = inside.map((value) => rangeOf({ version: 4, value }).class)
  return { own: range.class, inside: classes, ownCounts: range.inside === undefined }
}

/** ISATAP puts an IPv4 address behind any prefix: `0:5efe:a.b.c.d` or `200:5efe:a.b.c.d` (RFC 5214, section 6.1). */
const isatap = (value: bigint): bigint[] =>
  ((value >> 32n) & 0xfdff_ffffn) === 0x5efen ? [value & 0xffff_ffffn] : []

/** The address that a host's name is by itself: one that is written out, or that of `localhost` (RFC 6761, section 6.3). */
export function literalAddress(hostname: string): string | undefined {
  const name = canonicalHost(hostname)
  if (name === 'localhost' || name.endsWith('.localhost')) return '127.0.0.1'
  return isAddress(name) ? name : undefined
}

/**
 * True for this machine itself, by address or by name; a connection to the unspecified address ends here as well. False for a
 * loopback address inside another: that leaves the machine.
 */
export function isLoopback(hostname: string): boolean {
  const address = literalAddress(hostname)
  return address !== undefined && ['loopback', 'unspecified'].includes(widestClass([address]))
}
