import { seenIn } from '../../core/observed.ts'
import { spanText, timeText } from '../../facts/queries/runner/churn.ts'
import { runnerCheck } from '../runner-check.ts'

/** kube-router rewrites its table every five minutes: a window of two of its turns tells enough. */
const enoughMs = 10 * 60_000

export default runnerCheck({
  id: 'churn-window-truncated',
  title: 'it is known for long enough which networks came and went',
  fault: 'The source of what came and went forgets quickly: of networks before that time nothing is known.',
  severity: 'note',
  advice:
    'To see more, run regguard as a detached step with “record: 10m”, or let it read the kernel log (host_snapshot: true).',
  reads: ['runner.churn'],
  run: (runner) => {
    const churn = seenIn(runner.churn)
    if (!churn?.window.truncated) return []
    const { from, to } = churn.window
    if (to - from >= enoughMs) return []
    return [
      {
        subject: runner.churn.seen ? runner.churn.from : 'churn',
        message: `it reaches back ${spanText(to - from)}, to ${timeText(from)} UTC`,
      },
    ]
  },
})
