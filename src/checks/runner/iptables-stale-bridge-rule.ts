import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import { timeText } from '../../facts/queries/runner/churn.ts'
import { ruleText } from '../../facts/queries/runner/docker-rules.ts'
import { restoredCopyIn } from '../../facts/queries/runner/restored-copy.ts'
import { ruleDrift, type StaleBridge } from '../../facts/queries/runner/rule-drift.ts'
import type { RunnerView } from '../../facts/view.ts'
import { runnerCheck } from '../runner-check.ts'

type View = RunnerView<'churn' | 'links' | 'rules' | 'vantage' | 'engine' | 'networks' | 'programs'>

export default runnerCheck({
  id: 'iptables-stale-bridge-rule',
  title: 'every bridge in Docker’s rules exists',
  fault:
    'Stale rules: Docker’s rules name bridges that no longer exist, because a program wrote back an old copy of the rules.',
  severity: 'warning',
  advice:
    'When no job is running, delete these rules (commands on the page; restarting Docker leaves them), then find the program that wrote them back.',
  reads: ['runner.links', 'runner.rules'],
  consults: ['runner.churn', 'runner.vantage', 'runner.engine', 'runner.networks', 'runner.programs'],
  run: (runner) => {
    const drift = ruleDrift(runner)
    const copy = drift.unprotectedNetworks.length === 0 ? restoredFault(runner) : {}
    return drift.staleBridges.map((stale) =>
      stale.network
        ? deletedBridge(stale, stale.network.name)
        : { ...staleFault(stale, runner), ...(isTranslating(stale) ? {} : copy) },
    )
  },
})

const evidenceOf = ({ rules }: StaleBridge): string[] => rules.slice(0, 12).map(ruleText)

function deletedBridge(stale: StaleBridge, name: string): Fault {
  return {
    subject: stale.bridge,
    severity: 'error',
    message: `the network ${name} and ${count(stale.rules.length, 'rule')} exist, but the bridge does not`,
    expected: `a bridge ${stale.bridge}`,
    actual: 'no such link',
    evidence: evidenceOf(stale),
    cause: 'bridge deleted',
    title: 'Bridge deleted: the bridge of a network is gone, but the engine and its rules still name it.',
    advice:
      'When no job is running, restart Docker: “systemctl restart docker” creates the bridge again. Until then, the containers of this network reach nothing.',
  }
}

function staleFault(stale: StaleBridge, runner: View): Fault {
  const { bridge, rules } = stale
  return {
    subject: bridge,
    message: `${count(rules.length, 'rule')} left for a bridge that does not exist`,
    expected: 'no rule, because the network is gone',
    actual: count(rules.length, 'rule'),
    evidence: evidenceOf(stale),
    cause: 'stale rules',
    severity: runsDocker(runner) ? 'warning' : 'note',
  }
}

/** Whether a rule still diverts connections to a published port. */
const isTranslating = ({ rules }: StaleBridge): boolean => rules.some(({ rule }) => rule.includes('-j DNAT'))

/** What changes in each fault where one saved copy explains all stale rules, and nothing else is wrong. */
function restoredFault(runner: View): Partial<Fault> {
  const copy = restoredCopyIn(runner)
  if (!copy) return {}
  const { saved, takenBefore = 0, old = true } = copy
  const source = saved
    ? `${saved.file}, which ${saved.program} restores${saved.enabled ? ' at boot' : ''}`
    : 'a saved copy'
  return {
    // A recent copy may have undone more than the rules of networks.
    ...(old ? { severity: 'note' } : {}),
    cause: 'restored copy',
    title: `Stale rules restored from ${source}: they name bridges that are gone, and match no packet.`,
    because: saved
      ? `${saved.file} names these bridges.`
      : `All stale rules are of one age, ${timeText(takenBefore)} UTC or earlier, all other rules are complete, and no program was seen rewriting tables: a copy saved then was written back, as when rules are restored from a file.`,
    advice: saved
      ? `Delete the lines with Docker’s chains and bridges from ${saved.file}: Docker writes them when it starts. Then delete the stale rules (commands on the page; restarting Docker leaves them).`
      : 'Take Docker’s rules out of the saved rules of this host (netfilter-persistent, ferm, nftables.service), then delete the stale rules (commands on the page; restarting Docker leaves them).',
  }
}

/** The rules of an engine that no longer runs are harmless. */
const runsDocker = ({ engine, programs }: View): boolean =>
  seenIn(engine)?.flavour === 'docker' || (seenIn(programs)?.includes('dockerd') ?? true)
