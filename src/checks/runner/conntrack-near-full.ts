import { seenIn } from '../../core/observed.ts'
import { runnerCheck } from '../runner-check.ts'

/** Parts of the table in use: node-problem-detector warns at 90 %; from there on a burst fills it. */
const warn = 0.75
const full = 0.9
/** A line of the kernel this old tells of another day. */
const recentMs = 10 * 60_000

export default runnerCheck({
  id: 'conntrack-near-full',
  title: 'connection tracking has room',
  fault:
    'The table of tracked connections is full or nearly so: new connections are dropped, by turns and without a trace.',
  severity: 'error',
  advice:
    'Raise the limit: sysctl -w net.netfilter.nf_conntrack_max=524288 (and in /etc/sysctl.d), then look at what opens so many connections.',
  reads: ['runner.conntrack'],
  consults: ['runner.kernel'],
  run: (runner) => {
    const table = seenIn(runner.conntrack)
    const line = seenIn(runner.kernel)?.lines.findLast(
      ({ kind, at }) => kind === 'conntrack-full' && at >= runner.at - recentMs,
    )
    const part = table && table.max > 0 ? table.count / table.max : 0
    if (part < warn && !line) return []
    return [
      {
        subject: 'nf_conntrack',
        message: table
          ? `${table.count} of ${table.max} entries in use`
          : 'the kernel says that the table is full',
        severity: part >= full || line ? 'error' : 'warning',
        evidence: [
          ...(line ? [line.text] : []),
          ...(table?.drops ? [`${table.drops} packets dropped while we looked`] : []),
        ],
      },
    ]
  },
})
