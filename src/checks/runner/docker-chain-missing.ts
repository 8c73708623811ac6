import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { dockerRulesIn } from '../../facts/queries/runner/docker-rules.ts'
import { dockerNetworks, isNftablesMode, isWhole } from '../../facts/queries/runner/rule-drift.ts'
import type { RulesFact } from '../../facts/runner.ts'
import type { RunnerView } from '../../facts/view.ts'
import { runnerCheck } from '../runner-check.ts'

type View = RunnerView<'engine' | 'networks' | 'links' | 'rules' | 'vantage' | 'churn'>

export default runnerCheck({
  id: 'docker-chain-missing',
  title: 'Docker’s own chains are there, and reached',
  fault: 'Chains that Docker made at its start are gone: something flushed the packet filter after it.',
  severity: 'error',
  advice:
    'Restart Docker when no job runs (systemctl restart docker): it makes its chains anew. Until then no network can be made and no port be published.',
  reads: ['runner.engine', 'runner.networks', 'runner.links', 'runner.rules'],
  consults: ['runner.vantage', 'runner.churn'],
  run: (runner) => {
    const rules = seenIn(runner.rules)
    return rules && isComparable(runner, rules) ? faults(runner, rules) : []
  },
})

/** Only where Docker runs, writes its rules with iptables, and its bridges are among the links we see. */
function isComparable(runner: View, rules: RulesFact): boolean {
  const links = new Set(seenIn(runner.links)?.map(({ name }) => name))
  const networks = dockerNetworks(runner, runner) ?? []
  const rootless = runner.vantage.rootless || (seenIn(runner.engine)?.rootless ?? false)
  if (rootless && runner.vantage.hostView !== 'sibling') return false
  return isWhole(rules) && !isNftablesMode(runner) && networks.some(({ bridge }) => links.has(bridge))
}

function faults(runner: View, rules: RulesFact): Fault[] {
  const names = dockerNetworks(runner, runner)?.map(({ bridge }) => bridge)
  const { tables } = dockerRulesIn(rules, names)
  const own = tables.filter(({ family }) => family === 'ip')
  if (own.length === 0) return noTrace(runner)
  const chains = new Set(own.flatMap(({ name, chains }) => chains.map((chain) => `${name} ${chain.name}`)))
  const gone = ['nat DOCKER', 'filter DOCKER', 'filter DOCKER-USER'].filter((chain) => !chains.has(chain))
  const unreached = gone.length === 0 ? unreachedJumps(runner, rules) : []
  return [...gone.map(chainFault), ...unreached]
}

const chainFault = (chain: string): Fault => ({
  subject: chain,
  message: `there is no chain ${chain}`,
  expected: `a chain ${chain}, which Docker makes at its start`,
  actual: 'nothing of that name, beside other rules of Docker’s',
  cause: 'flushed',
})

/** `iptables: false` looks the same as a flushed filter: only the operator knows. */
function noTrace(runner: View): Fault[] {
  const used = dockerNetworks(runner, runner)?.some(
    ({ network }) => network.masquerade && !network.internal && (network.endpoints ?? 0) > 0,
  )
  if (!used) return []
  return [
    {
      subject: 'DOCKER',
      message: 'the packet filter holds no rule and no chain of Docker’s at all',
      severity: 'warning',
      cause: 'no trace',
      title:
        'Docker runs, and nothing of it is in the packet filter: flushed, or “iptables: false” in daemon.json.',
      advice:
        'Restart Docker when no job runs; if its chains stay away, take “"iptables": false” out of /etc/docker/daemon.json.',
    },
  ]
}

/** Docker up to 28.0.0 takes its jump away for a moment whenever a network is made: only what stays away counts. */
function unreachedJumps(runner: View, { tables, samples }: RulesFact): Fault[] {
  const busy = (seenIn(runner.churn)?.changes ?? []).some(({ at }) => at >= runner.at - 10_000)
  if (busy || (samples && samples.withoutUserJump < samples.taken)) return []
  const forward = tables
    .filter(({ backend, family, name }) => backend !== 'native' && family === 'ip' && name === 'filter')
    .flatMap(({ chains }) => chains.filter(({ name }) => name === 'FORWARD').flatMap(({ rules }) => rules))
  if (forward.some((rule) => /(?:^| )-[jg] DOCKER-USER$/.test(rule))) return []
  return [
    {
      subject: 'filter DOCKER-USER',
      message: 'FORWARD does not jump to DOCKER-USER: the rules in it have no effect',
      expected: '-A FORWARD -j DOCKER-USER',
      actual: 'no such jump',
      evidence: forward.slice(0, 5).map((rule) => `FORWARD ${rule}`),
      cause: 'unreached',
      title: 'Docker’s chains are there, and FORWARD no longer leads to them.',
    },
  ]
}
