import { parseAddress } from '../../../net/ip.ts'
import {
  atRule,
  dropped,
  leaving,
  linkStop,
  loopbackStop,
  packetOf,
  received,
  runDevices,
  unrouted,
  type Way,
} from './follow.ts'
import { runHook } from './hooks.ts'
import type { Host } from './host.ts'
import type { Connection, Packet } from './packet.ts'
import type { Routed } from './routing.ts'

/** A new connection of a program on the host itself. */
export interface Sending {
  family: 'ip' | 'ip6'
  daddr: bigint
  sport: bigint
  dport: bigint
  /** Whose program it is; unknown by default. */
  owner?: NonNullable<Packet['owner']>
}

const syn = 2n
const synAck = 18n

/** Follows the first packet of a connection that a program on the host opens, out of the host or to another socket of it. */
export function followSent(host: Host, sending: Sending): Way {
  const { owner = {}, ...ends } = sending
  const packet = ownPacket(host, owner, { ...ends, saddr: 0n, tcpFlags: syn })
  const source = sourceOf(host, packet)
  // Without a route, or without an address to send from, it does not begin.
  return source === undefined ? unrouted({ kind: 'none' }, packet) : sent(host, { ...packet, saddr: source })
}

/** Follows the answer of a socket of the host: `packet` is what the socket got, and `owner` whose it is. */
export function followAnswer(
  host: Host,
  packet: Packet,
  { tracked, owner = {} }: { tracked: Connection; owner?: NonNullable<Packet['owner']> | undefined },
): Way {
  const { family, saddr, daddr, sport, dport, protocol } = packet
  const turned = { family, saddr: daddr, daddr: saddr, sport: dport, dport: sport, protocol }
  return sent(host, ownPacket(host, owner, { ...turned, tracked, tcpFlags: synAck }))
}

function ownPacket(
  host: Host,
  owner: NonNullable<Packet['owner']>,
  arrival: Omit<Parameters<typeof packetOf>[1], 'device'>,
): Packet {
  return { ...packetOf(host, { ...arrival, device: 'lo' }), iif: null, owner }
}

const lookup = (host: Host, packet: Packet): Routed => host.routing.lookup({ ...packet, iif: 'lo' })

/** The address that the kernel chooses for a packet without one: a connection to an own address has that at both ends. */
function sourceOf(host: Host, packet: Packet): bigint | undefined {
  if (host.routing.typeOf(packet.family, packet.daddr) === 'local') return packet.daddr
  const found = lookup(host, packet)
  if (found.kind !== 'route') return undefined
  const { device = '', source } = found.route
  return parseAddress(source ?? '')?.value ?? host.nat.masquerade(device, packet)
}

const sent = (host: Host, packet: Packet): Way => ({ packet, ...onFrom(host, packet) })

function onFrom(host: Host, packet: Packet): Way {
  const { daddr } = packet
  const first = lookup(host, packet)
  if (first.kind !== 'route') return unrouted(first, packet)
  packet.oif = first.route.type === 'local' ? 'lo' : (first.route.device ?? null)
  const stop = runHook(host.filter, 'output', packet, host.nat)
  if (stop) return atRule(stop)
  // A mark that a rule set, or another destination, can lead elsewhere.
  const last = packet.mark === 0n && packet.daddr === daddr ? first : lookup(host, packet)
  if (last.kind !== 'route') return unrouted(last, packet)
  const { route, rule } = last
  if (route.type === 'local') return looped(host, packet)
  const device = route.device ?? ''
  if (route.type !== 'unicast')
    return dropped({ kind: 'route', towards: packet.daddr, reverse: false, rule, route })
  const gone = linkStop(host, device)
  if (gone) return dropped(gone)
  packet.oif = device
  return loopbackStop(host, packet, device) ?? leaving(host, packet, last)
}

/** Out and in again by the loopback interface: conntrack and NAT keep what they decided on the way out. */
function looped(host: Host, packet: Packet): Way {
  packet.oif = 'lo'
  const out =
    runHook(host.filter, 'postrouting', packet, host.nat) ?? runDevices(host, 'egress', ['lo'], packet)
  if (out) return atRule(out)
  const { owner: _sender, ...rest } = packet
  const back: Packet = { ...rest, iif: 'lo', oif: null, looped: true }
  const stop =
    runDevices(host, 'ingress', ['lo'], back) ??
    runHook(host.filter, 'prerouting', back, host.nat) ??
    runHook(host.filter, 'input', received(back), host.nat)
  return stop ? atRule(stop) : { verdict: 'passes', packet: back }
}
