import { seenIn } from '../../core/observed.ts'
import { timeText } from '../../facts/queries/runner/churn.ts'
import { runnerCheck } from '../runner-check.ts'

const recentMs = 60 * 60_000

export default runnerCheck({
  id: 'neighbour-table-full',
  title: 'the neighbour table has room',
  fault:
    'Neighbour table overflow: the kernel’s ARP table was full, so hosts and containers on the same link time out intermittently.',
  severity: 'error',
  advice:
    'Double the limit: “sysctl -w net.ipv4.neigh.default.gc_thresh3=$(($(sysctl -n net.ipv4.neigh.default.gc_thresh3) * 2))”, and keep it in /etc/sysctl.d.',
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
        message: `the table overflowed, last logged ${timeText(last.at)} UTC`,
        evidence: lines.slice(-4).map(({ text }) => text),
      },
    ]
  },
})
