import { type Address, includesAddress, type Network, parseNetwork } from './ip.ts'

/** How far an address reaches, or what keeps it from being a server's. */
export type AddressClass =
  | 'loopback'
  | 'unspecified'
  | 'this-network'
  | 'link-local'
  | 'private'
  | 'benchmarking'
  | 'documentation'
  | 'multicast'
  | 'broadcast'
  | 'reserved'
  | 'special-purpose'
  | 'public'

/** Reads the IPv4 addresses that an IPv6 address may stand for. */
type Inside = (address: bigint) => bigint[]

/** A range of addresses with a meaning of its own. */
export interface SpecialRange {
  cidr: string
  name: string
  /** The document that defines it. */
  source: string
  class: AddressClass
  network: Network
  inside?: Inside
}

const word = (value: bigint, fromRight: bigint): bigint => (value >> fromRight) & 0xffff_ffffn

const last32: Inside = (value) => [word(value, 0n)]
const teredoClient: Inside = (value) => [word(value, 0n) ^ 0xffff_ffffn]
const after16: Inside = (value) => [word(value, 80n)]

/**
 * Behind a translator whose prefix has 48, 56, 64 or 96 bits, as its operator likes (RFC 6052, section 2.2). With the first three,
 * bits 64 to 71 and the last 40, 32 or 24 are zero; so the longest run of zeros at the end gives the prefix, for every host whose
 * last byte is not 0.
 */
const translated: Inside = (value) => {
  const withoutGap = ((value >> 64n) << 56n) | (value & 0xff_ffff_ffff_ffffn)
  const isZero = (bits: bigint) => (withoutGap & ((1n << bits) - 1n)) === 0n
  const end = ((value >> 56n) & 0xffn) === 0n ? [40n, 32n, 24n].find(isZero) : undefined
  return [end === undefined ? word(value, 0n) : word(withoutGap, end)]
}

type Row = [cidr: string, name: string, source: string, is: AddressClass, inside?: Inside]

/**
 * IANA's two registries of special-purpose addresses, every row of them (iana-ipv4-special-registry and
 * iana-ipv6-special-registry, as of 2025-10), with the multicast, deprecated and unassigned ranges that they leave out. What is
 * globally reachable but for one protocol alone (AS112, AMT, the anycast addresses) is `special-purpose` too: no registry and no
 * storage is there. The class of a range with addresses inside is that of the range itself.
 */
const rows: Row[] = [
  ['0.0.0.0/0', 'IPv4', 'RFC 791', 'public'],
  ['0.0.0.0/8', 'this network', 'RFC 791, 3.2', 'this-network'],
  ['0.0.0.0/32', 'this host on this network', 'RFC 1122, 3.2.1.3', 'unspecified'],
  ['10.0.0.0/8', 'private use', 'RFC 1918', 'private'],
  ['100.64.0.0/10', 'shared address space', 'RFC 6598', 'private'],
  ['127.0.0.0/8', 'loopback', 'RFC 1122, 3.2.1.3', 'loopback'],
  ['169.254.0.0/16', 'link-local', 'RFC 3927', 'link-local'],
  ['172.16.0.0/12', 'private use', 'RFC 1918', 'private'],
  ['192.0.0.0/24', 'IETF protocol assignments', 'RFC 6890, 2.1', 'special-purpose'],
  ['192.0.0.0/29', 'IPv4 service continuity prefix', 'RFC 7335', 'special-purpose'],
  ['192.0.0.8/32', 'IPv4 dummy address', 'RFC 7600', 'special-purpose'],
  ['192.0.0.9/32', 'Port Control Protocol anycast', 'RFC 7723', 'special-purpose'],
  ['192.0.0.10/32', 'TURN anycast', 'RFC 8155', 'special-purpose'],
  ['192.0.0.170/32', 'NAT64/DNS64 discovery', 'RFC 8880 and RFC 7050, 2.2', 'special-purpose'],
  ['192.0.0.171/32', 'NAT64/DNS64 discovery', 'RFC 8880 and RFC 7050, 2.2', 'special-purpose'],
  ['192.0.2.0/24', 'TEST-NET-1', 'RFC 5737', 'documentation'],
  ['192.31.196.0/24', 'AS112-v4', 'RFC 7535', 'special-purpose'],
  ['192.52.193.0/24', 'AMT', 'RFC 7450', 'special-purpose'],
  ['192.88.99.0/24', '6to4 relay anycast, deprecated', 'RFC 7526', 'special-purpose'],
  ['192.88.99.2/32', '6a44 relay anycast', 'RFC 6751', 'special-purpose'],
  ['192.168.0.0/16', 'private use', 'RFC 1918', 'private'],
  ['192.175.48.0/24', 'direct delegation AS112 service', 'RFC 7534', 'special-purpose'],
  ['198.18.0.0/15', 'benchmarking', 'RFC 2544', 'benchmarking'],
  ['198.51.100.0/24', 'TEST-NET-2', 'RFC 5737', 'documentation'],
  ['203.0.113.0/24', 'TEST-NET-3', 'RFC 5737', 'documentation'],
  ['224.0.0.0/4', 'multicast', 'RFC 5771', 'multicast'],
  ['240.0.0.0/4', 'reserved', 'RFC 1112, 4', 'reserved'],
  ['255.255.255.255/32', 'limited broadcast', 'RFC 8190 and RFC 919, 7', 'broadcast'],
  ['::/0', 'not assigned', 'RFC 4291 and iana-ipv6-address-space', 'reserved'],
  ['::/96', 'IPv4-compatible, deprecated', 'RFC 4291, 2.5.5.1', 'reserved', last32],
  ['::/128', 'unspecified', 'RFC 4291', 'unspecified'],
  ['::1/128', 'loopback', 'RFC 4291', 'loopback'],
  ['::ffff:0:0/96', 'IPv4-mapped', 'RFC 4291, 2.5.5.2', 'special-purpose', last32],
  ['::ffff:0:0:0/96', 'IPv4-translated, obsolete', 'RFC 2765, 2.1', 'reserved', last32],
  ['64:ff9b::/96', 'IPv4-IPv6 translation', 'RFC 6052', 'public', last32],
  ['64:ff9b:1::/48', 'IPv4-IPv6 translation, local use', 'RFC 8215', 'private', translated],
  ['100::/64', 'discard-only', 'RFC 6666', 'special-purpose'],
  ['100:0:0:1::/64', 'dummy prefix', 'RFC 9780', 'special-purpose'],
  ['2000::/3', 'global unicast', 'RFC 4291', 'public'],
  ['2001::/23', 'IETF protocol assignments', 'RFC 2928', 'special-purpose'],
  ['2001::/32', 'Teredo', 'RFC 4380 and RFC 8190', 'public', teredoClient],
  ['2001:1::1/128', 'Port Control Protocol anycast', 'RFC 7723', 'special-purpose'],
  ['2001:1::2/128', 'TURN anycast', 'RFC 8155', 'special-purpose'],
  ['2001:1::3/128', 'DNS-SD service registration anycast', 'RFC 9665', 'special-purpose'],
  ['2001:2::/48', 'benchmarking', 'RFC 5180', 'benchmarking'],
  ['2001:3::/32', 'AMT', 'RFC 7450', 'special-purpose'],
  ['2001:4:112::/48', 'AS112-v6', 'RFC 7535', 'special-purpose'],
  ['2001:10::/28', 'ORCHID, deprecated', 'RFC 4843', 'special-purpose'],
  ['2001:20::/28', 'ORCHIDv2', 'RFC 7343', 'special-purpose'],
  ['2001:30::/28', 'drone remote ID entity tags', 'RFC 9374', 'special-purpose'],
  ['2001:db8::/32', 'documentation', 'RFC 3849', 'documentation'],
  ['2002::/16', '6to4', 'RFC 3056', 'public', after16],
  ['2620:4f:8000::/48', 'direct delegation AS112 service', 'RFC 7534', 'special-purpose'],
  ['3fff::/20', 'documentation', 'RFC 9637', 'documentation'],
  ['5f00::/16', 'segment routing (SRv6) SIDs', 'RFC 9602', 'special-purpose'],
  ['fc00::/7', 'unique local', 'RFC 4193 and RFC 8190', 'private'],
  ['fe80::/10', 'link-local unicast', 'RFC 4291', 'link-local'],
  ['fec0::/10', 'site-local, deprecated', 'RFC 3879', 'private'],
  ['ff00::/8', 'multicast', 'RFC 4291', 'multicast'],
]

/** Every range, the narrowest first. */
export const specialRanges: SpecialRange[] = rows
  .map(([cidr, name, source, is, inside]) => {
    const network = parseNetwork(cidr)
    if (!network) throw new Error(`${cidr} is not a range`)
    return { cidr, name, source, class: is, network, ...(inside ? { inside } : {}) }
  })
  .toSorted((a, b) => sizeOf(a) - sizeOf(b))

function sizeOf({ network }: SpecialRange): number {
  return Number(network.last - network.first)
}

/** The narrowest range that an address is in; some range holds each. */
export function rangeOf(address: Address): SpecialRange {
  const range = specialRanges.find(({ network }) => includesAddress(network, address))
  if (!range) throw new Error('no range holds this address')
  return range
}
