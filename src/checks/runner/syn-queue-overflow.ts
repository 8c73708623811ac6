import { seenIn } from '../../core/observed.ts'
import { timeText } from '../../facts/queries/runner/churn.ts'
import { runnerCheck } from '../runner-check.ts'

const recentMs = 60 * 60_000

export default runnerCheck({
  id: 'syn-queue-overflow',
  title: 'no listening socket was flooded',
  fault:
    'SYN queue overflow: connections reached a host service faster than it accepted them, so the kernel answers with SYN cookies and drops some.',
  severity: 'warning',
  advice:
    'Check whether that service is stuck, or starved by jobs. If neither, give it a longer queue (net.core.somaxconn, net.ipv4.tcp_max_syn_backlog, and its own backlog).',
  reads: ['runner.kernel'],
  run: (runner) => {
    const lines = (seenIn(runner.kernel)?.lines ?? []).filter(
      ({ kind, at }) => kind === 'syn-flood' && at >= runner.at - recentMs,
    )
    return [...Map.groupBy(lines, ({ text }) => portIn(text))].map(([port, portLines]) => ({
      subject: port === undefined ? 'kernel' : `port ${port}`,
      message: `the queue overflowed, last logged ${timeText(portLines.at(-1)?.at ?? 0)} UTC`,
      evidence: portLines.slice(-4).map(({ text }) => text),
      cause: 'overflow',
    }))
  },
})

/** `Possible SYN flooding on port 22.`; since Linux 6.3 with the address: `on port 0.0.0.0:22.` */
const portIn = (text: string): string | undefined => /on port (?:\S*:)?(\d+)\./.exec(text)?.[1]
