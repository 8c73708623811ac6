import type { ReportRunner } from '../report/runner.ts'
import type { Report } from '../report/schema.ts'
import { clean } from './clean.ts'
import { mark, paint } from './paint.ts'

/** Where regguard ran, what it could look at on the runner, and what not. */
export function runnerLines(report: Report): string[] {
  const { runner } = report
  const verdict = report.groups.find(({ group }) => group === 'runner')
  if (!runner || !verdict || verdict.status === 'off') return []
  const found = report.causes.filter(({ group, severity }) => group === 'runner' && severity !== 'note')
  const here = runner.looks.filter(({ state }) => state !== 'not here')
  const seen = here.filter(({ state }) => state === 'seen')
  const count =
    seen.length === here.length
      ? `all ${here.length} looks could be taken`
      : `${seen.length} of ${here.length} looks could be taken`
  const fine = found.length > 0 || seen.length === 0 ? '' : ', nothing wrong was seen'
  return [
    `${mark(verdict.status)} ${paint.bold('runner')}  from ${clean(runner.from)}: ${count}${fine}`,
    ...listed('seen', named(runner, 'seen')),
    ...listed('not seen', named(runner, 'not seen')),
  ]
}

const named = ({ looks }: ReportRunner, wanted: string): string[] =>
  looks.filter(({ state }) => state === wanted).map(({ name }) => clean(name))

const listed = (label: string, names: string[]): string[] =>
  names.length === 0 ? [] : [`          ${paint.dim(`${label}: ${names.join(', ')}`)}`]
