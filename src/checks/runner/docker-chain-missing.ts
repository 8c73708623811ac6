import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { dockerRulesIn } from '../../facts/queries/runner/docker-rules.ts'
import { bridgeNetworks, isComplete, isNftablesMode } from '../../facts/queries/runner/rule-drift.ts'
import type { RulesFact } from '../../facts/runner.ts'
import type { RunnerView } from '../../facts/view.ts'
import { runnerCheck } from '../runner-check.ts'

type View = RunnerView<'engine' | 'networks' | 'links' | 'rules' | 'vantage' | 'churn'>

export default runnerCheck({
  id: 'docker-chain-missing',
  title: 'Docker’s chains exist, and FORWARD jumps to them',
  fault:
    'Docker chains missing: chains that Docker created at startup are gone, so another program flushed the packet filter since.',
  severity: 'error',
  advice:
    'When no job is running, restart Docker: “systemctl restart docker” recreates its chains. Until then, creating a network or publishing a port fails.',
  covers: [
    'container-no-egress',
    'networks-not-isolated',
    'published-port-unreachable',
    'containers-cannot-reach-each-other',
    'icc-not-enforced',
  ],
  reads: ['runner.engine', 'runner.networks', 'runner.links', 'runner.rules'],
  consults: ['runner.vantage', 'runner.churn'],
  run: (runner) => {
    const rules = seenIn(runner.rules)
    return rules && isComparable(runner, rules) ? faults(runner, rules) : []
  },
})

/** Only where Docker runs, writes its rules with iptables, and has its bridges among the observed links. */
function isComparable(runner: View, rules: RulesFact): boolean {
  const links = new Set(seenIn(runner.links)?.map(({ name }) => name))
  const networks = bridgeNetworks(runner, runner) ?? []
  const rootless = runner.vantage.rootless || (seenIn(runner.engine)?.rootless ?? false)
  if (rootless && runner.vantage.hostView !== 'sibling') return false
  return isComplete(rules) && !isNftablesMode(runner) && networks.some(({ bridge }) => links.has(bridge))
}

function faults(runner: View, rules: RulesFact): Fault[] {
  const names = bridgeNetworks(runner, runner)?.map(({ bridge }) => bridge)
  const { tables } = dockerRulesIn(rules, names)
  const ipv4 = tables.filter(({ family }) => family === 'ip')
  // Nothing left at all: see docker-rules-flushed.
  if (ipv4.length === 0) return []
  const chains = new Set(ipv4.flatMap(({ name, chains }) => chains.map((chain) => `${name} ${chain.name}`)))
  const missing = ['nat DOCKER', 'filter DOCKER', 'filter DOCKER-USER'].filter((chain) => !chains.has(chain))
  if (missing.length === 1 && missing[0] === 'filter DOCKER-USER')
    return [{ ...chainFault(missing[0]), ...userChainTexts }]
  return missing.length > 0 ? missing.map(chainFault) : missingJump(runner, rules)
}

const chainFault = (chain: string): Fault => ({
  subject: chain,
  message: `chain ${chain} does not exist`,
  expected: `chain ${chain}, which Docker creates at startup`,
  actual: 'no such chain, although other Docker rules exist',
  absent: true,
  cause: 'flushed',
})

/** Docker works without it: measured on 20.10, which also creates it again with the next network. */
const userChainTexts: Partial<Fault> = {
  severity: 'warning',
  cause: 'user chain',
  title:
    'Chain DOCKER-USER missing: Docker works without it, but the rules that operators kept in it are gone.',
  advice:
    'Create it as Docker does: “iptables -N DOCKER-USER && iptables -A DOCKER-USER -j RETURN && iptables -I FORWARD -j DOCKER-USER”. Then load your own rules for it again.',
}

/** Docker up to 28.0.0 removes its jump for a moment whenever it creates a network: only a lasting absence counts. */
function missingJump(runner: View, { tables, samples }: RulesFact): Fault[] {
  const busy = (seenIn(runner.churn)?.changes ?? []).some(({ at }) => at >= runner.at - 10_000)
  if (busy || (samples && samples.withoutUserJump < samples.taken)) return []
  const forward = tables
    .filter(({ backend, family, name }) => backend !== 'native' && family === 'ip' && name === 'filter')
    .flatMap(({ chains }) => chains.filter(({ name }) => name === 'FORWARD').flatMap(({ rules }) => rules))
  if (forward.some((rule) => /(?:^| )-[jg] DOCKER-USER$/.test(rule))) return []
  return [
    {
      subject: 'filter DOCKER-USER',
      message: 'FORWARD does not jump to DOCKER-USER, so the rules in it have no effect',
      expected: '-A FORWARD -j DOCKER-USER',
      actual: 'no such jump',
      evidence: forward.slice(0, 5).map((rule) => `FORWARD ${rule}`),
      cause: 'unreached',
      title: 'Jump missing: Docker’s chains exist, but FORWARD no longer jumps to DOCKER-USER.',
      advice:
        'Add the jump again: “iptables -I FORWARD -j DOCKER-USER”. Then find the program that removed it.',
    },
  ]
}
