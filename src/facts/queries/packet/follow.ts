import type { PolicyRule, TableRoute } from '../../routing.ts'
import type { LinkFact } from '../../runner.ts'
import { runHook, type Stopped } from './hooks.ts'
import type { Host } from './host.ts'
import { type Connection, noConnection, type Packet } from './packet.ts'
import { hasWayBack, reverseStop } from './reverse.ts'
import type { Routed } from './routing.ts'
import { walkBase } from './walk.ts'

/** Why a packet does not get on, or what that depends on. */
export type Stop =
  | { kind: 'rule'; at: Stopped['at']; verdict: Stopped['verdict'] }
  | { kind: 'sysctl'; name: string; value: string }
  /** `back`: the packet would leave by the port that it came in by; `closed`: its bridge does not forward at this port. */
  | {
      kind: 'link'
      name: string
      why: 'missing' | 'down' | 'closed' | 'detached' | 'without address' | 'back'
    }
  /** The lookup of the route for `towards`, an address; or for the source of a packet where `reverse`. */
  | { kind: 'route'; towards: bigint; reverse: boolean; rule?: PolicyRule; route?: TableRoute }

/** How far a packet gets through a host. */
export type Way =
  | {
      verdict: 'passes'
      /** As it leaves, or as a socket of the host gets it. */
      packet: Packet
      /** Absent: it is delivered to the host itself. */
      route?: TableRoute
      /** The rule of `ip rule` that led to the route. */
      rule?: PolicyRule
    }
  | {
      verdict: 'dropped' | 'unknown'
      stop: Stop
      /** As it was when it was stopped, once a hook has seen it. */
      packet?: Packet
      /** Where it was about to go, if its route was found. */
      route?: TableRoute
      rule?: PolicyRule
    }

/** A packet as it arrives at an interface of the host; `port` is the bridge's port, if the interface is a bridge. */
export interface Arrival {
  family: 'ip' | 'ip6'
  device: string
  port?: string
  saddr: bigint
  daddr: bigint
  /** TCP by default. */
  protocol?: bigint
  sport: bigint
  dport: bigint
  /** The connection that it belongs to; a new one by default. */
  tracked?: Connection
  tcpFlags: bigint
}

export const newConnection: Connection = { state: 'new', status: 0n, mark: 0n, reply: false }

/** The packet of an arrival before any hook has seen it. */
export function packetOf(host: Host, arrival: Arrival): Packet {
  const { family, device, port, saddr, daddr, sport, dport, tracked = newConnection, tcpFlags } = arrival
  return {
    ...{ family, iif: device, oif: null, saddr, daddr, sport, dport, tcpFlags, mark: 0n },
    protocol: arrival.protocol ?? 6n,
    physin: port !== undefined && callsIp(host, family) ? port : null,
    physout: null,
    connection: noConnection,
    tracked,
    trail: [],
    typeOf: (address) => host.routing.typeOf(family, address),
    reverse: (packet, how) => hasWayBack(host, packet, how),
    ipsec: host.ipsec,
    work: host.work,
  }
}

/** Whether br_netfilter passes the frames of bridges to the hooks of IP. */
export const callsIp = (host: Host, family: Packet['family']): boolean =>
  host.sysctl(`net.bridge.bridge-nf-call-${family === 'ip' ? 'iptables' : 'ip6tables'}`) === '1'

/** A way that ends here. */
export const dropped = (stop: Stop): Way => ({ verdict: 'dropped', stop })
/** A way that ends at a rule, or whose end depends on one. */
export const atRule = ({ at, verdict }: Stopped): Way => ({
  verdict: verdict === 'unknown' ? 'unknown' : 'dropped',
  stop: { kind: 'rule', at, verdict },
})

/** Follows a packet from an interface of the host to where it leaves, or to the host's own sockets. */
export function follow(host: Host, arrival: Arrival): Way {
  const { device, port } = arrival
  const arrived = linkStop(host, device) ?? (port === undefined ? undefined : portStop(host, port, device))
  if (arrived) return dropped(arrived)
  const packet = packetOf(host, arrival)
  const early = runDevices(host, 'ingress', port === undefined ? [device] : [port, device], packet)
  if (early) return atRule(early)
  const onBridge =
    port === undefined ? undefined : runBridge(host, ['prerouting', 'input'], packet, [port, null])
  if (onBridge) return atRule(onBridge)
  const before = runHook(host.filter, 'prerouting', packet, host.nat)
  if (before) return atRule(before)
  return routed(host, packet)
}

/** A way that ends for want of a route. */
export function unrouted(found: Exclude<Routed, { kind: 'route' }>, { daddr: towards }: Packet): Way {
  const stop: Stop = {
    kind: 'route',
    towards,
    reverse: false,
    ...('rule' in found ? { rule: found.rule } : {}),
  }
  return { verdict: found.kind === 'unknown' ? 'unknown' : 'dropped', stop }
}

/** Follows a packet on from where its route is looked up. */
export const routed = (host: Host, packet: Packet): Way => ({ packet, ...onFrom(host, packet) })

function onFrom(host: Host, packet: Packet): Way {
  const found = host.routing.lookup(packet)
  if (found.kind !== 'route') return unrouted(found, packet)
  const towards = packet.daddr
  const { route, rule } = found
  if (route.type === 'local')
    return (
      reverseStop(host, packet) ?? loopbackStop(host, packet, packet.iif ?? '') ?? delivered(host, packet)
    )
  const closed = forwardingStop(host, packet)
  if (closed) return dropped(closed)
  const isUsable = route.type === 'unicast' && route.device !== undefined
  if (!isUsable) return dropped({ kind: 'route', towards, reverse: false, rule, route })
  return reverseStop(host, packet, route.device) ?? { route, rule, ...forwarded(host, packet, found) }
}

/**
 * Packets from or to addresses of the loopback network cross another interface only with `route_localnet`, as Docker sets it for
 * its bridges where it runs without docker-proxy.
 */
export function loopbackStop(host: Host, { family, saddr, daddr }: Packet, device: string): Way | undefined {
  const isOurs = (address: bigint) => address >> 24n === 127n
  if (family === 'ip6' || device === 'lo' || !(isOurs(saddr) || isOurs(daddr))) return undefined
  const names = ['all', device].map((one) => `net.ipv4.conf.${one}.route_localnet`)
  const values = names.map((one) => host.sysctl(one))
  if (values.includes('1')) return undefined
  const stop: Stop = { kind: 'sysctl', name: names[1] ?? '', value: values[1] ?? 'not read' }
  return { verdict: values.includes(undefined) ? 'unknown' : 'dropped', stop }
}

function delivered(host: Host, packet: Packet): Way {
  const last = runHook(host.filter, 'input', received(packet), host.nat)
  return last ? atRule(last) : { verdict: 'passes', packet }
}

/** The kernel knows the socket that an answer is for before the hook `input` (tcp_v4_early_demux). */
export function received(packet: Packet): Packet {
  if (packet.connection.reply) packet.owner = {}
  return packet
}

type Found = Extract<Routed, { kind: 'route' }>

function forwarded(host: Host, packet: Packet, found: Found): Way {
  const device = found.route.device ?? ''
  const gone = linkStop(host, device) ?? backStop(packet, device)
  if (gone) return dropped(gone)
  packet.oif = device
  const stop = runHook(host.filter, 'forward', packet, host.nat)
  return stop ? atRule(stop) : leaving(host, packet, found)
}

/** A packet that NAT sends back to the container that sent it. */
const backStop = ({ iif, daddr, connection }: Packet, device: string): Stop | undefined =>
  device === iif && connection.original?.saddr === daddr && !connection.reply
    ? { kind: 'link', name: device, why: 'back' }
    : undefined

/** Follows a packet on from where its route is known: to its next hop. */
export function leaving(host: Host, packet: Packet, { route, rule }: Found): Way {
  const device = route.device ?? ''
  const last =
    runHook(host.filter, 'postrouting', packet, host.nat) ??
    (host.links.get(device)?.kind === 'bridge'
      ? // By which port of the bridge it leaves is only in the bridge's own table.
        runBridge(host, ['output', 'postrouting'], packet, [null, undefined])
      : undefined) ??
    runDevices(host, 'egress', [device], packet)
  return last ? atRule(last) : { verdict: 'passes', packet, route, rule }
}

/** Why an interface carries nothing. */
export function linkStop(host: Host, name: string): Stop | undefined {
  const link = host.links.get(name)
  if (!link) return { kind: 'link', name, why: 'missing' }
  return link.up === false ? { kind: 'link', name, why: 'down' } : undefined
}

function portStop(host: Host, port: string, bridge: string): Stop | undefined {
  const stop = linkStop(host, port)
  if (stop) return stop
  const isAttached = (host.links.get(port) as LinkFact).master === bridge
  return isAttached ? undefined : { kind: 'link', name: port, why: 'detached' }
}

/** Chains of single devices see every packet that arrives or leaves there. */
export function runDevices(
  host: Host,
  hook: 'ingress' | 'egress',
  devices: string[],
  packet: Packet,
): Stopped | undefined {
  for (const device of devices) {
    const seen = { ...packet, iif: device, oif: hook === 'egress' ? device : null }
    for (const base of host.filter.bases) {
      if (base.hook !== hook || !base.devices.includes(device)) continue
      const outcome = walkBase(base, seen)
      if (outcome.verdict !== 'accept') return outcome
    }
    packet.mark = seen.mark
  }
  return undefined
}

/** Chains of the family `bridge` see the frames of a bridge with its ports as interfaces. */
export function runBridge(
  { filter }: Host,
  hooks: ('prerouting' | 'input' | 'forward' | 'output' | 'postrouting')[],
  packet: Packet,
  [iif, oif]: [string | null, string | null | undefined],
): Stopped | undefined {
  const seen: Packet = { ...packet, iif, oif }
  for (const hook of hooks) {
    for (const base of filter.bases) {
      if (base.table.family !== 'bridge' || base.hook !== hook) continue
      const outcome = walkBase(base, seen)
      if (outcome.verdict !== 'accept') return outcome
    }
  }
  packet.mark = seen.mark
  return undefined
}

/** IPv4 looks at the interface that the packet came in by, IPv6 at the whole host, and since Linux 6.17 at an exception for it. */
function forwardingStop(host: Host, { family, iif }: Packet): Stop | undefined {
  if (family === 'ip6' && host.sysctl(`net.ipv6.conf.${iif}.force_forwarding`) === '1') return undefined
  const names =
    family === 'ip6'
      ? ['net.ipv6.conf.all.forwarding']
      : [`net.ipv4.conf.${iif}.forwarding`, 'net.ipv4.ip_forward']
  const own = names.find((name) => host.sysctl(name) !== undefined)
  if (own === undefined || host.sysctl(own) !== '0') return undefined
  // The setting of all interfaces is what people set, where it has the same value.
  const name = host.sysctl('net.ipv4.ip_forward') === '0' && family === 'ip' ? 'net.ipv4.ip_forward' : own
  return { kind: 'sysctl', name, value: '0' }
}
