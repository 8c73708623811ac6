import { count } from '../../core/units.ts'
import type { Report } from '../../report/schema.ts'
import { causeLines, noteLine, splitCauses } from './causes.ts'
import { type Entry, line } from './entry.ts'
import { paint } from './paint.ts'
import { crashLine, otherGroups } from './plain.ts'
import { targetLines, targetTitle } from './targets.ts'
import { headline, runLines, unseenLines, verdictLine } from './verdict.ts'

/**
 * For logs that fold: what holds is folded, what is wrong stands open, the verdict is last. `annotate` says how a
 * cause is also told to the platform, if it is.
 */
export function renderFolded(
  report: Report,
  annotate: (cause: Report['causes'][number]) => Entry[],
): Entry[] {
  const { faults, notes } = splitCauses(report)
  return [
    line(paint.bold(headline(report))),
    ...report.targets.flatMap((target): Entry[] => {
      const lines = targetLines(target, report.depth)
      if (target.status === 'pass') return [{ kind: 'group', title: targetTitle(target), lines }]
      return [line(targetTitle(target)), ...lines.map((text) => line(text))]
    }),
    ...otherGroups(report).map((text) => line(text)),
    ...unseenLines(report).map((text) => line(text)),
    ...faults.flatMap((cause) => [
      line(),
      ...annotate(cause),
      ...causeLines(cause).map((text) => line(text)),
    ]),
    ...(notes.length > 0
      ? [{ kind: 'group', title: count(notes.length, 'note'), lines: notes.map(noteLine) } as const]
      : []),
    ...report.crashes.map((crash) => line(crashLine(crash))),
    line(),
    ...(report.stopped
      ? [line(paint.yellow(`Stopped: ${report.stopped}. This is what was known by then.`))]
      : []),
    ...runLines(report).map((text) => line(text)),
    line(verdictLine(report)),
  ]
}
