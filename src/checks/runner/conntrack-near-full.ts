import { seenIn } from '../../core/observed.ts'
import { runnerCheck } from '../runner-check.ts'

/** Shares of the table in use. node-problem-detector warns at 90 %: from there on, a burst fills the table. */
const warningShare = 0.75
const errorShare = 0.9
/** Older lines of the kernel log do not describe the present. */
const recentMs = 10 * 60_000

export default runnerCheck({
  id: 'conntrack-near-full',
  title: 'the connection tracking table has room',
  fault:
    'Connection tracking table full or nearly full: new connections fail intermittently, without an error.',
  severity: 'error',
  advice:
    'Double the limit: “sysctl -w net.netfilter.nf_conntrack_max=$(($(sysctl -n net.netfilter.nf_conntrack_max) * 2))”, keep it in /etc/sysctl.d, and find what opens so many connections.',
  reads: ['runner.conntrack'],
  consults: ['runner.kernel'],
  run: (runner) => {
    const table = seenIn(runner.conntrack)
    const line = seenIn(runner.kernel)?.lines.findLast(
      ({ kind, at }) => kind === 'conntrack-full' && at >= runner.at - recentMs,
    )
    const share = table && table.max > 0 ? table.count / table.max : 0
    if (share < warningShare && !line) return []
    return [
      {
        subject: 'nf_conntrack',
        message: table
          ? `${table.count} of ${table.max} entries in use`
          : 'the kernel log reports a full table',
        severity: share >= errorShare || line ? 'error' : 'warning',
        evidence: [
          ...(line ? [line.text] : []),
          ...(table?.drops ? [`${table.drops} packets dropped during the inspection`] : []),
        ],
      },
    ]
  },
})
