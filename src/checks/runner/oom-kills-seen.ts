import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import { timeText } from '../../facts/queries/runner/churn.ts'
import { runnerCheck } from '../runner-check.ts'

const recentMs = 60 * 60_000

export default runnerCheck({
  id: 'oom-kills-seen',
  title: 'no process was killed for lack of memory',
  fault:
    'OOM kill: the kernel killed processes because memory ran out; jobs fail with exit code 137, and host services may be killed too.',
  severity: 'warning',
  advice: 'Run fewer jobs in parallel, set a memory limit per step, or add memory to the host.',
  reads: ['runner.pressure'],
  consults: ['runner.kernel'],
  run: (runner) => {
    const kills = seenIn(runner.pressure)?.oomKills ?? 0
    const lines = (seenIn(runner.kernel)?.lines ?? []).filter(
      ({ kind, at }) => kind === 'out-of-memory' && at >= runner.at - recentMs,
    )
    if (kills === 0 && lines.length === 0) return []
    return [
      {
        subject: 'memory',
        message:
          kills > 0
            ? `${count(kills, 'process was', 'processes were')} killed during the inspection`
            : `${count(lines.length, 'process was', 'processes were')} killed in the last hour`,
        evidence: lines.slice(-8).map(({ at, text }) => `${timeText(at)} UTC ${text}`),
      },
    ]
  },
})
