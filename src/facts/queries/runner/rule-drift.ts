import { seenIn } from '../../../core/observed.ts'
import type { LinkFact, NetworkFact, RulesFact } from '../../runner.ts'
import type { RunnerView } from '../../view.ts'
import { type DockerRule, dockerRulesIn, isGeneratedName, isNative } from './docker-rules.ts'
import { lackingIn } from './expected-rules.ts'

/** What is compared to find drift. */
export type DriftView = RunnerView<'vantage' | 'engine' | 'networks' | 'links' | 'rules' | 'churn'>

/** A bridge that rules name and the host does not have. */
export interface StaleBridge {
  bridge: string
  rules: DockerRule[]
  /** The engine still has the network: not a lost update of the rules, the bridge itself was taken away. */
  network?: NetworkFact
}

/** A network with a bridge, whose rules are not all there. */
export interface UnprotectedNetwork {
  network: NetworkFact
  bridge: string
  /** How many of its rules there are. */
  present: number
  /** The rules that are not there, as Docker writes them. */
  lacks: string[]
}

/** What does not go together among the engine's networks, the host's links and its rules. */
export interface RuleDrift {
  stale: StaleBridge[]
  bare: UnprotectedNetwork[]
  /** Bridges of Docker's making that no network of the engine has. */
  orphans: LinkFact[]
}

type Areas = Pick<DriftView, 'networks' | 'links' | 'rules'>

/** A network takes well under a second to make or remove (0.31 s measured on Docker 20.10); a slow host takes longer. */
const settleMs = { read: 10_000, readTwice: 2_000 }

/**
 * Compares networks, links and rules as sets. Nothing is concluded from rules that were cut off or could not be read, from
 * a look that was not had, or of a network that came or went at the time of the look; where everything was read twice,
 * only what both readings show counts.
 */
export function ruleDrift(runner: DriftView): RuleDrift {
  const now = settled(runner, compare(runner, runner))
  if (!runner.again) return now
  const then = settled(runner, compare(runner, runner.again))
  const first = {
    stale: new Set(now.stale.map(({ bridge }) => bridge)),
    bare: new Set(now.bare.map(({ bridge }) => bridge)),
    orphans: new Set(now.orphans.map(({ name }) => name)),
  }
  return {
    stale: then.stale.filter(({ bridge }) => first.stale.has(bridge)),
    bare: then.bare.filter(({ bridge }) => first.bare.has(bridge)),
    orphans: then.orphans.filter(({ name }) => first.orphans.has(name)),
  }
}

/** Whether a first reading gives ground to read again: something does not go together, settled or not. */
export function isInconsistent(runner: DriftView): boolean {
  const { stale, bare, orphans } = compare(runner, runner)
  return stale.length + bare.length + orphans.length > 0
}

/** Whether no rule was left out, so that one that is not there is missing. */
export const isWhole = ({ truncated, unread }: RulesFact): boolean => !truncated && unread.length === 0

/** The engine's bridge networks; undefined where there is no Docker to ask. */
export function dockerNetworks({ engine }: RunnerView<'engine'>, { networks }: Pick<Areas, 'networks'>) {
  if (seenIn(engine)?.flavour !== 'docker') return undefined
  return seenIn(networks)?.flatMap((network) =>
    network.driver === 'bridge' && network.bridge !== undefined ? [{ network, bridge: network.bridge }] : [],
  )
}

function compare(runner: DriftView, looks: Areas): RuleDrift {
  const links = seenIn(looks.links)
  const rules = seenIn(looks.rules)
  const networks = dockerNetworks(runner, looks)
  const nothing: RuleDrift = { stale: [], bare: [], orphans: [] }
  if (!links || links.length === 0) return nothing
  const byName = new Map(links.map((link) => [link.name, link]))
  const here = networks && isHere(runner, networks, byName) ? networks : []
  const named = here.map(({ bridge }) => bridge)
  const docker = rules && dockerRulesIn(rules, named)
  return {
    stale: docker ? staleIn(docker.byBridge, byName, here) : [],
    bare: rules && docker && isWhole(rules) ? unprotectedIn(here, byName, docker) : [],
    orphans: here.length > 0 ? orphansIn(links, here, docker?.byBridge) : [],
  }
}

/**
 * Whether the engine's bridges are among these links. Those of a rootless engine, or of one in a container, are in a
 * namespace of their own, and say nothing of the host's rules; a sibling is always where its engine is.
 */
function isHere({ vantage }: DriftView, networks: Networks, links: Map<string, LinkFact>): boolean {
  if (vantage.hostView === 'sibling') return true
  const own = networks.filter(({ bridge }) => isGeneratedName(bridge))
  if (own.length > 0) return own.some(({ bridge }) => links.has(bridge))
  return !vantage.rootless && !vantage.nested && networks.some(({ bridge }) => links.has(bridge))
}

type Networks = NonNullable<ReturnType<typeof dockerNetworks>>

function staleIn(
  byBridge: Map<string, DockerRule[]>,
  links: Map<string, LinkFact>,
  networks: Networks,
): StaleBridge[] {
  return [...byBridge].flatMap(([bridge, rules]): StaleBridge[] => {
    if (links.has(bridge)) return []
    const network = networks.find((one) => one.bridge === bridge)?.network
    if (network) return [{ bridge, rules, network }]
    return isVanished(bridge, rules) ? [{ bridge, rules }] : []
  })
}

/**
 * Where the engine does not name a bridge, its own chains must: `docker0` and its like may be of an engine that was
 * stopped and removed, whose rules do no harm.
 */
const isVanished = (bridge: string, rules: DockerRule[]): boolean =>
  isGeneratedName(bridge) ||
  (!['docker0', 'docker_gwbridge'].includes(bridge) &&
    rules.some(({ chain }) => /^DOCKER-(?:ISOLATION-STAGE-1|CT)$|__/.test(chain)))

function unprotectedIn(
  networks: Networks,
  links: Map<string, LinkFact>,
  docker: ReturnType<typeof dockerRulesIn>,
): UnprotectedNetwork[] {
  // Without a trace of Docker in any table there is nothing to compare with: see docker-chain-missing.
  if (docker.tables.length === 0) return []
  const lacking = lackingIn(docker.tables)
  return networks.flatMap(({ network, bridge }): UnprotectedNetwork[] => {
    if (!links.has(bridge)) return []
    const present = (docker.byBridge.get(bridge) ?? []).filter(({ family }) => family === 'ip')
    const lacks = lacking(network, bridge, present)
    return lacks.length > 0 ? [{ network, bridge, present: present.length, lacks }] : []
  })
}

function orphansIn(
  links: LinkFact[],
  networks: Networks,
  byBridge: Map<string, DockerRule[]> | undefined,
): LinkFact[] {
  const known = new Set(networks.map(({ bridge }) => bridge))
  const ids = new Set(networks.map(({ network }) => `br-${network.id.slice(0, 12)}`))
  const used = new Set(links.map(({ master }) => master))
  return links.filter(({ name, kind, index }) => {
    if (kind !== 'bridge' || !isGeneratedName(name) || known.has(name) || ids.has(name)) return false
    // Where only names are seen, nobody knows what is at the bridge.
    if (index === undefined || used.has(name)) return false
    // A bridge with a masquerading rule is in use: a second engine made it.
    return !byBridge
      ?.get(name)
      ?.some(({ chain, rule }) => chain.includes('postrouting') || /MASQUERADE|SNAT/.test(rule))
  })
}

/** Leaves out what came or went at the time of the look. */
function settled(runner: DriftView, { stale, bare, orphans }: RuleDrift): RuleDrift {
  const since = runner.at - (runner.again ? settleMs.readTwice : settleMs.read)
  const recent = seenIn(runner.churn)?.changes.filter(({ at }) => at >= since) ?? []
  const bridges = new Set([
    ...recent.flatMap(({ bridge }) => (bridge === undefined ? [] : [bridge])),
    ...(seenIn(runner.rules)?.passing ?? []),
    ...((runner.again && seenIn(runner.again.rules)?.passing) ?? []),
  ])
  const names = new Set(recent.map(({ name }) => name))
  const old = ({ createdAt = 0, name }: NetworkFact) => createdAt < since && !names.has(name)
  return {
    stale: stale.filter(({ bridge, network }) => !bridges.has(bridge) && (!network || old(network))),
    bare: bare.filter(({ bridge, network }) => !bridges.has(bridge) && old(network)),
    orphans: orphans.filter(({ name }) => !bridges.has(name)),
  }
}

/** Whether Docker keeps its rules in its own nftables tables, where no iptables program reaches them. */
export const isNftablesMode = (runner: RunnerView<'engine' | 'rules'>): boolean =>
  seenIn(runner.engine)?.firewall === 'nftables' || (seenIn(runner.rules)?.tables.some(isNative) ?? false)
