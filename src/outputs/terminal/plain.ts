import type { Report } from '../../report/schema.ts'
import { causeLines, noteLine, splitCauses } from './causes.ts'
import { clean } from './clean.ts'
import { type Entry, line } from './entry.ts'
import { mark, paint } from './paint.ts'
import { roadLines } from './path.ts'
import { runnerLines } from './runner.ts'
import { targetLines, targetTitle } from './targets.ts'
import { headline, runLines, unseenLines, verdictLine } from './verdict.ts'

/** Woodpecker, and a person's shell: plain lines, the causes after the facts, the verdict last. */
export function renderPlain(report: Report): Entry[] {
  const { faults, notes } = splitCauses(report)
  return [
    line(paint.bold(headline(report))),
    line(),
    ...report.targets.flatMap((target) => [
      line(targetTitle(target)),
      ...targetLines(target, report.depth).map((text) => line(text)),
    ]),
    ...otherGroups(report).map((text) => line(text)),
    ...unseenLines(report).map((text) => line(text)),
    ...faults.flatMap((cause) => [line(), ...causeLines(cause).map((text) => line(text))]),
    ...(notes.length > 0 ? [line(), ...notes.map((note) => line(noteLine(note)))] : []),
    ...(report.crashes.length > 0 ? [line(), ...report.crashes.map((crash) => line(crashLine(crash)))] : []),
    line(),
    ...(report.stopped
      ? [line(paint.yellow(`Stopped: ${report.stopped}. This is what was known by then.`))]
      : []),
    ...runLines(report).map((text) => line(text)),
    line(verdictLine(report)),
  ]
}

/** The road and the runner; the registry's own state is in the verdict and in its findings. */
export function otherGroups(report: Report): string[] {
  return [...pathLines(report), ...runnerLines(report)]
}

function pathLines(report: Report): string[] {
  const path = report.groups.find(({ group }) => group === 'path')
  if (!path || path.status === 'off') return []
  return roadLines(report).map((text) => `${mark(path.status)} ${paint.bold('path')}    ${text}`)
}

/** A check of regguard's own that failed: the others go on. */
export const crashLine = (crash: string): string =>
  `${mark('unknown')} a check of regguard itself failed, please report it: ${clean(crash)}`
