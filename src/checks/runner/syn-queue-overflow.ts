import { seenIn } from '../../core/observed.ts'
import { timeText } from '../../facts/queries/runner/churn.ts'
import { runnerCheck } from '../runner-check.ts'

const recentMs = 60 * 60_000

export default runnerCheck({
  id: 'syn-queue-overflow',
  title: 'services of the host take their connections in time',
  fault:
    'A service of the host got connections faster than it took them: the kernel answers for it with cookies, and drops some.',
  severity: 'warning',
  advice:
    'Look at that service: is it stuck, or starved by jobs? If neither, give it a longer queue (net.core.somaxconn, net.ipv4.tcp_max_syn_backlog, and its own backlog).',
  reads: ['runner.kernel'],
  run: (runner) => {
    const lines = (seenIn(runner.kernel)?.lines ?? []).filter(
      ({ kind, at }) => kind === 'syn-flood' && at >= runner.at - recentMs,
    )
    return [...Map.groupBy(lines, ({ text }) => portIn(text))].map(([port, own]) => ({
      subject: port === undefined ? 'kernel' : `port ${port}`,
      message: `its queue overflowed, last told ${timeText(own.at(-1)?.at ?? 0)}`,
      evidence: own.slice(-4).map(({ text }) => text),
      cause: 'overflow',
    }))
  },
})

/** `Possible SYN flooding on port 22.`; since Linux 6.3 with the address: `on port 0.0.0.0:22.` */
const portIn = (text: string): string | undefined => /on port (?:\S*:)?(\d+)\./.exec(text)?.[1]
