import type { Core } from '../log/core.ts'
import { renderJson } from '../outputs/json.ts'
import type { Report } from '../report/schema.ts'
import type { CiRun } from '../settings/ci/ci.ts'
import { type Problem, problemText } from '../settings/problem.ts'
import type { Settings } from '../settings/schema.ts'
import type { Io } from './io.ts'

/** Writes the report where `report_json` wants it; false where it cannot be written, which is said. */
export function writeReport(io: Io, core: Core, settings: Settings, report: Report): boolean {
  const path = settings.report_json
  if (path === undefined) return true
  try {
    io.writeFile(path, renderJson(report))
    core.setOutput('report', path)
    return true
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    core.error(problemText({ setting: 'report_json', value: path, message: `cannot be written: ${why}` }))
    return false
  }
}

/** Nothing was pushed, and that is as it should be: said, and no reason to fail. */
export function skip(core: Core, why: string): number {
  core.info(`SKIPPED    ${why} · nothing is verified · exit 0`)
  core.setOutput('verdict', 'skipped')
  return 0
}

/** Says every mistake in the settings; nothing was looked at. */
export function refuse(core: Core, { platform }: CiRun, problems: Problem[]): number {
  for (const problem of problems) core.error(problemText(problem, platform))
  const many = problems.length === 1 ? '1 mistake' : `${problems.length} mistakes`
  core.info(`NOT RUN    ${many} in the settings · nothing was verified · exit 2`)
  core.setOutput('verdict', 'invalid')
  return 2
}
