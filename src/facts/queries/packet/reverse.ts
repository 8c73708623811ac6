import type { Stop, Way } from './follow.ts'
import type { Host } from './host.ts'
import type { Packet } from './packet.ts'

/**
 * Whether the kernel accepts the packet's source at this interface (fib_validate_source): with `rp_filter` 1 the way back must
 * lead there, with 2 there must be any way back. It is looked up as for a packet that comes in by the interface `leavesBy`.
 */
export function reverseStop(host: Host, packet: Packet, leavesBy = 'lo'): Way | undefined {
  if (packet.family === 'ip6' || typeof packet.iif !== 'string') return undefined
  const { iif, saddr, daddr, sport, dport } = packet
  const value = (name: string) => Number(host.sysctl(`net.ipv4.conf.${name}`) ?? 0)
  const filters = [`all.rp_filter`, `${iif}.rp_filter`]
  const strict = Math.max(...filters.map(value))
  if (strict === 0) return undefined
  const marked = Math.max(value('all.src_valid_mark'), value(`${iif}.src_valid_mark`)) > 0
  const back = host.routing.lookup({
    ...packet,
    ...{ saddr: daddr, daddr: saddr, sport: dport, dport: sport, iif: leavesBy },
    mark: marked ? packet.mark : 0n,
  })
  const lost = (stop: Partial<Extract<Stop, { kind: 'route' }>> = {}): Way => ({
    verdict: back.kind === 'unknown' ? 'unknown' : 'dropped',
    stop: { kind: 'route', towards: saddr, reverse: true, ...stop },
  })
  if (back.kind === 'unknown') return lost({ rule: back.rule })
  if (back.kind !== 'route') return lost()
  const { route, rule } = back
  const devices = [route.device, ...(route.alternatives ?? [])]
  const accepted = route.type === 'unicast' && (strict === 2 || devices.includes(iif))
  return accepted ? undefined : lost({ rule, route })
}

/**
 * The same question as a rule asks it (ipt_rpfilter.c, nft_fib_ipv4.c): what comes by the loopback interface has a way back, and an
 * address of this host has none. Undefined where it depends on what is not known.
 */
export function hasWayBack(
  { routing }: Host,
  packet: Packet,
  { strict, marked }: { strict: boolean; marked: boolean },
): boolean | undefined {
  const { family, iif, saddr, daddr, mark } = packet
  if (typeof iif !== 'string') return undefined
  if (iif === 'lo') return true
  const back = routing.lookup({
    ...{ family, saddr: daddr, daddr: saddr, iif: 'lo', mark: marked ? mark : 0n },
    ...{ protocol: 0n, sport: 0n, dport: 0n },
    // IPv6 looks for a route by this interface, IPv4 at the interface of its route.
    ...(strict && family === 'ip6' ? { by: iif } : {}),
  })
  if (back.kind === 'unknown') return undefined
  if (back.kind !== 'route' || back.route.type !== 'unicast') return false
  return !strict || [back.route.device, ...(back.route.alternatives ?? [])].includes(iif)
}
