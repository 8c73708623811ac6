import { seenIn } from '../../core/observed.ts'
import { timeText } from '../../facts/queries/runner/churn.ts'
import { runnerCheck } from '../runner-check.ts'

const recentMs = 60 * 60_000

export default runnerCheck({
  id: 'netdev-leak',
  title: 'network namespaces can be removed',
  fault:
    'The kernel waits for a network interface that it cannot free: containers hang when they end, and with them every other change of networks.',
  severity: 'warning',
  advice:
    'Reboot the host when jobs hang (nothing else frees the interface), and update its kernel: the page lists what mended it.',
  reads: ['runner.kernel'],
  run: (runner) => {
    const lines = (seenIn(runner.kernel)?.lines ?? []).filter(
      ({ kind, at }) => kind === 'netdev-leak' && at >= runner.at - recentMs,
    )
    const last = lines.at(-1)
    if (!last) return []
    return [
      {
        subject: 'kernel',
        message: `it waits for an interface to become free, last told ${timeText(last.at)}`,
        evidence: lines.slice(-4).map(({ text }) => text),
      },
    ]
  },
})
