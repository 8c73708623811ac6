import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { execa } from 'execa'
import type { Report } from '../../src/report/schema.ts'
import type { Engine } from './engine.ts'
import { fromSnapshot } from './main-program.ts'
import { compileCache } from './run-directory.ts'

/** What a run of the command on a host says of its runner. */
export interface RunnerRun {
  exitCode: number
  log: string
  report: Report
  /** The causes that are no notes, the worst first. */
  causes: string[]
}

/**
 * Runs regguard by hand, as root on the host of this engine. It reads the host's state and does not watch it, which other suites
 * do: with the default window, each run would take two seconds more.
 */
export async function runOnHost(
  { namespace, socket }: Pick<Engine, 'namespace' | 'socket'>,
  settings: Record<string, string> = {},
): Promise<RunnerRun> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-run-'))
  const file = join(directory, 'report.json')
  const given = {
    ...{ checks: 'runner', docker_socket: socket, report_json: file, runner_window: '0s' },
    ...settings,
  }
  const done = await execa('nsenter', [`--net=${namespace.path}`, process.execPath, ...fromSnapshot], {
    reject: false,
    stdin: 'ignore',
    extendEnv: false,
    env: {
      PATH: process.env.PATH,
      ...compileCache(),
      ...Object.fromEntries(
        Object.entries(given).map(([name, value]) => [`PLUGIN_${name.toUpperCase()}`, value]),
      ),
    },
  })
  const text = await readFile(file, 'utf8').catch(() => '')
  await rm(directory, { recursive: true })
  if (text === '') throw new Error(`no report: ${done.stdout}${done.stderr}`)
  const report = JSON.parse(text) as Report
  return {
    exitCode: done.exitCode ?? -1,
    log: stripVTControlCharacters(done.stdout),
    report,
    causes: report.causes.filter(({ severity }) => severity !== 'note').map(({ id }) => id),
  }
}
