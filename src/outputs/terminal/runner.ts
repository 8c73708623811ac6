import type { Report, ReportRunner } from '../../report/schema.ts'
import { clean } from './clean.ts'
import { mark, paint } from './paint.ts'

/** The finding that says what would show more: its advice stands beside what was not inspected, and needs no line of its own. */
export const reportedWithRunner = 'not-observable'

const indent = '          '

/**
 * How much of the runner was inspected, and from where: one line. What was not inspected, and what would make it possible,
 * follows only where it matters: an area is required, or something is wrong on the runner or on the path.
 */
export function runnerLines(report: Report): string[] {
  const { runner, groups } = report
  const verdict = groups.find(({ group }) => group === 'runner')
  if (!runner || !verdict || verdict.status === 'off') return []
  const applicable = runner.areas.filter(({ state }) => state !== 'not applicable')
  const inspected = named(runner, 'inspected')
  const lacking = named(runner, 'not inspected')
  const many =
    lacking.length === 0 ? `all ${applicable.length}` : `${inspected.length} of ${applicable.length}`
  const isFine = !report.causes.some(({ group, severity }) => group === 'runner' && severity !== 'note')
  const outcome = isFine && inspected.length > 0 ? ', no problems' : ''
  const title = `${mark(verdict.status)} ${paint.bold('runner')}  ${many} areas inspected (${clean(runner.from)})${outcome}`
  return lacking.length > 0 && wantsMore(report) ? [title, ...lackingLines(report, runner, lacking)] : [title]
}

/** Whether a reader wants to know what was not inspected. */
function wantsMore({ groups }: Report): boolean {
  return groups.some(
    ({ group, required, status }) =>
      (group === 'runner' && required && status === 'unknown') ||
      ((group === 'runner' || group === 'path') && (status === 'fail' || status === 'warn')),
  )
}

function lackingLines({ causes, groups }: Report, runner: ReportRunner, lacking: string[]): string[] {
  const advice = causes.find(({ id }) => id === reportedWithRunner)?.advice
  const verdict = groups.find(({ group }) => group === 'runner')
  return [
    `${indent}${paint.dim(`not inspected: ${lacking.join(', ')}`)}`,
    ...(advice ? [`${indent}${paint.dim(`${clean(advice)} More: docs/vantage.md`)}`] : []),
    ...(verdict?.required && verdict.status === 'unknown' ? whatToWrite(runner) : []),
  ]
}

/** Where a required area could not be inspected, the next thing a person wants is what to paste. */
function whatToWrite({ areas }: ReportRunner): string[] {
  const yaml = areas.find(({ yaml }) => yaml !== undefined)?.yaml
  return yaml === undefined ? [] : yaml.split('\n').map((line) => `${indent}  ${clean(line)}`)
}

const named = ({ areas }: ReportRunner, wanted: ReportRunner['areas'][number]['state']): string[] =>
  areas.filter(({ state }) => state === wanted).map(({ name }) => clean(name))
