import { seenIn } from '../../core/observed.ts'
import { timeText } from '../../facts/queries/runner/churn.ts'
import { runnerCheck } from '../runner-check.ts'

const recentMs = 60 * 60_000

export default runnerCheck({
  id: 'neighbour-table-full',
  title: 'the table of neighbours has room',
  fault:
    'The kernel’s table of neighbours (ARP) overflowed: hosts and containers next to this one time out, by turns.',
  severity: 'error',
  advice:
    'Raise the limits: sysctl -w net.ipv4.neigh.default.gc_thresh3=8192 net.ipv4.neigh.default.gc_thresh2=4096 (and in /etc/sysctl.d).',
  reads: ['runner.kernel'],
  run: (runner) => {
    const lines = (seenIn(runner.kernel)?.lines ?? []).filter(
      ({ kind, at }) => kind === 'neighbour-overflow' && at >= runner.at - recentMs,
    )
    const last = lines.at(-1)
    if (!last) return []
    return [
      {
        subject: 'kernel',
        message: `the table overflowed, last at ${timeText(last.at)}`,
        evidence: lines.slice(-4).map(({ text }) => text),
      },
    ]
  },
})
