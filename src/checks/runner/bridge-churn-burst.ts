import type { Fault, Severity } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import { isOlder, remediationText } from '../../explain/remediation.ts'
import {
  type Burst,
  burstsIn,
  madeInTenMinutes,
  ownersText,
  spanText,
  timeText,
} from '../../facts/queries/runner/churn.ts'
import { isRaced, kubernetesIn } from '../../facts/queries/runner/managers.ts'
import type { RunnerView } from '../../facts/view.ts'
import { runnerCheck } from '../runner-check.ts'

type View = RunnerView<'churn' | 'vantage' | 'engine' | 'networks' | 'links' | 'rules' | 'programs'>

export default runnerCheck({
  id: 'bridge-churn-burst',
  title: 'networks come and go at a pace that the host’s rules can follow',
  fault:
    'Many networks came and went within seconds: each takes some fifty calls of iptables, and whatever else rewrites rules on this host races them.',
  severity: 'warning',
  advice: 'Let CI make fewer networks, or make them elsewhere.',
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
    const told = burstsIn(runner)
      .map((burst) => ({ burst, severity: severityOf(burst, runner) }))
      .filter(({ severity }) => severity !== undefined)
    return told.length > 0
      ? [
          faultOf(
            told.map(({ burst }) => burst),
            worstOf(told),
            runner,
          ),
        ]
      : sustained(runner)
  },
})

const order: (Severity | undefined)[] = ['error', 'warning', 'note']

const worstOf = (told: { severity: Severity | undefined }[]): Severity =>
  order.find((severity) => told.some((one) => one.severity === severity)) ?? 'note'

/**
 * A burst alone strains a host; beside a program that writes whole tables it loses rules. Docker up to 28.0.0 moves its
 * jumps with each network, so less is enough there. What a kernel log tells may be a nested engine's, with rules of its own.
 */
function severityOf({ peak10, peak60 }: Burst, runner: View): Severity | undefined {
  const engine = seenIn(runner.engine)
  const fragile = engine?.flavour === 'docker' && isOlder(engine.version, [28, 0, 1]) ? 5 : 10
  const own = seenIn(runner.churn)?.scope !== 'machine' && !runner.vantage.nested && !runner.vantage.rootless
  if (isRaced(runner) && peak60 >= fragile) return own ? 'error' : 'warning'
  return peak10 >= 5 || peak60 >= 10 ? 'warning' : undefined
}

function faultOf(bursts: Burst[], severity: Severity, runner: View): Fault {
  const worst = bursts.toSorted((a, b) => b.peak60 - a.peak60)[0]
  const kubernetes = kubernetesIn(runner)
  const beside = kubernetes.length > 0 ? `, beside ${kubernetes.join(', ')}` : ''
  return {
    subject: runner.churn.seen ? runner.churn.from : 'churn',
    message: `${worst?.peak60} networks within a minute, ${worst?.peak10} within 10 s${beside}${bursts.length > 1 ? ` (${count(bursts.length, 'burst')})` : ''}`,
    severity,
    evidence: [
      ...bursts.slice(-5).map(burstText),
      windowText(runner),
      ...(seenIn(runner.churn)?.scope === 'machine'
        ? ['the kernel log knows no namespaces: bridges of a nested engine count, too']
        : []),
    ],
    advice: remediationText('Look whether rules were lost (host_snapshot: true shows it).', runner),
  }
}

const burstText = ({ from, to, creates, destroys, peak10, peak60, owners }: Burst): string =>
  `${timeText(from)} UTC, ${spanText(to - from)}: ${creates} made, ${destroys} removed, at most ${peak10} in 10 s and ${peak60} in 60 s (${ownersText(owners)})`

function windowText(runner: View): string {
  const { from = 0, to = 0, truncated = false } = seenIn(runner.churn)?.window ?? {}
  return `known of the last ${spanText(to - from)}${truncated ? ', what was before is forgotten' : ''}`
}

/** Four a minute over ten minutes: no burst, and still a thousand calls of iptables. */
function sustained(runner: View): Fault[] {
  const made = madeInTenMinutes(runner)
  if (made < 40) return []
  return [
    {
      subject: runner.churn.seen ? runner.churn.from : 'churn',
      message: `${made} networks made within ten minutes`,
      severity: 'note',
      evidence: [windowText(runner)],
      title: 'Networks are made all the time, never many at once.',
    },
  ]
}
