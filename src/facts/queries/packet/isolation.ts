import { type Area, seenIn } from '../../../core/observed.ts'
import { parseAddress, parseIpv4Network } from '../../../net/ip.ts'
import type { NetworkFact, RulesFact, TableFact } from '../../runner.ts'
import { isDockerNftTable } from '../runner/docker-rules.ts'
import { bridgeNetworks } from '../runner/rule-drift.ts'
import { type GuestHost, guestHostIn, type PacketView, settleMsOf } from './guests.ts'
import type { Place } from './model.ts'
import { openingWay } from './ways.ts'

/** A Docker network that another one reaches, which Docker’s rules should prevent, or whose rules are never reached. */
export interface Exposed {
  network: NetworkFact
  bridge: string
  /** The network that reaches it; absent where there is no container to follow a packet from or to. */
  from?: NetworkFact
  /** Chains of Docker for this network that exist, and to which nothing leads. */
  unreached: string[]
  /** The rule that lets the packet through; absent where no rule decides. */
  accepted?: Place
}

/**
 * A port that no container is likely to publish, and the last address of a subnet: published ports may be open to other networks,
 * and Docker has further rules for the addresses of containers that publish any.
 */
const port = 47_113n

/**
 * Follows a new connection between containers of two Docker networks. What operators accept in DOCKER-USER is meant, and so are
 * networks in the gateway mode `nat-unprotected`.
 */
export function exposedIn(runner: PacketView): Exposed[] {
  const first = exposedOf(runner, runner)
  if (!runner.again || first.length === 0) return first
  const second = new Set(exposedOf(runner, runner.again).map(({ bridge }) => bridge))
  return first.filter(({ bridge }) => second.has(bridge))
}

/** Whether one reading has chains of Docker that nothing leads to, those of networks included that are being created. */
export const seemsUnreached = (runner: PacketView): boolean =>
  exposedOf(runner, runner, 0).some(({ unreached }) => unreached.length > 0)

function exposedOf(
  runner: PacketView,
  rest: Pick<PacketView, 'networks' | 'links' | 'rules'>,
  settle = settleMsOf(runner),
): Exposed[] {
  const rules = seenIn(rest.rules)
  const found = guestHostIn(runner, { ...rest, rules: withoutOperators(rest.rules) }, settle)
  if (!rules || !found?.dockerWritesRules) return []
  const exposed = found.guests.flatMap(({ network, bridge, idle, family }) =>
    network && !idle && family === 'ip' && !isUnprotected(rules.tables, bridge)
      ? reached(found, { network, bridge }, rules)
      : [],
  )
  const known = new Set([...exposed.map(({ bridge }) => bridge), ...(rules.passing ?? [])])
  const others = (bridgeNetworks(runner, rest) ?? []).filter(
    ({ network, bridge }) =>
      !known.has(bridge) && found.host.links.has(bridge) && runner.at - (network.createdAt ?? 0) > settle,
  )
  return [
    ...exposed,
    ...others.flatMap(({ network, bridge }) => {
      const unreached = unreachedIn(rules.tables, bridge)
      return unreached.length > 0 ? [{ network, bridge, unreached }] : []
    }),
  ]
}

function reached(
  { host, guests }: GuestHost,
  { network, bridge }: { network: NetworkFact; bridge: string },
  { tables }: RulesFact,
): Exposed[] {
  const from = guests.find(
    (one) => one.network !== undefined && one.family === 'ip' && !one.idle && one.bridge !== bridge,
  )
  const subnet = network.subnets.map(parseIpv4Network).find((one) => one !== undefined)
  if (!from?.network || !subnet) return []
  const way = openingWay(host, {
    ...{ family: 'ip', device: from.bridge, ...(from.port === undefined ? {} : { port: from.port }) },
    ...{ saddr: numberOf(from.address), daddr: subnet.last - 1n, sport: 40_000n, dport: port },
  })
  if (way.verdict !== 'passes' || way.route?.device !== bridge) return []
  const accepted = way.packet.trail.findLast(({ base }) => base.hook === 'forward')
  return [
    {
      ...{ network, bridge, from: from.network, unreached: unreachedIn(tables, bridge) },
      ...(accepted ? { accepted } : {}),
    },
  ]
}

const numberOf = (text: string): bigint => parseAddress(text)?.value ?? 0n

const withoutOperators = (rules: Area<RulesFact>): Area<RulesFact> =>
  rules.seen
    ? { ...rules, value: { ...rules.value, tables: rules.value.tables.map(withoutUserRules) } }
    : rules

const withoutUserRules = (table: TableFact): TableFact => ({
  ...table,
  chains: table.chains.map((chain) => (chain.name === 'DOCKER-USER' ? { ...chain, rules: [] } : chain)),
})

/** How Docker writes that a network takes packets from anywhere. */
const isUnprotected = (tables: TableFact[], bridge: string): boolean =>
  tables.some((table) =>
    table.chains.some(({ name, rules }) =>
      isDockerNftTable(table)
        ? name === `filter-forward-in__${bridge}` && rules.some((rule) => rule.includes('"UNPROTECTED"'))
        : name === 'DOCKER' && rules.includes(`! -i ${bridge} -o ${bridge} -j ACCEPT`),
    ),
  )

/** The chains of a bridge to which no base chain leads, over jumps and the verdict maps that its rules ask. */
function unreachedIn(tables: TableFact[], bridge: string): string[] {
  return tables.filter(isDockerNftTable).flatMap((table) => {
    // A map that was not read whole may lead to any of them.
    if (table.sets?.some(({ incomplete }) => incomplete)) return []
    const reached = reachedIn(table)
    return table.chains
      .map(({ name }) => name)
      .filter((name) => name.endsWith(`__${bridge}`) && !reached.has(name))
  })
}

function reachedIn({ chains, sets = [] }: TableFact): Set<string> {
  const rules = new Map(chains.map((chain) => [chain.name, chain.rules]))
  const elements = new Map(sets.map((set) => [set.name, set.elements]))
  const reached = new Set(chains.filter(({ hook }) => hook !== undefined).map(({ name }) => name))
  // A set that grows while it is walked: each chain is visited once.
  for (const name of reached)
    for (const rule of rules.get(name) ?? []) {
      const asked = [...rule.matchAll(/\bvmap @(\S+)/g)].flatMap(([, map = '']) => elements.get(map) ?? [])
      for (const text of [rule, ...asked])
        for (const [, chain = ''] of text.matchAll(/\b(?:jump|goto) (\S+)/g)) reached.add(chain)
    }
  return reached
}
