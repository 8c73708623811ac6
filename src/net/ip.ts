import ipaddr from 'ipaddr.js'

/** An IP address as a number. */
export interface Address {
  version: 4 | 6
  value: bigint
}

/** A block of addresses, by its first and last one. */
export interface Network {
  version: 4 | 6
  first: bigint
  last: bigint
}

/** Four decimal numbers without leading zeros, which some programs read as octal. */
const dotted = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/

/** The interface behind an IPv6 address: `fe80::1%eth0` (RFC 4007, section 11). */
const zone = /(?<=:[^%]*)%[^%/\s]+$/

/** Reads an address as resolvers, kernels and URLs write it, with or without a zone; undefined for anything else. */
export function parseAddress(text: string): Address | undefined {
  const bytes = bytesOf(text)
  return bytes && { version: bytes.length === 4 ? 4 : 6, value: numberOf(bytes) }
}

function bytesOf(text: string): number[] | undefined {
  const bare = text.replace(zone, '')
  const colon = bare.lastIndexOf(':')
  const tail = bare.slice(colon + 1)
  if (!tail.includes('.')) return colon === -1 ? undefined : ipv6Bytes(bare)
  const bytes = ipv4Bytes(tail)
  if (colon === -1 || !bytes) return bytes
  // ipaddr.js takes ::10.0.0.1 for ::ffff:10.0.0.1.
  const [a = 0, b = 0, c = 0, d = 0] = bytes
  return ipv6Bytes(`${bare.slice(0, colon + 1)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`)
}

// Left to itself ipaddr.js reads 010.0x1.1, as inet_aton(3) does.
const ipv4Bytes = (text: string): number[] | undefined =>
  dotted.test(text) ? attempt(() => ipaddr.IPv4.parse(text).toByteArray()) : undefined

const ipv6Bytes = (text: string): number[] | undefined => attempt(() => ipaddr.IPv6.parse(text).toByteArray())

/** ipaddr.js throws for what is not an address. */
function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch {
    return undefined
  }
}

const numberOf = (bytes: number[]): bigint =>
  BigInt(`0x${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`)

/** The one form of an address: four decimal numbers, or the text of RFC 5952 in hexadecimal groups alone. */
export function formatAddress({ version, value }: Address): string {
  const digits = value.toString(16).padStart(version === 4 ? 8 : 32, '0')
  return textOf((digits.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)))
}

const textOf = (bytes: number[]): string => ipaddr.fromByteArray(bytes).toString()

/** An address of 4 or 16 bytes in network order, as text; an IPv4 address inside an IPv6 one as itself. */
export function addressFromBytes(bytes: number[]): string {
  const isMapped = bytes.length === 16 && bytes.every((byte, at) => at > 11 || byte === (at < 10 ? 0 : 255))
  return textOf(isMapped ? bytes.slice(12) : bytes)
}

/** An IPv4-mapped address (RFC 4291, section 2.5.5.2) as the IPv4 address that it is; any other as it is. */
export const unmapped = (address: Address): Address =>
  address.version === 6 && address.value >> 32n === 0xffffn
    ? { version: 4, value: address.value & 0xffff_ffffn }
    : address

/** Whether a text is an address. */
export const isAddress = (text: string): boolean => bytesOf(text) !== undefined

/** Whether an address is one of IPv6: only those have colons. */
export const isVersion6 = (address: string): boolean => address.includes(':')

/** The host of a URL as resolvers and sockets take it: without brackets. */
export const withoutBrackets = (hostname: string): string => hostname.replace(/^\[|\]$/g, '')

/** A host in its one form: in lower case, without brackets and the dot of the root, an IPv6 address as RFC 5952 writes it. */
export function canonicalHost(hostname: string): string {
  const name = withoutBrackets(hostname.toLowerCase()).replace(/\.+$/, '')
  const address = isVersion6(name) ? parseAddress(name) : undefined
  return address ? formatAddress(address) : name
}

/** Reads `172.17.0.0/16`, `fd00::/64` or a single address, whatever its host bits; undefined for anything else. */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/')
  const address = parseAddress(slash === -1 ? text : text.slice(0, slash))
  if (!address) return undefined
  const { version, value } = address
  const bits = version === 4 ? 32 : 128
  const length = slash === -1 ? String(bits) : text.slice(slash + 1)
  if (!/^\d{1,3}$/.test(length) || Number(length) > bits) return undefined
  const hostBits = BigInt(bits - Number(length))
  const first = (value >> hostBits) << hostBits
  return { version, first, last: first + (1n << hostBits) - 1n }
}

/** An IPv4 network; undefined for IPv6 and for what is not a network. */
export function parseIpv4Network(text: string): Network | undefined {
  if (isVersion6(text)) return undefined
  return parseNetwork(text)
}

export const overlaps = (a: Network, b: Network): boolean =>
  a.version === b.version && a.first <= b.last && b.first <= a.last

export const contains = (outer: Network, inner: Network): boolean =>
  outer.version === inner.version && outer.first <= inner.first && inner.last <= outer.last

export const includesAddress = ({ version, first, last }: Network, address: Address): boolean =>
  version === address.version && first <= address.value && address.value <= last

/** Whether a network, or a single address, holds an address; false where either is neither. */
export function holds(network: string, address: string): boolean {
  const sought = parseAddress(address)
  const range = parseNetwork(network)
  return sought !== undefined && range !== undefined && includesAddress(range, unmapped(sought))
}

/** How many bits a network's addresses share; those of the route `default` share none. */
export const prefixLength = (network: string): number =>
  network === 'default' ? 0 : Number(network.split('/')[1] ?? (isVersion6(network) ? 128 : 32))

/** How many leading bits of an IPv4 netmask are set; undefined for anything but a netmask. */
export function maskLength(mask: string): number | undefined {
  const bytes = bytesOf(mask)
  if (bytes?.length !== 4) return undefined
  return new ipaddr.IPv4(bytes).prefixLengthFromSubnetMask() ?? undefined
}
