import { seenIn } from '../../core/observed.ts'
import { timeText } from '../../facts/queries/runner/churn.ts'
import { runnerCheck } from '../runner-check.ts'

const recentMs = 60 * 60_000

export default runnerCheck({
  id: 'netdev-leak',
  title: 'the kernel frees network interfaces',
  fault:
    'Network device leak: the kernel waits for an interface that it cannot free, so containers hang on exit and block all other network changes.',
  severity: 'warning',
  advice: 'If jobs hang, reboot the host (nothing else frees the interface), and update its kernel.',
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
        message: `waiting for an interface to become free, last logged ${timeText(last.at)} UTC`,
        evidence: lines.slice(-4).map(({ text }) => text),
      },
    ]
  },
})
