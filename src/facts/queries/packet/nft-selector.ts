import type { Field, Key } from './model.ts'
import { numberIn } from './values.ts'
import type { NftWord } from './words.ts'

/** A selector of nft at some word: what it reads, what it needs of the packet, and how many words it takes. */
export interface Selector {
  key: Key
  /** `tcp dport` needs a packet of TCP. */
  protocol?: bigint
  length: number
}

interface Known {
  field: Field
  protocol?: bigint
}

const tcp = 6n
const udp = 17n
/** Selectors by their words; longer ones first where one begins like another. */
const selectors: [string[], Known][] = (
  [
    ['ct original ip saddr', { field: 'ctsaddr' }],
    ['ct original ip daddr', { field: 'ctdaddr' }],
    ['ct original ip6 saddr', { field: 'ctsaddr' }],
    ['ct original ip6 daddr', { field: 'ctdaddr' }],
    ['ct original saddr', { field: 'ctsaddr' }],
    ['ct original daddr', { field: 'ctdaddr' }],
    ['ct original proto-src', { field: 'ctsport' }],
    ['ct original proto-dst', { field: 'ctdport' }],
    ['fib daddr type', { field: 'daddrtype' }],
    ['fib saddr type', { field: 'saddrtype' }],
    ['fib saddr . iif oif', { field: 'reverse' }],
    ['fib saddr . mark . iif oif', { field: 'reversemark' }],
    ['fib saddr oif', { field: 'reverseany' }],
    ['fib saddr . mark oif', { field: 'reverseanymark' }],
    ['meta skuid', { field: 'uid' }],
    ['meta skgid', { field: 'gid' }],
    ['meta cgroup', { field: 'cgroup' }],
    ['skuid', { field: 'uid' }],
    ['skgid', { field: 'gid' }],
    ['meta ipsec', { field: 'ipsecin' }],
    ['meta secpath', { field: 'ipsecin' }],
    ['rt ipsec', { field: 'ipsecout' }],
    ['ct state', { field: 'ctstate' }],
    ['ct status', { field: 'ctstatus' }],
    ['ct mark', { field: 'ctmark' }],
    ['ct direction', { field: 'ctdirection' }],
    ['meta iifname', { field: 'iif' }],
    ['meta oifname', { field: 'oif' }],
    ['meta iif', { field: 'iif' }],
    ['meta oif', { field: 'oif' }],
    ['meta mark', { field: 'mark' }],
    ['meta l4proto', { field: 'protocol' }],
    ['meta nfproto', { field: 'nfproto' }],
    ['meta protocol', { field: 'ethertype' }],
    ['meta pkttype', { field: 'pkttype' }],
    ['meta length', { field: 'length' }],
    ['iifname', { field: 'iif' }],
    ['oifname', { field: 'oif' }],
    ['iif', { field: 'iif' }],
    ['oif', { field: 'oif' }],
    ['mark', { field: 'mark' }],
    ['pkttype', { field: 'pkttype' }],
    ['ether type', { field: 'ethertype' }],
    ['ip saddr', { field: 'saddr4' }],
    ['ip daddr', { field: 'daddr4' }],
    ['ip6 saddr', { field: 'saddr6' }],
    ['ip6 daddr', { field: 'daddr6' }],
    ['ip protocol', { field: 'protocol4' }],
    ['ip6 nexthdr', { field: 'protocol6' }],
    ['ip length', { field: 'length' }],
    ['ip ttl', { field: 'ttl' }],
    ['tcp dport', { field: 'dport', protocol: tcp }],
    ['tcp sport', { field: 'sport', protocol: tcp }],
    ['tcp flags', { field: 'tcpflags', protocol: tcp }],
    ['udp dport', { field: 'dport', protocol: udp }],
    ['udp sport', { field: 'sport', protocol: udp }],
    ['th dport', { field: 'dport' }],
    ['th sport', { field: 'sport' }],
  ] satisfies [string, Known][]
).map(([words, known]) => [words.split(' '), known])

/** The selector that begins at a word; undefined where none does that this parser knows. */
export function selectorAt(words: NftWord[], at: number): Selector | undefined {
  const first = words[at]
  if (!first || first.quoted) return undefined
  const found = selectors.find(([parts]) => parts.every((part, offset) => words[at + offset]?.text === part))
  if (!found) return undefined
  const [parts, { field, protocol }] = found
  const masked = maskAt(words, at + parts.length)
  return {
    key: { field, ...(masked ? { mask: masked.mask } : {}) },
    ...(protocol === undefined ? {} : { protocol }),
    length: parts.length + (masked?.length ?? 0),
  }
}

/** `& 0xff`; older versions print `and 0xff`. Names of flags are read by the match itself. */
function maskAt(words: NftWord[], at: number): { mask: bigint; length: number } | undefined {
  if (words[at]?.text !== '&' && words[at]?.text !== 'and') return undefined
  const mask = numberIn(words[at + 1]?.text ?? '')
  return mask === undefined ? undefined : { mask, length: 2 }
}
