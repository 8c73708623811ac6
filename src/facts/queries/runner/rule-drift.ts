import { seenIn } from '../../../core/observed.ts'
import type { LinkFact, NetworkFact, RulesFact } from '../../runner.ts'
import type { RunnerView } from '../../view.ts'
import { type DockerRule, dockerRulesIn, isDockerNftTable, isGeneratedName } from './docker-rules.ts'
import { missingRulesIn } from './expected-rules.ts'

/** The areas that are compared to find drift. */
export type DriftView = RunnerView<'vantage' | 'engine' | 'networks' | 'links' | 'rules' | 'churn'>

/** A bridge that rules name and that does not exist on the host. */
export interface StaleBridge {
  bridge: string
  rules: DockerRule[]
  /** Set where the engine still has the network: then the bridge itself was deleted, not an update of the rules lost. */
  network?: NetworkFact
}

/** A network whose bridge exists and some of whose rules do not. */
export interface UnprotectedNetwork {
  network: NetworkFact
  bridge: string
  /** How many of its rules exist. */
  present: number
  /** The rules that do not exist, as Docker writes them. */
  missing: string[]
}

/** Contradictions between the engine's networks, the host's links and its rules. */
export interface RuleDrift {
  staleBridges: StaleBridge[]
  unprotectedNetworks: UnprotectedNetwork[]
  /** Bridges that Docker created and that no network of the engine has. */
  orphanBridges: LinkFact[]
}

type Areas = Pick<DriftView, 'networks' | 'links' | 'rules'>

/**
 * How long a change takes to settle. Creating or removing a network takes well under a second (0.31 s measured on Docker
 * 20.10), longer on a slow host.
 */
export const settleMs = { read: 10_000, readTwice: 2_000 }

/**
 * Compares networks, links and rules as sets. Draws no conclusion from rules that were truncated or unreadable, from an area that
 * was not inspected, or about a network that changed during the inspection. Where the areas were read twice, only what both
 * readings show counts.
 */
export function ruleDrift(runner: DriftView): RuleDrift {
  const first = withoutRecentChanges(runner, compare(runner, runner))
  if (!runner.again) return first
  const second = withoutRecentChanges(runner, compare(runner, runner.again))
  const inFirst = {
    stale: new Set(first.staleBridges.map(({ bridge }) => bridge)),
    unprotected: new Set(first.unprotectedNetworks.map(({ bridge }) => bridge)),
    orphans: new Set(first.orphanBridges.map(({ name }) => name)),
  }
  return {
    staleBridges: second.staleBridges.filter(({ bridge }) => inFirst.stale.has(bridge)),
    unprotectedNetworks: second.unprotectedNetworks.filter(({ bridge }) => inFirst.unprotected.has(bridge)),
    orphanBridges: second.orphanBridges.filter(({ name }) => inFirst.orphans.has(name)),
  }
}

/** Whether the first reading contradicts itself, recent changes included. */
export function isInconsistent(runner: DriftView): boolean {
  const { staleBridges, unprotectedNetworks, orphanBridges } = compare(runner, runner)
  return staleBridges.length + unprotectedNetworks.length + orphanBridges.length > 0
}

/** Whether every rule was read, so that a rule that was not seen does not exist. */
export const isComplete = ({ truncated, unread }: RulesFact): boolean => !truncated && unread.length === 0

/** Docker's bridge networks; undefined where the engine is not Docker or was not observed. */
export function bridgeNetworks({ engine }: RunnerView<'engine'>, { networks }: Pick<Areas, 'networks'>) {
  if (seenIn(engine)?.flavour !== 'docker') return undefined
  return seenIn(networks)?.flatMap((network) =>
    network.driver === 'bridge' && network.bridge !== undefined ? [{ network, bridge: network.bridge }] : [],
  )
}

export type Networks = NonNullable<ReturnType<typeof bridgeNetworks>>

function compare(runner: DriftView, areas: Areas): RuleDrift {
  const links = seenIn(areas.links)
  const rules = seenIn(areas.rules)
  if (!links || links.length === 0) return { staleBridges: [], unprotectedNetworks: [], orphanBridges: [] }
  const byName = new Map(links.map((link) => [link.name, link]))
  const all = bridgeNetworks(runner, areas) ?? []
  const networks = isSameNamespace(runner, all, byName) ? all : []
  const docker =
    rules &&
    dockerRulesIn(
      rules,
      networks.map(({ bridge }) => bridge),
    )
  return {
    staleBridges: docker ? staleBridgesIn(docker.byBridge, byName, networks) : [],
    unprotectedNetworks:
      rules && docker && isComplete(rules) ? unprotectedNetworksIn(networks, byName, docker) : [],
    orphanBridges: networks.length > 0 ? orphanBridgesIn(links, networks, docker?.byBridge) : [],
  }
}

/**
 * Whether the engine's bridges are among these links. A rootless engine, or one in a container, has its bridges in its own
 * namespace, where they say nothing about the host's rules. A snapshot container always shares the engine's namespace.
 */
export function isSameNamespace(
  { vantage }: Pick<DriftView, 'vantage'>,
  networks: Networks,
  links: Map<string, LinkFact>,
): boolean {
  if (vantage.hostView === 'sibling') return true
  const generated = networks.filter(({ bridge }) => isGeneratedName(bridge))
  if (generated.length > 0) return generated.some(({ bridge }) => links.has(bridge))
  return !vantage.rootless && !vantage.nested && networks.some(({ bridge }) => links.has(bridge))
}

function staleBridgesIn(
  byBridge: Map<string, DockerRule[]>,
  links: Map<string, LinkFact>,
  networks: Networks,
): StaleBridge[] {
  return [...byBridge].flatMap(([bridge, rules]): StaleBridge[] => {
    if (links.has(bridge)) return []
    const network = networks.find((one) => one.bridge === bridge)?.network
    if (network) return [{ bridge, rules, network }]
    return isUserBridge(bridge, rules) ? [{ bridge, rules }] : []
  })
}

/**
 * Whether a bridge that the engine does not report was created for a user's network: by its generated name, or by a rule in
 * Docker's own chains. `docker0` and `docker_gwbridge` do not count: they can belong to an engine that was stopped and removed,
 * whose rules are harmless.
 */
const isUserBridge = (bridge: string, rules: DockerRule[]): boolean =>
  isGeneratedName(bridge) ||
  (!['docker0', 'docker_gwbridge'].includes(bridge) &&
    rules.some(({ chain }) => /^DOCKER-(?:ISOLATION-STAGE-1|CT)$|__/.test(chain)))

function unprotectedNetworksIn(
  networks: Networks,
  links: Map<string, LinkFact>,
  docker: ReturnType<typeof dockerRulesIn>,
): UnprotectedNetwork[] {
  // Without any of Docker's rules there is nothing to compare with: see docker-chain-missing.
  if (docker.tables.length === 0) return []
  const missingRules = missingRulesIn(docker.tables)
  return networks.flatMap(({ network, bridge }): UnprotectedNetwork[] => {
    if (!links.has(bridge)) return []
    const present = (docker.byBridge.get(bridge) ?? []).filter(({ family }) => family === 'ip')
    const missing = missingRules(network, bridge, present)
    return missing.length > 0 ? [{ network, bridge, present: present.length, missing }] : []
  })
}

function orphanBridgesIn(
  links: LinkFact[],
  networks: Networks,
  byBridge: Map<string, DockerRule[]> | undefined,
): LinkFact[] {
  const known = new Set(networks.map(({ bridge }) => bridge))
  const ids = new Set(networks.map(({ network }) => `br-${network.id.slice(0, 12)}`))
  const used = new Set(links.map(({ master }) => master))
  return links.filter(({ name, kind, index }) => {
    if (kind !== 'bridge' || !isGeneratedName(name) || known.has(name) || ids.has(name)) return false
    // Without an index only names were read, so what is attached to the bridge is unknown.
    if (index === undefined || used.has(name)) return false
    // A bridge with rules in the filter table is in use by a second engine; a create that failed half-way leaves only masquerading.
    return !byBridge?.get(name)?.some(({ table, backend }) => backend === 'native' || table === 'filter')
  })
}

/** Leaves out networks and bridges that changed during the inspection or shortly before it. */
function withoutRecentChanges(
  runner: DriftView,
  { staleBridges, unprotectedNetworks, orphanBridges }: RuleDrift,
): RuleDrift {
  const since = runner.at - (runner.again ? settleMs.readTwice : settleMs.read)
  const recent = seenIn(runner.churn)?.changes.filter(({ at }) => at >= since) ?? []
  const bridges = new Set([
    ...recent.flatMap(({ bridge }) => (bridge === undefined ? [] : [bridge])),
    ...(seenIn(runner.rules)?.passing ?? []),
    ...((runner.again && seenIn(runner.again.rules)?.passing) ?? []),
  ])
  const names = new Set(recent.map(({ name }) => name))
  const isSettled = ({ createdAt = 0, name }: NetworkFact) => createdAt < since && !names.has(name)
  return {
    staleBridges: staleBridges.filter(
      ({ bridge, network }) => !bridges.has(bridge) && (!network || isSettled(network)),
    ),
    unprotectedNetworks: unprotectedNetworks.filter(
      ({ bridge, network }) => !bridges.has(bridge) && isSettled(network),
    ),
    orphanBridges: orphanBridges.filter(({ name }) => !bridges.has(name)),
  }
}

/** Whether Docker keeps its rules in its own nftables tables, which no iptables program changes. */
export const isNftablesMode = (runner: RunnerView<'engine' | 'rules'>): boolean =>
  seenIn(runner.engine)?.firewall === 'nftables' ||
  (seenIn(runner.rules)?.tables.some(isDockerNftTable) ?? false)
