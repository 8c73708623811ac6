import type { Report } from '../../report/schema.ts'
import { causeLines, noteLines, splitCauses } from './causes.ts'
import { clean } from './clean.ts'
import { type Entry, line } from './entry.ts'
import { mark, paint } from './paint.ts'
import { groupBlocks } from './sections.ts'
import { togetherLines } from './together.ts'
import { headline, orderLines, runLines, verdictLine } from './verdict.ts'

/** Woodpecker, and a person's shell: plain lines, the causes after the facts, the verdict last. */
export function renderPlain(report: Report): Entry[] {
  const { faults, notes } = splitCauses(report)
  return [
    line(paint.bold(headline(report))),
    line(),
    ...groupBlocks(report).flatMap(({ title, lines }) => [title, ...lines].map((text) => line(text))),
    ...faults.flatMap((cause) => [line(), ...causeLines(cause).map((text) => line(text))]),
    ...(notes.length > 0
      ? [line(), ...notes.flatMap((note) => noteLines(note, report.exitCode !== 0)).map((text) => line(text))]
      : []),
    ...closing(report),
  ]
}

/** What every text output ends with: our own mistakes, an early end, the verdict. */
export const closing = (report: Report): Entry[] => [
  ...(report.crashes.length > 0 ? [line(), ...report.crashes.map((crash) => line(crashLine(crash)))] : []),
  line(),
  ...(report.stopped ? [line(paint.yellow(`${clean(report.stopped)}; partial results`))] : []),
  ...orderLines(report).map((text) => line(text)),
  ...togetherLines(report).map((text) => line(text)),
  ...runLines(report).map((text) => line(text)),
  line(verdictLine(report)),
]

/** A check of regguard's own that crashed: the others go on. */
const crashLine = (crash: string): string =>
  `${mark('unknown')} a check crashed, please report it: ${clean(crash)}`
