import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { fromSnapshot, mainFile, sourceFile } from './main-program.ts'
import { compileCache } from './run-directory.ts'
import { until } from './until.ts'

/** Options of a run. */
export type CliOptions = {
  /** The environment, except PATH. */
  env?: Record<string, string>
  cwd?: string
  input?: string
  timeoutMs?: number
  /** Runs the sources, not the bundle. */
  sources?: boolean
  /** Starts the snapshot, as the image does. Node loads no module before it, so that nothing measures it. */
  snapshot?: boolean
  /** The command that runs it, as `nsenter` does for another network namespace. */
  through?: string[]
  /** Stop it from outside, as a CI runner does when a job is cancelled: once this holds. */
  kill?: { when: () => boolean | Promise<boolean>; signal: NodeJS.Signals }
}

/** The result of a run. */
export type CliResult = {
  /** Undefined when a signal ended it. */
  exitCode: number | undefined
  signal: string | undefined
  stdout: string
  stderr: string
  /** stdout and stderr, interleaved. */
  all: string
  /** Peak resident memory; undefined without /proc, from a snapshot, or when a signal ended it. */
  peakRssKb: number | undefined
  /** Processor time, which other programs hardly change; undefined as above. */
  cpuSeconds: number | undefined
  durationMs: number
}

/** Runs the program in a separate process. */
export async function runCli(args: string[], options: CliOptions = {}): Promise<CliResult> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-cli-'))
  try {
    const peakFile = join(directory, 'peak')
    const program = options.snapshot
      ? fromSnapshot
      : ['--import', preload(peakFile), options.sources ? sourceFile : mainFile]
    const command = [process.execPath, ...program, ...args]
    const [file = '', ...rest] = [...(options.through ?? []), ...command]
    const child = execa(file, rest, {
      all: true,
      reject: false,
      stripFinalNewline: false,
      extendEnv: false,
      // The machine that runs the tests is not a CI runner.
      env: {
        PATH: process.env.PATH,
        PLUGIN_CHECKS: 'image,registry,path',
        ...compileCache(),
        ...options.env,
      },
      ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      timeout: options.timeoutMs ?? 60_000,
    })
    const { kill } = options
    let ended = false
    const [done] = await Promise.all([
      child.finally(() => {
        ended = true
      }),
      kill &&
        until('the moment to stop the program', () => ended || kill.when()).then(() =>
          child.kill(kill.signal),
        ),
    ])
    const [peakRssKb, cpuSeconds] = await numbersIn(peakFile)
    if (done.timedOut) throw new Error(`The program was still running after the time limit:\n${done.all}`)
    return {
      exitCode: done.exitCode,
      signal: done.signal,
      stdout: done.stdout,
      stderr: done.stderr,
      all: done.all,
      ...{ peakRssKb, cpuSeconds },
      durationMs: done.durationMs,
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function preload(peakFile: string): string {
  const url = new URL('peak-rss.mjs', import.meta.url)
  url.searchParams.set('file', peakFile)
  return url.href
}

async function numbersIn(file: string): Promise<number[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text === '' ? [] : text.split(' ').map(Number)
}
