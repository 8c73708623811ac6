import { includesAddress, type Network, parseNetwork, prefixLength } from '../../../net/ip.ts'
import type { PolicyRule, RoutingFact, TableRoute } from '../../routing.ts'
import type { AddressType, Packet } from './packet.ts'
import { protocolNumber } from './values.ts'

/** Where a packet goes, by which rule; `none`: no table has a route to it. `unknown`: that depends on what is not known. */
export type Routed =
  | { kind: 'route'; route: TableRoute; rule: PolicyRule }
  | { kind: 'none' }
  | { kind: 'refused'; rule: PolicyRule }
  | { kind: 'unknown'; rule: PolicyRule }

/** What the lookup of a route reads of a packet. */
export type RouteKey = Pick<
  Packet,
  'family' | 'saddr' | 'daddr' | 'iif' | 'protocol' | 'sport' | 'dport' | 'mark' | 'owner'
> & {
  /** Only routes by this interface count. */
  by?: string
}

interface Entry {
  route: TableRoute
  network: Network | undefined
  length: number
}

/** The kernel's choice of a route for packets of one host. */
export interface Routing {
  lookup(key: RouteKey): Routed
  typeOf(family: Packet['family'], address: bigint): AddressType
  /** The routes of IPv4 to destinations by an interface, in all tables. */
  routesBy(device: string): TableRoute[]
}

/** Prepares the rules and routes of a host for lookups. `ofVrf`: the devices that are in a VRF, or are one. */
export function routingOf(
  { rules, routes }: Pick<RoutingFact, 'rules' | 'routes'>,
  ofVrf: ReadonlySet<string> = new Set(),
): Routing {
  const tables = new Map<string, Entry[]>()
  for (const route of routes.filter(({ dead }) => !dead)) {
    const key = `${route.family} ${route.table}`
    const entry = { route, network: networkOf(route.destination), length: prefixLength(route.destination) }
    const table = tables.get(key)
    if (table) table.push(entry)
    else tables.set(key, [entry])
  }
  for (const table of tables.values())
    table.sort((a, b) => b.length - a.length || a.route.metric - b.route.metric)
  const ordered = rules.toSorted((a, b) => a.priority - b.priority)
  return {
    lookup: (key) => lookup({ rules: ordered, tables, ofVrf }, key),
    routesBy: (device) =>
      routes.filter(
        (one) => one.device === device && one.family === 'ip' && one.type === 'unicast' && !one.dead,
      ),
    typeOf(family, address) {
      const multicast = family === 'ip' ? address >> 28n === 0xen : address >> 120n === 0xffn
      if (multicast) return 'multicast'
      const found = best(tables.get(`${family} local`), { family, daddr: address })
      const type = found?.route.type
      return type === 'local' || type === 'broadcast' ? type : 'unicast'
    },
  }
}

const networkOf = (destination: string): Network | undefined =>
  destination === 'default' ? undefined : parseNetwork(destination)

const versionOf = (family: Packet['family']): 4 | 6 => (family === 'ip' ? 4 : 6)

function best(
  table: Entry[] | undefined,
  { family, daddr, by }: Pick<RouteKey, 'family' | 'daddr' | 'by'>,
  suppress = -1,
): Entry | undefined {
  const address = { version: versionOf(family), value: daddr }
  const found = table?.find(
    ({ route, network }) =>
      (by === undefined || [route.device, ...(route.alternatives ?? [])].includes(by)) &&
      (route.destination === 'default' || (network !== undefined && includesAddress(network, address))),
  )
  return found && found.length > suppress ? found : undefined
}

interface Tables {
  rules: PolicyRule[]
  tables: Map<string, Entry[]>
  ofVrf: ReadonlySet<string>
}

function lookup({ rules, tables, ofVrf }: Tables, key: RouteKey): Routed {
  let from = -1
  let doubtful: Extract<Routed, { kind: 'route' | 'refused' }> | undefined
  for (const rule of rules) {
    if (rule.family !== key.family || rule.priority < from) continue
    const match = selects(rule, key)
    if (match === 'no') continue
    // The table is that of the VRF in which the packet comes in, and no other packet's.
    if (rule.l3mdev) {
      if (ofVrf.has(key.iif ?? '')) return { kind: 'unknown', rule }
      continue
    }
    if (rule.goto !== undefined) {
      if (match === 'maybe') return { kind: 'unknown', rule }
      from = rule.goto
      continue
    }
    const result = resultOf(rule, tables, key)
    if (!result) continue
    if (match === 'maybe') doubtful ??= result
    else return doubtful && !isSame(doubtful, result) ? { kind: 'unknown', rule: doubtful.rule } : result
  }
  return doubtful ? { kind: 'unknown', rule: doubtful.rule } : { kind: 'none' }
}

function resultOf(
  rule: PolicyRule,
  tables: Map<string, Entry[]>,
  key: RouteKey,
): Extract<Routed, { kind: 'route' | 'refused' }> | undefined {
  if (rule.action !== undefined && rule.action !== 'lookup')
    return rule.action === 'nop' ? undefined : { kind: 'refused', rule }
  const found = best(tables.get(`${key.family} ${rule.table}`), key, rule.suppress)
  return !found || found.route.type === 'throw' ? undefined : { kind: 'route', route: found.route, rule }
}

const isSame = (a: Routed, b: Routed): boolean =>
  a.kind === 'route' && b.kind === 'route'
    ? a.route.type === b.route.type && a.route.device === b.route.device
    : a.kind === b.kind

type Selected = 'yes' | 'no' | 'maybe'

function selects(rule: PolicyRule, key: RouteKey): Selected {
  const holds = [
    inNetwork(rule.from, key.family, key.saddr),
    inNetwork(rule.to, key.family, key.daddr),
    rule.iif === undefined || rule.iif === key.iif,
    // Only for packets of the host's own sockets.
    rule.oif === undefined,
    rule.protocol === undefined || protocolNumber(rule.protocol) === key.protocol,
    // Nothing that is followed here has a type of service, or came out of a tunnel with an id.
    rule.tos === undefined,
    rule.tunnel === undefined,
    inRange(rule.sport, key.sport),
    inRange(rule.dport, key.dport),
  ]
  if (holds.includes(false)) return rule.negated ? 'yes' : 'no'
  const rest = [hasMark(rule.mark, key.mark), hasUser(rule.uids, key.owner)]
  if (rest.includes('no')) return rule.negated ? 'yes' : 'no'
  if (rest.includes('maybe') || (rule.others?.length ?? 0) > 0) return 'maybe'
  return rule.negated ? 'no' : 'yes'
}

const inRange = (range: [number, number] | undefined, port: bigint): boolean =>
  range === undefined || (BigInt(range[0]) <= port && port <= BigInt(range[1]))

function inNetwork(text: string | undefined, family: Packet['family'], value: bigint): boolean {
  if (text === undefined) return true
  const network = parseNetwork(text)
  return network !== undefined && includesAddress(network, { version: versionOf(family), value })
}

/** What is not sent by a program of this host counts as root's (sock_net_uid). */
function hasUser(uids: PolicyRule['uids'], owner: RouteKey['owner']): Selected {
  if (!uids) return 'yes'
  const uid = owner ? owner.uid : 0n
  if (uid === undefined) return 'maybe'
  return BigInt(uids[0]) <= uid && uid <= BigInt(uids[1]) ? 'yes' : 'no'
}

function hasMark(wanted: PolicyRule['mark'], mark: bigint | undefined): Selected {
  if (!wanted) return 'yes'
  if (mark === undefined) return 'maybe'
  return (mark & BigInt(wanted.mask)) === BigInt(wanted.value) ? 'yes' : 'no'
}
