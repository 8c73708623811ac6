import type { Core } from '../log/core.ts'
import { type FileOutput, type FileRenderer, fileOutputs, replacedOutputs } from '../outputs/index.ts'
import type { Report } from '../report/schema.ts'
import type { CiRun } from '../settings/ci/ci.ts'
import { type Problem, problemText } from '../settings/problem.ts'
import type { Settings } from '../settings/schema.ts'
import type { Io } from './io.ts'

/** Writes the report to every file that a setting names. Returns the settings whose file could not be written, which is logged. */
export async function writeReports(
  io: Io,
  core: Core,
  settings: Settings,
  report: Report,
): Promise<FileOutput[]> {
  const unwritten: FileOutput[] = []
  for (const setting of Object.keys(fileOutputs) as FileOutput[]) {
    const path = settings[setting]
    if (path === undefined) continue
    if (!writeReport(io, core, setting, path, await fileOutputs[setting](), report)) unwritten.push(setting)
  }
  return unwritten
}

function writeReport(
  io: Io,
  core: Core,
  setting: FileOutput,
  path: string,
  render: FileRenderer,
  report: Report,
): boolean {
  try {
    if (replacedOutputs.has(setting)) io.replaceFile(path, render(report, io.readFile(path)))
    else io.writeFile(path, render(report))
    core.setOutput(outputNames[setting], path)
    return true
  } catch (error) {
    core.error(problemText({ setting, value: path, message: `cannot be written: ${reasonOf(error)}` }))
    return false
  }
}

/** Node's message without the path, which the log line has already: `ENOENT: no such file or directory`. */
const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message.replace(/, \w+ '.*$/s, '') : String(error)

/** The output of the step that holds the path of each file. */
const outputNames: Record<FileOutput, string> = {
  report_html: 'page',
  report_json: 'report',
  report_junit: 'junit',
  report_markdown: 'summary',
  report_prometheus: 'metrics',
}

/** Logs why there is nothing to verify, which is not a failure. Returns the exit code. */
export function skip(core: Core, why: string): number {
  core.info(`SKIPPED    ${why} · nothing is verified · exit 0`)
  core.setOutput('verdict', 'skipped')
  return 0
}

/** Logs every mistake in the settings; nothing is inspected. Returns the exit code. */
export function refuse(core: Core, { platform }: CiRun, problems: Problem[]): number {
  for (const problem of problems) core.error(problemText(problem, platform))
  const many = problems.length === 1 ? '1 mistake' : `${problems.length} mistakes`
  core.info(`NOT RUN    ${many} in the settings · nothing was verified · exit 2`)
  core.setOutput('verdict', 'invalid')
  return 2
}
