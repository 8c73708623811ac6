import type { ReportRunner } from '../../report/runner.ts'
import type { Report } from '../../report/schema.ts'
import { clean } from './clean.ts'
import { mark, paint } from './paint.ts'

/** The finding that says what would show more: its advice stands beside what was not seen, and needs no line of its own. */
export const toldWithRunner = 'not-observable'

/** From where the runner was looked at, what could be seen of it, what could not, and what would show that. */
export function runnerLines({ runner, groups, causes }: Report): string[] {
  const verdict = groups.find(({ group }) => group === 'runner')
  if (!runner || !verdict || verdict.status === 'off') return []
  const here = runner.looks.filter(({ state }) => state !== 'not here')
  const seen = named(runner, 'seen')
  const unseen = named(runner, 'not seen')
  const looks = unseen.length === 0 ? `all ${here.length} looks` : `${seen.length} of ${here.length} looks`
  const fine = verdict.status === 'pass' || verdict.status === 'unknown'
  const what = unseen.length > 0 && seen.length > 0 ? ` (${seen.join(', ')})` : ''
  const advice = causes.find(({ id }) => id === toldWithRunner)?.advice
  return [
    `${mark(verdict.status)} ${paint.bold('runner')}  ${looks} from ${clean(runner.from)}${what}${fine && seen.length > 0 ? ': nothing wrong' : ''}`,
    ...(unseen.length > 0 ? [`          ${paint.dim(`not seen: ${unseen.join(', ')}`)}`] : []),
    ...(unseen.length > 0 && advice
      ? [`          ${paint.dim(`${clean(advice)} More: docs/vantage.md`)}`]
      : []),
    ...(verdict.required && verdict.status === 'unknown' ? whatToWrite(runner) : []),
  ]
}

/** Where a look was required and could not be had, the next thing a person wants is what to paste. */
function whatToWrite({ looks }: ReportRunner): string[] {
  const yaml = looks.find(({ yaml }) => yaml !== undefined)?.yaml
  return yaml === undefined ? [] : yaml.split('\n').map((line) => `            ${clean(line)}`)
}

const named = ({ looks }: ReportRunner, wanted: string): string[] =>
  looks.filter(({ state }) => state === wanted).map(({ name }) => clean(name))
