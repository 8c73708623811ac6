import { count } from '../../core/units.ts'
import type { Report } from '../../report/schema.ts'
import { causeLines, noteLines, splitCauses } from './causes.ts'
import { type Entry, line } from './entry.ts'
import { paint } from './paint.ts'
import { closing } from './plain.ts'
import { groupBlocks } from './sections.ts'
import { headline } from './verdict.ts'

/**
 * For logs that fold: notes are folded, what is wrong stands open, the verdict is last. `annotate` says how a cause is also
 * shown by the platform, if it is.
 */
export function renderFolded(
  report: Report,
  annotate: (cause: Report['causes'][number]) => Entry[],
): Entry[] {
  const { faults, notes } = splitCauses(report)
  return [
    line(paint.bold(headline(report))),
    ...groupBlocks(report).flatMap(({ title, lines }) => [title, ...lines].map((text) => line(text))),
    ...faults.flatMap((cause) => [
      line(),
      ...annotate(cause),
      ...causeLines(cause).map((text) => line(text)),
    ]),
    ...(notes.length > 0 ? [noteFold(report, notes)] : []),
    ...closing(report),
  ]
}

const noteFold = ({ exitCode }: Report, notes: Report['causes']): Entry => ({
  kind: 'group',
  title: count(notes.length, 'note'),
  lines: notes.flatMap((note) => noteLines(note, exitCode !== 0)),
})
