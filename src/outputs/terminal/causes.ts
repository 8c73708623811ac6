import { firstOf } from '../../core/names.ts'
import { count } from '../../core/units.ts'
import type { Report, ReportCause } from '../../report/schema.ts'
import { clean } from './clean.ts'
import { paint, severityMark } from './paint.ts'
import { reportedWithRunner } from './runner.ts'

const indent = '          '
/** So many findings are shown in detail; all of them are in the JSON report. */
const maxDetails = 4
/** So much of what shows a finding. */
const maxEvidence = 4

/**
 * So many pieces of advice are shown, and so many commands of each; all of them are in the JSON report. Commands are long, and a line of
 * one must not be cut.
 */
const [maxActions, maxCommands, maxCommandLength] = [3, 4, 4000]

/** A cause, as a person reads it: what is wrong, in which objects, what to do, and where to read on. */
export function causeLines(cause: ReportCause): string[] {
  const { findings, severity } = cause
  const more = findings.length - maxDetails
  const label = cause.group === 'image' ? 'cause' : cause.group
  return [
    `${severityMark(severity)} ${paint.bold(label.padEnd(7))} ${clean(cause.title)}`,
    ...(cause.because ? [`${indent}${paint.dim(clean(cause.because))}`] : []),
    ...findings.slice(0, maxDetails).flatMap(detailLines),
    ...(more > 0 ? [`${indent}and ${count(more, 'more of the same', 'more of the same')}`] : []),
    ...actionLines(cause),
    ...(cause.rebuild ? [`${indent}${clean(cause.rebuild)}`] : []),
    `  ${paint.bold('more')}    ${paint.dim(cause.url ? clean(cause.url) : `regguard-plugin explain ${cause.id}`)}`,
  ]
}

/** What to do; commands on lines of their own, so that they can be copied. */
function actionLines({ also = [], ...first }: ReportCause): string[] {
  const all = [first, ...also]
  const more = all.length - maxActions
  return [
    ...all
      .slice(0, maxActions)
      .flatMap((one) => [`  ${paint.bold('do')}      ${clean(one.advice)}`, ...commandLines(one)]),
    ...(more > 0
      ? [`${indent}and ${count(more, 'more thing')} to do, in the JSON report (report_json)`]
      : []),
  ]
}

function commandLines({ commands = [] }: Pick<ReportCause, 'commands'>): string[] {
  const shown = commands.slice(0, maxCommands).filter(({ length }) => length <= maxCommandLength)
  const more = commands.length - shown.length
  return [
    ...shown.map((command) => `${indent}${clean(command, maxCommandLength)}`),
    ...(more > 0 ? [`${indent}and ${count(more, 'more command')}, in the JSON report (report_json)`] : []),
  ]
}

/** A note, in one line, and the commands of its advice; where all is well, without either. */
export function noteLines(note: ReportCause, withAdvice: boolean): string[] {
  const { findings, title, advice } = note
  const [first] = findings
  const more =
    findings.length > 1 ? ` (and ${count(findings.length - 1, 'more of the same', 'more of the same')})` : ''
  const about = first ? `${clean(first.subject)}: ${clean(first.message)}${more}. ` : ''
  const text = `${about}${clean(title)}${withAdvice ? ` ${clean(advice)}` : ''}`
  return [`${severityMark('note')} ${paint.dim(text)}`, ...(withAdvice ? commandLines(note) : [])]
}

/** An advice that its commands do not follow. */
export const adviceAlone = (advice: string): string => clean(advice).replace(/:$/, '.')

function detailLines(finding: ReportCause['findings'][number]): string[] {
  // The message already says that something is absent.
  const compared = !finding.absent
  const platforms = finding.platforms?.length ? ` (${clean(firstOf(finding.platforms))})` : ''
  const more = finding.evidence.length - maxEvidence
  return [
    `${indent}${clean(finding.subject)}${platforms}: ${clean(finding.message)}`,
    ...(finding.expected && compared ? [`${indent}  expected ${clean(finding.expected)}`] : []),
    ...(finding.actual && compared ? [`${indent}  found    ${clean(finding.actual)}`] : []),
    ...finding.evidence.slice(0, maxEvidence).map((evidence) => `${indent}  ${paint.dim(clean(evidence))}`),
    ...(more > 0 ? [`${indent}  ${paint.dim(`and ${more} more`)}`] : []),
  ]
}

/** Causes that count, and those that are only notes; what the lines of the runner say is in neither. */
export function splitCauses({ causes: all }: Report): { faults: ReportCause[]; notes: ReportCause[] } {
  const causes = all.filter(({ id }) => id !== reportedWithRunner)
  return {
    faults: causes.filter(({ severity }) => severity !== 'note'),
    notes: causes.filter(({ severity }) => severity === 'note'),
  }
}
