import { seenIn } from '../../../core/observed.ts'
import { contains, parseIpv4Network } from '../../../net/ip.ts'
import type { NetworkFact, RulesFact, TableFact } from '../../runner.ts'
import type { RunnerView } from '../../view.ts'
import { dockerRulesIn } from './docker-rules.ts'
import { missingRulesIn } from './expected-rules.ts'
import {
  bridgeNetworks,
  type DriftView,
  isComplete,
  isNftablesMode,
  isSameNamespace,
  type Networks,
  settleMs,
} from './rule-drift.ts'

export type FlushView = DriftView & RunnerView<'daemons'>

/** A table, or the whole packet filter, that was flushed after Docker wrote its rules. */
export interface Flush {
  /** `nothing left`: neither a chain nor a rule of Docker's; `empty`: chains without the rules of its networks. */
  state: 'nothing left' | 'empty'
  /** The tables without rules of these networks. */
  tables: ('filter' | 'nat' | 'docker-bridges')[]
  /** The networks that lost all their rules in one of the tables. */
  networks: NetworkFact[]
  /** Those of them whose packets must be masqueraded, and are not. */
  unmasqueraded: NetworkFact[]
  /** Networks that were created since, and have their rules. */
  since: NetworkFact[]
  /** FORWARD drops what nothing accepts. */
  drops: boolean
}

type Areas = Pick<FlushView, 'networks' | 'links' | 'rules'>

/**
 * Whether a flush explains the missing rules: the networks that lost all their rules in a table are the oldest ones, and every
 * network created later has them. A program that writes back an old copy of the rules loses the newest instead. Undefined where
 * Docker is known to write no rules. Where the areas were read twice, only what both readings show counts.
 */
export function flushIn(runner: FlushView): Flush | undefined {
  const since = runner.at - (runner.again ? settleMs.readTwice : settleMs.read)
  const first = flushOf(runner, runner, since)
  return first && runner.again ? flushOf(runner, runner.again, since) : first
}

/** Whether one reading looks like a flush, networks included that are being created. */
export const seemsFlushed = (runner: FlushView): boolean => flushOf(runner, runner, runner.at) !== undefined

function flushOf(runner: FlushView, areas: Areas, since: number): Flush | undefined {
  const rules = seenIn(areas.rules)
  const networks = comparable(runner, areas, since)
  if (!rules || !isComplete(rules) || networks.length === 0 || writesNoRules(runner)) return undefined
  const losses = lossesIn(runner, rules, networks)
  const { tables } = losses
  if (tables.length === 0) return undefined
  const lost = new Set(tables.flatMap(({ lost }) => lost))
  const isMasqueraded = masquerading(rules)
  const unmasqueraded = networks.map(({ network }) => network).filter((network) => !isMasqueraded(network))
  // With `iptables: false`, operators masquerade networks themselves.
  if (losses.nothingLeft && unmasqueraded.length === 0 && !writesRules(runner)) return undefined
  return {
    state: losses.nothingLeft ? 'nothing left' : 'empty',
    tables: tables.map(({ name }) => name),
    networks: [...lost],
    unmasqueraded,
    since: networks.map(({ network }) => network).filter((network) => !lost.has(network)),
    drops: rules.tables.some(dropsForwarded),
  }
}

/** Docker's bridge networks that existed before `since` and whose bridges are among the links. */
function comparable(runner: FlushView, areas: Areas, since: number): Networks {
  const links = new Map((seenIn(areas.links) ?? []).map((link) => [link.name, link]))
  const all = bridgeNetworks(runner, areas) ?? []
  const rootless = runner.vantage.rootless || (seenIn(runner.engine)?.rootless ?? false)
  if ((rootless && runner.vantage.hostView !== 'sibling') || !isSameNamespace(runner, all, links)) return []
  return all.filter(({ bridge, network: { createdAt = 0 } }) => links.has(bridge) && createdAt <= since)
}

/** `iptables: false`, where the daemon's configuration could be read. */
const writesNoRules = ({ daemons = [] }: FlushView): boolean =>
  daemons.length > 0 && daemons.every(({ writesRules }) => writesRules === false)

/** Whether a daemon is known to write rules. */
export const writesRules = ({ daemons = [] }: Pick<FlushView, 'daemons'>): boolean =>
  daemons.some((daemon) => daemon.writesRules === true)

interface TableLoss {
  name: Flush['tables'][number]
  lost: NetworkFact[]
}

function lossesIn(
  runner: FlushView,
  rules: RulesFact,
  networks: Networks,
): { nothingLeft: boolean; tables: TableLoss[] } {
  const docker = dockerRulesIn(
    rules,
    networks.map(({ bridge }) => bridge),
  )
  const all = networks.map(({ network }) => network)
  const isNftables = isNftablesMode(runner)
  // Docker 28 and later have tables of IPv6 as well, which a flush of IPv4 leaves.
  if (!docker.tables.some(({ family }) => family === 'ip')) {
    const names: TableLoss['name'][] = isNftables ? ['docker-bridges'] : ['filter', 'nat']
    return { nothingLeft: true, tables: names.map((name) => ({ name, lost: all })) }
  }
  if (isNftables) {
    const hasRules = (bridge: string) =>
      docker.byBridge.get(bridge)?.some(({ family, rule }) => family === 'ip' && rule !== '') ?? false
    const lost = networks.filter(({ bridge }) => !hasRules(bridge)).map(({ network }) => network)
    const having = all.filter((network) => !lost.includes(network))
    return {
      nothingLeft: false,
      tables: lostOldest(lost, having) ? [{ name: 'docker-bridges', lost }] : [],
    }
  }
  const missingRules = missingRulesIn(docker.tables)
  const without = (table: 'filter' | 'nat') =>
    networks
      .filter(({ network, bridge }) => {
        const present = (docker.byBridge.get(bridge) ?? []).filter((rule) => rule.family === 'ip')
        const missing = missingRules(network, bridge, present)
        return (
          missing.some((rule) => rule.startsWith(`${table} `)) &&
          !present.some((rule) => rule.table === table)
        )
      })
      .map(({ network }) => network)
  const tables = (['filter', 'nat'] as const)
    .map((name) => ({ name, lost: without(name) }))
    .filter(({ name, lost }) => {
      const having = all.filter(
        (network) => !lost.includes(network) && (name === 'filter' || needsNat(network)),
      )
      return lostOldest(lost, having)
    })
  return { nothingLeft: false, tables }
}

const needsNat = ({ internal, masquerade }: NetworkFact): boolean => !internal && masquerade

/** Docker creates the default network, and the rules of all existing ones, whenever it starts. */
const startOf = (networks: NetworkFact[]): number =>
  networks.find(({ bridge }) => bridge === 'docker0')?.createdAt ?? 0

/**
 * Whether each of these networks got its rules before each of the others. One alone proves nothing while others have theirs,
 * unless it is the default network, whose rules Docker writes only when it starts.
 */
export function lostOldest(lost: NetworkFact[], having: NetworkFact[]): boolean {
  if (lost.length === 0) return false
  if (having.length === 0) return true
  const started = startOf([...lost, ...having])
  const writtenAt = ({ createdAt = 0 }: NetworkFact) => Math.max(createdAt, started)
  const proves = lost.length > 1 || lost.some(({ bridge }) => bridge === 'docker0')
  return proves && Math.max(...lost.map(writtenAt)) < Math.min(...having.map(writtenAt))
}

/** Whether a network needs no masquerading, or some rule masquerades it. */
function masquerading({ tables }: RulesFact): (network: NetworkFact) => boolean {
  const missingRules = missingRulesIn(tables)
  const native = tables
    .filter(({ backend }) => backend === 'native')
    .flatMap(({ chains }) => chains.flatMap(({ rules }) => rules))
    .filter((rule) => /\b(?:masquerade|snat)\b/.test(rule))
  return (network) =>
    !needsNat(network) ||
    native.some((rule) => coversSource(rule, network)) ||
    !missingRules(network, network.bridge ?? '', []).some((rule) => /MASQUERADE|masquerading/.test(rule))
}

/** Whether a rule of nft applies to a network's sources: it names their range, or no source at all. */
function coversSource(rule: string, { subnets }: NetworkFact): boolean {
  const source = /\bip saddr (\S+)/.exec(rule)?.[1]
  const range = source === undefined ? undefined : parseIpv4Network(source)
  if (!range) return source === undefined
  return subnets
    .flatMap((subnet) => parseIpv4Network(subnet) ?? [])
    .every((subnet) => contains(range, subnet))
}

const dropsForwarded = ({ family, backend, name, chains }: TableFact): boolean =>
  backend !== 'native' &&
  family === 'ip' &&
  name === 'filter' &&
  chains.some((chain) => chain.name === 'FORWARD' && chain.policy === 'DROP')
