import type { Fault, Severity } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import { isOlder, remediationText } from '../../explain/remediation.ts'
import {
  type Burst,
  burstsIn,
  createdInTenMinutes,
  ownersText,
  spanText,
  timeText,
} from '../../facts/queries/runner/churn.ts'
import { kubernetesIn, racesWithKubernetes } from '../../facts/queries/runner/managers.ts'
import { isNftablesMode } from '../../facts/queries/runner/rule-drift.ts'
import type { RunnerView } from '../../facts/view.ts'
import { runnerCheck } from '../runner-check.ts'

type View = RunnerView<'churn' | 'vantage' | 'engine' | 'networks' | 'links' | 'rules' | 'programs'>

export default runnerCheck({
  id: 'bridge-churn-burst',
  title: 'Docker networks are created and removed at a moderate rate',
  fault:
    'Bridge churn: many Docker networks were created and removed within seconds, each with some 50 iptables calls that race with every other program that rewrites rules.',
  severity: 'warning',
  advice: 'Configure CI to create fewer networks, or to create them on another engine.',
  reads: ['runner.churn'],
  consults: [
    'runner.vantage',
    'runner.engine',
    'runner.networks',
    'runner.links',
    'runner.rules',
    'runner.programs',
  ],
  run: (runner) => {
    const reported = burstsIn(runner)
      .map((burst) => ({ burst, severity: severityOf(burst, runner) }))
      .filter(({ severity }) => severity !== undefined)
    return reported.length > 0
      ? [
          faultOf(
            reported.map(({ burst }) => burst),
            worstOf(reported),
            runner,
          ),
        ]
      : sustained(runner)
  },
})

const order: (Severity | undefined)[] = ['error', 'warning', 'note']

const worstOf = (bursts: { severity: Severity | undefined }[]): Severity =>
  order.find((severity) => bursts.some((burst) => burst.severity === severity)) ?? 'note'

/**
 * A burst alone strains a host; next to a program that rewrites whole tables, it loses rules. Docker up to 28.0.0 moves its jumps
 * with each network, so a smaller burst is enough there. Changes in a kernel log can belong to a nested engine with its own rules.
 */
function severityOf({ peak10, peak60 }: Burst, runner: View): Severity | undefined {
  // Docker writes a network in one transaction, into a table of its own that no program of iptables rewrites.
  if (isNftablesMode(runner)) return peak10 >= 5 || peak60 >= 10 ? 'note' : undefined
  const engine = seenIn(runner.engine)
  const raceLimit = engine?.flavour === 'docker' && isOlder(engine.version, [28, 0, 1]) ? 5 : 10
  const isOwnEngine =
    seenIn(runner.churn)?.scope !== 'machine' && !runner.vantage.nested && !runner.vantage.rootless
  if (racesWithKubernetes(runner) && peak60 >= raceLimit) return isOwnEngine ? 'error' : 'warning'
  return peak10 >= 5 || peak60 >= 10 ? 'warning' : undefined
}

function faultOf(bursts: Burst[], severity: Severity, runner: View): Fault {
  const worst = bursts.toSorted((a, b) => b.peak60 - a.peak60)[0]
  const kubernetes = kubernetesIn(runner)
  const races = !isNftablesMode(runner)
  const advice = races ? remediationText(whereRulesShow(runner), runner) : ''
  const neighbours = kubernetes.length > 0 ? `, next to ${kubernetes.join(', ')}` : ''
  return {
    subject: runner.churn.seen ? runner.churn.from : 'churn',
    message: `${worst?.peak60} networks created or removed within 60 s, ${worst?.peak10} within 10 s${neighbours}${bursts.length > 1 ? ` (${count(bursts.length, 'burst')})` : ''}`,
    severity,
    evidence: [
      ...bursts.slice(-5).map(burstText),
      windowText(runner),
      ...(seenIn(runner.churn)?.scope === 'machine'
        ? ['the kernel log has no namespaces, so bridges of nested engines are counted too']
        : []),
    ],
    ...(advice === '' ? {} : { advice }),
    ...(races
      ? {}
      : { title: 'Bridge churn: many Docker networks were created and removed within seconds.' }),
  }
}

/** Where the rules were inspected, lost ones are findings of their own. */
function whereRulesShow({ rules, vantage }: View): string {
  if (rules.seen) return ''
  return vantage.hostView === 'sibling'
    ? 'Check on the host whether rules were lost.'
    : 'Check whether rules were lost (host_snapshot: true shows it).'
}

/** A kernel log shows no networks, only containers that are attached to their bridges and detached from them. */
const burstText = ({ from, to, creates, destroys, peak10, peak60, owners }: Burst): string => {
  const changes =
    creates + destroys > 0
      ? `${creates} created, ${destroys} removed`
      : 'containers attached to bridges that are gone'
  return `${timeText(from)} UTC, ${spanText(to - from)}: ${changes}; peak ${peak10} in 10 s, ${peak60} in 60 s (${ownersText(owners)})`
}

function windowText(runner: View): string {
  const { from = 0, to = 0, truncated = false } = seenIn(runner.churn)?.window ?? {}
  return `history of ${spanText(to - from)}${truncated ? '; older events are gone' : ''}`
}

/** Four a minute over ten minutes are not a burst, but still a thousand iptables calls. */
function sustained(runner: View): Fault[] {
  const created = createdInTenMinutes(runner)
  if (created < 40) return []
  return [
    {
      subject: runner.churn.seen ? runner.churn.from : 'churn',
      message: `${created} networks created within ten minutes`,
      severity: 'note',
      evidence: [windowText(runner)],
      title: 'Sustained bridge churn: networks are created continuously, though never many at once.',
    },
  ]
}
