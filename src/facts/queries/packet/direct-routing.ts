import { seenIn } from '../../../core/observed.ts'
import { formatAddress, parseAddress, parseIpv4Network } from '../../../net/ip.ts'
import type { LinkFact, RulesFact, TableFact } from '../../runner.ts'
import { isDockerNftTable } from '../runner/docker-rules.ts'
import { type GuestHost, guestHostIn } from './guests.ts'
import type { Place } from './model.ts'
import { type PublishedPort, type PublishedView, publishedPortsIn } from './published-ports.ts'
import { answerWay, openingWay } from './ways.ts'

/** A rule of Docker that drops what peers of a VPN send to a container's own address. */
export interface DirectRouting {
  /** The interface of the VPN. */
  device: string
  /** A peer's address, and the container's. */
  from: string
  to: string
  port: number
  at: Place
  /** A rule that names the interface accepts what would come after it, so that somebody wants it. */
  accepted?: Place
}

const vpnKinds = new Set(['wireguard', 'tun'])
const vpnNames = /^(?:wg|tailscale|tun|zt|nebula|nb-|wt)[\w-]*\d+$/
const sport = 40_000n

/**
 * Follows new connections of VPN peers to the ports of containers that are published, at the containers' own addresses. Only what
 * would get there, and be answered, without these rules is returned; one for each interface.
 */
export function droppedDirectly(runner: PublishedView): DirectRouting[] {
  const rules = seenIn(runner.rules)
  const found = guestHostIn(runner)
  if (!rules || !found?.dockerWritesRules) return []
  const places = placesOf(publishedPortsIn(runner, found))
  if (places.length === 0) return []
  const open = guestHostIn(runner, { ...runner, rules: { seen: true, value: withoutDrops(rules), from: '' } })
  return open
    ? [...found.host.links.values()].filter(isVpn).flatMap((link) => droppedAt(link, found, open, places))
    : []
}

const isVpn = ({ name, kind, up }: LinkFact): boolean =>
  up !== false && kind !== 'bridge' && (vpnKinds.has(kind) || vpnNames.test(name))

interface Target {
  address: bigint
  port: number
  guestPort?: string | undefined
}

const placesOf = (ports: PublishedPort[]): Target[] =>
  ports.flatMap(({ places, containerPort }) =>
    places.map(({ address, guestPorts }) => ({ address, port: containerPort, guestPort: guestPorts[0] })),
  )

function droppedAt(
  { name: device, addresses }: LinkFact,
  found: GuestHost,
  open: GuestHost,
  targets: Target[],
): DirectRouting[] {
  const saddr = peerOf(device, addresses, found)
  if (saddr === undefined) return []
  for (const { address: daddr, port, guestPort } of targets) {
    const opening = { family: 'ip' as const, device, saddr, daddr, sport, dport: BigInt(port) }
    const way = openingWay(found.host, opening)
    if (way.verdict !== 'dropped' || way.stop.kind !== 'rule' || !isDrop(way.stop.at)) continue
    const there = openingWay(open.host, opening)
    const isAnswered =
      there.verdict === 'passes' && answerWay(open.host, there, { port: guestPort }).verdict === 'passes'
    if (!isAnswered) continue
    const accepted = there.packet.trail.findLast(
      ({ base, rule = '' }) =>
        base.hook === 'forward' && rule.replaceAll('"', '').split(' ').includes(device),
    )
    return [
      {
        ...{ device, from: textOf(saddr), to: textOf(daddr), port, at: way.stop.at },
        ...(accepted && accepted.chain !== 'ts-forward' ? { accepted } : {}),
      },
    ]
  }
  return []
}

const textOf = (value: bigint): string => formatAddress({ version: 4, value })

/** An address that a route leads to the interface: that of a peer. A default route leads to the Internet, not to peers. */
function peerOf(device: string, addresses: string[], { host }: GuestHost): bigint | undefined {
  const own = new Set(addresses.map((one) => parseAddress(one.split('/')[0] ?? '')?.value))
  for (const { destination } of host.routing.routesBy(device)) {
    const network = parseIpv4Network(destination)
    if (!network || network.last - network.first > 0xff_ffffn) continue
    const candidates = [network.first, network.first + 1n, network.first + 2n]
    const peer = candidates.find(
      (one) =>
        !own.has(one) && one <= network.last && (one > network.first || network.first === network.last),
    )
    if (peer !== undefined) return peer
  }
  return undefined
}

/**
 * Docker 28 drops what does not come in by the bridge before routing: in the table raw (28.0 for each published port, later for the
 * container), or in its own.
 */
const isDrop = ({ base, chain, rule }: Place): boolean =>
  rule !== undefined && isDropIn(base.table, chain, rule)

const isDropIn = (table: Pick<TableFact, 'backend' | 'name'>, chain: string, rule: string): boolean =>
  table.backend === 'native'
    ? isDockerNftTable({ family: 'ip', chains: [], ...table }) && /^raw-PREROUTING/.test(chain)
    : table.name === 'raw' && chain === 'PREROUTING' && /^-d \S+ ! -i \S+ (?:-p tcp .*)?-j DROP$/.test(rule)

const withoutDrops = (rules: RulesFact): RulesFact => ({
  ...rules,
  tables: rules.tables.map((table) => ({
    ...table,
    chains: table.chains.map((chain) => ({
      ...chain,
      rules: chain.rules.filter((rule) => !isDropIn(table, chain.name, rule)),
    })),
  })),
})
