import {
  type Arrival,
  callsIp,
  follow,
  linkStop,
  newConnection,
  packetOf,
  routed,
  runBridge,
  runDevices,
  type Way,
} from './follow.ts'
import { runHook } from './hooks.ts'
import type { Host } from './host.ts'
import { type Connection, noConnection, type Packet } from './packet.ts'
import { followAnswer } from './sent.ts'
import { connectionStatuses } from './values.ts'

const syn = 2n
const synAck = 18n
const seenReply = (connectionStatuses['seen-reply'] ?? 0n) | (connectionStatuses.confirmed ?? 0n)

/** The first packet of a connection: where it comes in, and between which addresses. */
export type Opening = Omit<Arrival, 'tracked' | 'tcpFlags'>

/** Follows the first packet of a new connection. */
export const openingWay = (host: Host, opening: Opening): Way => follow(host, { ...opening, tcpFlags: syn })

/**
 * Follows the answer to a packet that left the host, or that a socket of the host got, back to where the connection came from.
 * `port`: the port of the bridge by which the answer comes in; `owner`: whose the socket of the host is, where that is known.
 */
export function answerWay(
  host: Host,
  { packet, route }: Extract<Way, { verdict: 'passes' }>,
  { port, owner }: { port?: string | undefined; owner?: Packet['owner'] } = {},
): Way {
  const tracked = answered(packet)
  if (!route) return followAnswer(host, packet, { tracked, owner })
  return follow(host, {
    family: packet.family,
    device: route.device ?? '',
    ...(port === undefined ? {} : { port }),
    ...{ saddr: packet.daddr, daddr: packet.saddr, sport: packet.dport, dport: packet.sport },
    ...{ protocol: packet.protocol, tracked, tcpFlags: synAck },
  })
}

/** A connection once its answer comes: without an entry, an answer of TCP is the beginning of nothing, and any other of a new one. */
function answered({ connection, protocol }: Packet): Connection {
  if (connection.state === 'untracked' || connection.status === null)
    return protocol === 6n ? noConnection : newConnection
  if (connection.state === undefined)
    return { ...connection, mark: undefined, status: undefined, reply: true }
  const { status } = connection
  return {
    ...connection,
    state: 'established',
    status: typeof status === 'bigint' ? status | seenReply : undefined,
    reply: true,
  }
}

/** A frame that comes in at one port of a bridge and leaves at another. */
export type Crossing = Opening & { port: string; to: string }

/** Follows a frame between two ports of one bridge, which only br_netfilter shows to the hooks of IP. */
export const bridgedWay = (host: Host, crossing: Crossing): Way =>
  bridged(host, { ...crossing, tcpFlags: syn })

/** Follows the answer to a frame that a container of the same bridge got. */
export function bridgedAnswer(
  host: Host,
  { packet }: Extract<Way, { verdict: 'passes' }>,
  { device, port, to }: Crossing,
): Way {
  return bridged(host, {
    ...{ family: packet.family, device, port: to, to: port, tcpFlags: synAck },
    ...{ saddr: packet.daddr, daddr: packet.saddr, sport: packet.dport, dport: packet.sport },
    ...{ protocol: packet.protocol, tracked: answered(packet) },
  })
}

function bridged(host: Host, arrival: Arrival & { port: string; to: string }): Way {
  const { device, port, to, family } = arrival
  for (const name of [device, port, to]) {
    const stop = linkStop(host, name)
    if (stop) return { verdict: 'dropped', stop }
  }
  const packet = packetOf(host, arrival)
  const first =
    runDevices(host, 'ingress', [port], packet) ?? runBridge(host, ['prerouting'], packet, [port, null])
  if (first) return stoppedAt(first)
  if (callsIp(host, family)) {
    const way = throughIp(host, packet, to)
    if (way) return way
  }
  const last =
    runBridge(host, ['forward'], packet, [port, to]) ??
    runBridge(host, ['postrouting'], packet, [null, to]) ??
    runDevices(host, 'egress', [to], packet)
  return last ? stoppedAt(last) : { verdict: 'passes', packet }
}

/** Undefined where the frame stays on its bridge. */
function throughIp(host: Host, packet: Packet, to: string): Way | undefined {
  const { daddr } = packet
  const before = runHook(host.filter, 'prerouting', packet, host.nat)
  if (before) return stoppedAt(before)
  // With another destination, the frame is routed like any packet.
  if (packet.daddr !== daddr && !packet.connection.reply) return routed(host, packet)
  packet.oif = packet.iif
  packet.physout = to
  const crossing = runHook(host.filter, 'forward', packet, host.nat)
  if (crossing) return stoppedAt(crossing)
  // br_netfilter calls this hook without the interface that the frame came in by.
  packet.iif = null
  const last = runHook(host.filter, 'postrouting', packet, host.nat)
  return last && stoppedAt(last)
}

const stoppedAt = (stop: NonNullable<ReturnType<typeof runBridge>>): Way => ({
  verdict: stop.verdict === 'unknown' ? 'unknown' : 'dropped',
  stop: { kind: 'rule', at: stop.at, verdict: stop.verdict },
})
