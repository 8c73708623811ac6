import type { Field, Place } from './model.ts'
import { connectionStates, connectionStatuses } from './values.ts'

export type AddressType = 'local' | 'broadcast' | 'multicast' | 'unicast'

/** A packet on its way through the host. A value that is `undefined` is unknown; an interface that is absent is `null`. */
export interface Packet {
  family: 'ip' | 'ip6'
  /** Interfaces by name, as far as the hook has them. */
  iif: string | null | undefined
  oif: string | null | undefined
  /** The ports of a bridge, where br_netfilter passes its frames to IP's hooks, or for rules of the family `bridge`. */
  physin: string | null
  physout: string | null
  saddr: bigint
  daddr: bigint
  protocol: bigint
  sport: bigint
  dport: bigint
  tcpFlags: bigint
  mark: bigint | undefined
  connection: Connection
  /** What conntrack attaches to the packet when it sees it, unless a rule before that says `notrack`. */
  tracked: Connection
  /** It came back in by the loopback interface: conntrack and NAT have seen it when it left. */
  looped?: true
  /** The program whose socket sent it, or gets it as an answer; absent where it has no socket here. An id that is absent is unknown. */
  owner?: { uid?: bigint }
  /** The rules that accepted or translated the packet, each for its base chain, and those that exempted it from conntrack. */
  trail: Place[]
  /** The kind of an address, by the table `local`. */
  typeOf: (address: bigint) => AddressType
  /** Whether a route leads back to where it came from. */
  reverse: (packet: Packet, how: { strict: boolean; marked: boolean }) => boolean | undefined
  /** False where the host has no policies of IPsec. */
  ipsec: boolean | undefined
  /** Rules that were looked at so far, for all packets of the host. */
  work: { rules: number }
}

/** What conntrack knows of a packet's connection. */
export interface Connection {
  /** Before conntrack has seen the packet it counts as invalid. */
  state: 'new' | 'established' | 'invalid' | 'untracked' | undefined
  /** Bits of the status; null without an entry. */
  status: bigint | null | undefined
  mark: bigint | undefined
  reply: boolean
  /** The first packet's addresses and ports before any translation. */
  original?: { saddr: bigint; daddr: bigint; sport: bigint; dport: bigint }
}

/** A packet that conntrack has not seen, or that belongs to no connection it could know. */
export const noConnection: Connection = { state: 'invalid', status: null, mark: undefined, reply: false }

/** The value of a field: `undefined` is unknown, `null` is absent, and then no match holds, not even a negated one of nft. */
export type Reading = bigint | string | null | undefined

const bit = (table: Record<string, bigint>, name: string): bigint => table[name] ?? 0n
const snat = bit(connectionStatuses, 'snat')
const dnat = bit(connectionStatuses, 'dnat')

const readers: Record<Field, (packet: Packet) => Reading> = {
  // Where a hook has no interface, nft and iptables compare with an empty name.
  iif: ({ iif }) => (iif === null ? '' : iif),
  oif: ({ oif }) => (oif === null ? '' : oif),
  physin: ({ physin }) => physin,
  physout: ({ physout }) => physout,
  saddr4: ({ family, saddr }) => (family === 'ip' ? saddr : null),
  daddr4: ({ family, daddr }) => (family === 'ip' ? daddr : null),
  saddr6: ({ family, saddr }) => (family === 'ip6' ? saddr : null),
  daddr6: ({ family, daddr }) => (family === 'ip6' ? daddr : null),
  protocol: ({ protocol }) => protocol,
  protocol4: ({ family, protocol }) => (family === 'ip' ? protocol : null),
  protocol6: ({ family, protocol }) => (family === 'ip6' ? protocol : null),
  nfproto: ({ family }) => (family === 'ip' ? 'ipv4' : 'ipv6'),
  ethertype: ({ family }) => family,
  sport: ({ sport }) => sport,
  dport: ({ dport }) => dport,
  tcpflags: ({ protocol, tcpFlags }) => (protocol === 6n ? tcpFlags : null),
  length: () => undefined,
  ttl: () => undefined,
  pkttype: () => 'host',
  mark: ({ mark }) => mark,
  ctmark: ({ connection }) => (connection.status === null ? null : connection.mark),
  ctstate: ({ connection: { state } }) => (state === undefined ? undefined : connectionStates[state]),
  ctstatenat: ({ connection: { state, status } }) => {
    if (state === undefined || status === undefined) return undefined
    const translated = (status ?? 0n) & (snat | dnat)
    return bit(connectionStates, state) | (translated << 3n)
  },
  ctstatus: ({ connection }) => connection.status,
  ctdirection: ({ connection }) => ofEntry(connection, () => (connection.reply ? 'reply' : 'original')),
  ctsaddr: ({ connection }) => ofEntry(connection, ({ saddr }) => saddr),
  ctdaddr: ({ connection }) => ofEntry(connection, ({ daddr }) => daddr),
  ctsport: ({ connection }) => ofEntry(connection, ({ sport }) => sport),
  ctdport: ({ connection }) => ofEntry(connection, ({ dport }) => dport),
  saddrtype: ({ typeOf, saddr }) => typeOf(saddr),
  daddrtype: ({ typeOf, daddr }) => typeOf(daddr),
  fragment: () => 0n,
  uid: ({ owner }) => (owner ? owner.uid : null),
  gid: ({ owner }) => (owner ? undefined : null),
  cgroup: ({ owner }) => (owner ? undefined : null),
  socket: ({ owner }) => (owner ? '' : null),
  reverse: (packet) => flag(packet.reverse(packet, { strict: true, marked: false })),
  reversemark: (packet) => flag(packet.reverse(packet, { strict: true, marked: true })),
  reverseany: (packet) => flag(packet.reverse(packet, { strict: false, marked: false })),
  reverseanymark: (packet) => flag(packet.reverse(packet, { strict: false, marked: true })),
  // Those that are followed come as plain packets.
  ipsecin: () => 0n,
  ipsecout: ({ ipsec }) => (ipsec === false ? 0n : undefined),
}

const flag = (value: boolean | undefined): Reading => (value === undefined ? undefined : value ? 1n : 0n)

function ofEntry(
  { status, original }: Connection,
  read: (original: NonNullable<Connection['original']>) => Reading,
): Reading {
  if (status === null) return null
  return original === undefined ? undefined : read(original)
}

/** What a rule reads in a field of the packet. */
export const read = (packet: Packet, field: Field): Reading => readers[field](packet)
