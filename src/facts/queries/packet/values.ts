import { parseNetwork } from '../../../net/ip.ts'
import type { Field, Pattern } from './model.ts'

/** Bits of the state and the status of a connection, as the kernel has them (nf_conntrack_common.h). */
export const connectionStates: Record<string, bigint> = {
  invalid: 1n,
  established: 2n,
  related: 4n,
  new: 8n,
  untracked: 64n,
}
export const connectionStatuses: Record<string, bigint> = {
  expected: 1n,
  'seen-reply': 2n,
  assured: 4n,
  confirmed: 8n,
  snat: 16n,
  dnat: 32n,
  dying: 512n,
}
/** States of iptables, where NAT counts as one (xt_conntrack.h). */
export const savedStates: Record<string, bigint> = { ...connectionStates, snat: 128n, dnat: 256n }
export const tcpFlags: Record<string, bigint> = {
  fin: 1n,
  syn: 2n,
  rst: 4n,
  psh: 8n,
  ack: 16n,
  urg: 32n,
  ecn: 64n,
  cwr: 128n,
}
const protocols: Record<string, bigint> = {
  icmp: 1n,
  igmp: 2n,
  ipencap: 4n,
  tcp: 6n,
  udp: 17n,
  dccp: 33n,
  ipv6: 41n,
  gre: 47n,
  esp: 50n,
  ah: 51n,
  icmpv6: 58n,
  'ipv6-icmp': 58n,
  ospf: 89n,
  ospfigp: 89n,
  pim: 103n,
  comp: 108n,
  ipcomp: 108n,
  vrrp: 112n,
  sctp: 132n,
  udplite: 136n,
}

const namedBits: Partial<Record<Field, Record<string, bigint>>> = {
  ctstate: connectionStates,
  ctstatus: connectionStatuses,
  tcpflags: tcpFlags,
}
const interfaces = new Set<Field>(['iif', 'oif', 'physin', 'physout'])
const addresses = new Set<Field>(['saddr4', 'daddr4', 'saddr6', 'daddr6', 'ctsaddr', 'ctdaddr'])
const texts = new Set<Field>(['nfproto', 'ethertype', 'pkttype', 'ctdirection', 'saddrtype', 'daddrtype'])

const protocolFields = new Set<Field>(['protocol', 'protocol4', 'protocol6'])

/** Fields that are there or not. */
const flags = new Set<Field>([
  ...(['reverse', 'reversemark', 'reverseany', 'reverseanymark', 'ipsecin', 'ipsecout'] as const),
])

/** `exists`, `missing`, or the index 0 of no interface. */
const flagPattern = (word: string): Pattern | undefined =>
  word === 'exists' ? exactly(1n) : word === 'missing' || word === '0' ? exactly(0n) : undefined

/** The number of a protocol by its name or number; undefined for names that this table does not have. */
export const protocolNumber = (word: string): bigint | undefined => protocols[word] ?? numberIn(word)

/** A decimal or hexadecimal number. */
export const numberIn = (word: string): bigint | undefined =>
  /^(?:0x[0-9a-f]{1,16}|\d{1,20})$/i.test(word) ? BigInt(word) : undefined

/** The bits that a list of names such as `established,related` stands for. */
export function bitsIn(names: string, table: Record<string, bigint>): bigint | undefined {
  let bits = 0n
  for (const name of names.split(',')) {
    const bit = table[name] ?? numberIn(name)
    if (bit === undefined) return undefined
    bits |= bit
  }
  return bits
}

const exactly = (value: bigint | undefined): Pattern | undefined =>
  value === undefined ? undefined : { first: value, last: value }

/** A value as nft prints it for a field: an address, a range, names of bits, an interface. */
export function patternOf(field: Field, word: string): Pattern | undefined {
  const bits = namedBits[field]
  if (bits) {
    const value = bitsIn(word, bits)
    return value === undefined ? undefined : { bits: value }
  }
  if (interfaces.has(field)) return interfacePattern(word, '*')
  if (addresses.has(field)) return addressPattern(word)
  if (texts.has(field)) return { text: word.toLowerCase(), prefix: false }
  if (flags.has(field)) return flagPattern(word)
  if (protocolFields.has(field)) return exactly(protocolNumber(word))
  return rangePattern(word, '-')
}

/** An interface's name, or with the wildcard at its end the beginning of one. */
export const interfacePattern = (name: string, wildcard: '*' | '+'): Pattern =>
  name.endsWith(wildcard) ? { text: name.slice(0, -1), prefix: true } : { text: name, prefix: false }

/** A number or a range of numbers. */
export function rangePattern(word: string, separator: '-' | ':'): Pattern | undefined {
  const at = word.indexOf(separator)
  if (at === -1) return exactly(numberIn(word))
  const [first, last] = [numberIn(word.slice(0, at)), numberIn(word.slice(at + 1))]
  return first === undefined || last === undefined ? undefined : { first, last }
}

/** An address, a network in CIDR notation or with a netmask, or a range of addresses. */
export function addressPattern(word: string): Pattern | undefined {
  const plain = ipv4Pattern(word)
  if (plain) return plain
  const dash = word.indexOf('-')
  const [first, last] =
    dash === -1
      ? [parseNetwork(word), parseNetwork(word)]
      : [parseNetwork(word.slice(0, dash)), parseNetwork(word.slice(dash + 1))]
  return first && last ? { first: first.first, last: last.last } : undefined
}

const dotted = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/

/** The common case without big numbers: a rule set may have tens of thousands of them. */
function ipv4Pattern(word: string): Pattern | undefined {
  const found = dotted.exec(word)
  if (!found) return undefined
  const [, a, b, c, d, length = '32'] = found
  const [bytes, bits] = [[a, b, c, d].map(Number), Number(length)]
  if (bits > 32 || bytes.some((byte) => byte > 255)) return undefined
  const size = 2 ** (32 - bits)
  const address = bytes.reduce((sum, byte) => sum * 256 + byte, 0)
  const first = Math.floor(address / size) * size
  return { first: BigInt(first), last: BigInt(first + size - 1) }
}
