import {
  type Arrival,
  callsIp,
  follow,
  linkStop,
  packetOf,
  runBridge,
  runDevices,
  type Way,
} from './follow.ts'
import { runHook } from './hooks.ts'
import type { Host } from './host.ts'
import { type Connection, noConnection, type Packet } from './packet.ts'
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
 * `port`: the port of the bridge by which the answer comes in.
 */
export function answerWay(
  host: Host,
  { packet, route }: Extract<Way, { verdict: 'passes' }>,
  port?: string,
): Way {
  return follow(host, {
    family: packet.family,
    device: route?.device ?? 'lo',
    ...(port === undefined ? {} : { port }),
    ...{ saddr: packet.daddr, daddr: packet.saddr, sport: packet.dport, dport: packet.sport },
    tracked: answered(packet.connection),
    tcpFlags: synAck,
  })
}

/** A connection once its answer comes: without an entry, an answer is the beginning of nothing. */
function answered(connection: Connection): Connection {
  if (connection.state === 'untracked') return noConnection
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

/** Follows a frame between two ports of one bridge, which only br_netfilter shows to the hooks of IP. */
export function bridgedWay(host: Host, opening: Opening & { port: string; to: string }): Way {
  const { device, port, to, family } = opening
  for (const name of [device, port, to]) {
    const stop = linkStop(host, name)
    if (stop) return { verdict: 'dropped', stop }
  }
  const packet = packetOf(host, { ...opening, tcpFlags: syn })
  const first =
    runDevices(host, 'ingress', [port], packet) ?? runBridge(host, ['prerouting'], packet, [port, null])
  if (first) return stoppedAt(first)
  if (callsIp(host, family)) {
    const stop = throughIp(host, packet, to)
    if (stop) return stoppedAt(stop)
  }
  const last =
    runBridge(host, ['forward', 'postrouting'], packet, [port, to]) ??
    runDevices(host, 'egress', [to], packet)
  return last ? stoppedAt(last) : { verdict: 'passes', packet }
}

function throughIp(host: Host, packet: Packet, to: string) {
  const before = runHook(host.filter, 'prerouting', packet, host.nat)
  if (before) return before
  packet.oif = packet.iif
  packet.physout = to
  for (const hook of ['forward', 'postrouting'] as const) {
    const stop = runHook(host.filter, hook, packet, host.nat)
    if (stop) return stop
  }
  return undefined
}

const stoppedAt = (stop: NonNullable<ReturnType<typeof runBridge>>): Way => ({
  verdict: stop.verdict === 'unknown' ? 'unknown' : 'dropped',
  stop: { kind: 'rule', at: stop.at, verdict: stop.verdict },
})
