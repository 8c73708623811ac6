import type { RulesFact, TableFact } from '../../runner.ts'
import type { Packet } from './packet.ts'

/** What a rule can read of a packet. `saddr4` and `saddr6` differ, as each is absent from packets of the other family. */
export type Field =
  | 'iif'
  | 'oif'
  | 'physin'
  | 'physout'
  | 'saddr4'
  | 'daddr4'
  | 'saddr6'
  | 'daddr6'
  | 'protocol'
  | 'protocol4'
  | 'protocol6'
  | 'nfproto'
  | 'ethertype'
  | 'sport'
  | 'dport'
  | 'tcpflags'
  | 'length'
  | 'ttl'
  | 'pkttype'
  | 'mark'
  | 'ctmark'
  | 'ctstate'
  | 'ctstatenat'
  | 'ctstatus'
  | 'ctdirection'
  | 'ctsaddr'
  | 'ctdaddr'
  | 'ctsport'
  | 'ctdport'
  | 'saddrtype'
  | 'daddrtype'
  | 'fragment'
  /** Of the socket that sent the packet, or that gets it. */
  | 'uid'
  | 'gid'
  | 'cgroup'
  | 'socket'
  /** Whether a route leads back: by the interface that the packet came in by (`reverse`), or by any; `mark`: as its mark leads. */
  | 'reverse'
  | 'reversemark'
  | 'reverseany'
  | 'reverseanymark'
  /** Whether the packet came in by IPsec, and whether it leaves by that. */
  | 'ipsecin'
  | 'ipsecout'

/** A field, of which only the bits of the mask count. */
export interface Key {
  field: Field
  mask?: bigint
}

/** What a field is compared with: a range of numbers, any of some bits, or a text, which may be the beginning of one. */
export type Pattern = { first: bigint; last: bigint } | { bits: bigint } | { text: string; prefix: boolean }

/** One element of a set or map: a pattern for each key, in order. `unknown`: a pattern that this parser cannot read. */
export interface Element {
  patterns: (Pattern | 'unknown')[]
  verdict?: Verdict
}

/** The elements of a named set; `incomplete` where not all were kept. */
export interface Elements {
  list: Element[]
  incomplete: boolean
}

/** What NAT does to the first packet of a connection; an address or port that is absent stays as it is. */
export interface Translation {
  what: 'dnat' | 'snat' | 'masquerade' | 'redirect'
  address?: bigint
  port?: bigint
  /** The port is one of these, up to this one; a port that is one of them stays. */
  lastPort?: bigint
  /** The target is chosen from several, or by something that this parser cannot read. */
  unknown?: true
}

export type Verdict =
  | { kind: 'accept' | 'drop' | 'reject' | 'return' | 'continue' }
  | { kind: 'jump' | 'goto'; chain: string }
  | { kind: 'translate'; to: Translation }
  /** A target that this parser does not know, or a program that decides: anything can happen to the packet. */
  | { kind: 'unknown'; text: string }

/** How a mark changes: it becomes `(itself & keep) ^ (the other mark & take) ^ xor`. */
export interface MarkChange {
  keep: bigint
  take: bigint
  xor: bigint
}

/** Any element matches; negated, none does. */
export interface MatchStep {
  kind: 'match'
  keys: Key[]
  elements: Element[]
  incomplete: boolean
  negated: boolean
  /** The match holds for a packet that lacks the field; by default it does not, negated or not. */
  holdsWithout?: true
}

/** One part of a rule, in order. */
export type Step =
  | MatchStep
  /** A match that this parser cannot read, or that depends on time, rate or the state of a program. */
  | { kind: 'unknown'; text: string }
  | { kind: 'map'; keys: Key[]; elements: Element[]; incomplete: boolean }
  /** `change` is absent where the new mark cannot be read from the rule. */
  | { kind: 'mark'; field: 'mark' | 'ctmark'; change?: MarkChange }
  | { kind: 'untrack' }
  | { kind: 'verdict'; verdict: Verdict }

export interface Rule {
  /** As `iptables-save` or `nft` prints it. */
  text: string
  steps: Step[]
}

export interface Chain {
  name: string
  rules: () => Rule[]
  /** Of these, in their order, all that may match a packet. */
  rulesFor: (packet: Packet) => readonly Rule[]
  /** Rules of it were left out of the facts. */
  incomplete: boolean
}

/** A table with its chains by name. */
export interface Table {
  backend: TableFact['backend']
  family: TableFact['family']
  name: string
  chains: Map<string, Chain>
  /** Those that rules of iptables name. */
  ipsets?: NonNullable<RulesFact['ipsets']>
}

export type Hook = 'ingress' | 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'egress'

/** A chain that the kernel calls at a hook. */
export interface BaseChain {
  table: Table
  chain: Chain
  hook: Hook
  type: 'filter' | 'nat'
  priority: number
  policy: 'accept' | 'drop'
  devices: string[]
}

/** Where a packet filter decided: a rule, or the policy of a base chain. */
export interface Place {
  base: BaseChain
  chain: string
  /** Absent: the policy. */
  rule?: string
}

/** All base chains of a host, in the order in which a hook calls them. */
export interface Filter {
  bases: BaseChain[]
}
