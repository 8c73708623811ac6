import { count } from '../../core/units.ts'
import type { Report, ReportCause } from '../../report/schema.ts'
import { clean } from './clean.ts'
import { paint, severityMark } from './paint.ts'
import { toldWithRunner } from './runner.ts'

const indent = '          '
/** Details of so many findings are told; all of them are in the JSON report. */
const mostDetails = 4

/** A cause, as a person reads it: what is wrong, in which objects, and what to do. */
export function causeLines(cause: ReportCause): string[] {
  const { findings, severity } = cause
  const more = findings.length - mostDetails
  const label = cause.group === 'image' ? 'cause' : cause.group
  return [
    `${severityMark(severity)} ${paint.bold(label.padEnd(7))} ${clean(cause.title)}`,
    ...(cause.because ? [`${indent}${paint.dim(clean(cause.because))}`] : []),
    ...findings.slice(0, mostDetails).flatMap(detailLines),
    ...(more > 0 ? [`${indent}and ${count(more, 'more of the same', 'more of the same')}`] : []),
    `  ${paint.bold('do')}      ${clean(cause.advice)}`,
    ...(cause.rebuild ? [`${indent}${clean(cause.rebuild)}`] : []),
    `${indent}${paint.dim(`More: ${cause.page}, or regguard-plugin explain ${cause.id}`)}`,
  ]
}

/** A note, in one line. */
export function noteLine({ findings, title, advice }: ReportCause): string {
  const [first] = findings
  const about = first ? `${clean(first.subject)}: ${clean(first.message)}. ` : ''
  return `${severityMark('note')} ${paint.dim(`${about}${clean(title)} ${clean(advice)}`)}`
}

function detailLines(finding: ReportCause['findings'][number]): string[] {
  // What is absent needs no second line to say that nothing was found.
  const compared = !finding.actual?.startsWith('nothing')
  const platforms = finding.platforms?.length ? ` (${clean(finding.platforms.join(', '))})` : ''
  return [
    `${indent}${clean(finding.subject)}${platforms}: ${clean(finding.message)}`,
    ...(finding.expected && compared ? [`${indent}  expected ${clean(finding.expected)}`] : []),
    ...(finding.actual && compared ? [`${indent}  found    ${clean(finding.actual)}`] : []),
    ...finding.evidence.slice(0, 4).map((evidence) => `${indent}  ${paint.dim(clean(evidence))}`),
  ]
}

/** Causes that count, and those that are only notes; what the lines of the runner tell is in neither. */
export function splitCauses({ causes: all }: Report): { faults: ReportCause[]; notes: ReportCause[] } {
  const causes = all.filter(({ id }) => id !== toldWithRunner)
  return {
    faults: causes.filter(({ severity }) => severity !== 'note'),
    notes: causes.filter(({ severity }) => severity === 'note'),
  }
}
