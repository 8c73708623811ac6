import { seenIn } from '../../core/observed.ts'
import { spanText, timeText } from '../../facts/queries/runner/churn.ts'
import { runnerCheck } from '../runner-check.ts'

/** kube-router rewrites its table every five minutes: two of its cycles are enough. */
const enoughMs = 10 * 60_000

/** What is left to do where a host snapshot already reads the kernel log. */
const recordIt = 'For a longer history, run regguard as a detached step with “record: 10m”.'

export default runnerCheck({
  id: 'churn-window-truncated',
  title: 'the history of network changes is long enough',
  fault:
    'Short event history: the source keeps only the last few minutes of network changes, and earlier ones are unknown.',
  severity: 'note',
  advice:
    'For a longer history, run regguard as a detached step with “record: 10m”, or let it read the kernel log (host_snapshot: true).',
  reads: ['runner.churn'],
  consults: ['runner.vantage'],
  run: (runner) => {
    const churn = seenIn(runner.churn)
    if (!churn?.window.truncated) return []
    const { from, to } = churn.window
    if (to - from >= enoughMs) return []
    return [
      {
        subject: runner.churn.seen ? runner.churn.from : 'churn',
        ...(runner.vantage.hostView === 'sibling' ? { advice: recordIt } : {}),
        message: `the history reaches back ${spanText(to - from)}, to ${timeText(from)} UTC`,
      },
    ]
  },
})
