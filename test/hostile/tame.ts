import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Report, reportSchema } from '../../src/report/schema.ts'
import { commandsIn } from '../log/runner-grammar.ts'
import { runCli } from '../support/run-cli.ts'
import { runHere } from '../support/run-here.ts'

/** The environment of each platform whose runner reads the log. */
const platforms = {
  woodpecker: { CI: 'woodpecker' },
  forgejo: { FORGEJO_ACTIONS: 'true', GITHUB_ACTIONS: 'true' },
  github: { GITHUB_ACTIONS: 'true' },
}
type Platform = keyof typeof platforms

/** The commands that are our own: folds, annotations, and the request to hide a token. */
const ours: Record<Platform, RegExp> = {
  woodpecker: /^(?!)/,
  forgejo: /^::(group|endgroup|add-mask)::/,
  github: /^::(group|endgroup|add-mask|error|warning|notice)(?: title=[^:]*)?::/,
}
const controls = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u
const colours = new RegExp(`${String.fromCharCode(27)}\\[(?:0|1|2|31|32|33|36|1;3[136])m`, 'g')

/** No line is a command but our own, and none carries a control character or a colour of others. */
function expectTame(text: string, platform: Platform): void {
  for (const line of text.split('\n')) {
    expect(line.replaceAll(colours, '')).not.toMatch(controls)
    const own = ours[platform].exec(line)?.[1]
    if (own === undefined) {
      expect(line).not.toMatch(/^\s*(?:::|##\[)/)
      expect([...commandsIn(line), ...commandsIn(line.replaceAll(colours, ''))]).toEqual([])
    } else if (platform !== 'github') expect(commandsIn(line)).toEqual([own])
    // What is to be hidden has to be written as it is; GitHub takes it for the data of the first command.
    else if (own !== 'add-mask') expect(line).not.toMatch(/##\[|##vso\[/i)
  }
}

/** What a run on one platform came to. */
export interface TameRun {
  exitCode: number | undefined
  stdout: string
  report: Report
  ids: string[]
}

/** Node alone needs 130 MB to start. */
const usualKb = 400_000

/**
 * Runs the program on every platform at once. Each run must end by itself, say nothing that a runner obeys, and leave a report in the
 * published form; its causes, without notes, are in `ids`. On Woodpecker it is a process, which must take bounded memory; on the others,
 * the same command in this one.
 */
export async function tameRuns(
  args: string[],
  env: Record<string, string> = {},
  maxKb = usualKb,
): Promise<TameRun[]> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-tame-'))
  try {
    const names = Object.keys(platforms) as Platform[]
    return await Promise.all(
      names.map((platform) => tameRun(platform, join(directory, platform), args, env, maxKb)),
    )
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function tameRun(
  platform: Platform,
  file: string,
  args: string[],
  env: Record<string, string>,
  maxKb: number,
): Promise<TameRun> {
  const all = [...args, '--report_json', `${file}.json`]
  const given = {
    ...platforms[platform],
    ...{ GITHUB_STEP_SUMMARY: `${file}.md`, GITHUB_OUTPUT: `${file}.out` },
    ...env,
  }
  const { exitCode, stdout } =
    platform === 'woodpecker' ? await inProcess(all, given, maxKb) : await runHere(all, given)
  expectTame(stdout, platform)
  const summary = await readFile(`${file}.md`, 'utf8')
  for (const line of summary.split('\n')) {
    expect(line).not.toMatch(controls)
    expect(line).not.toMatch(/^\s*(?:::|##\[)/)
  }
  expect(await readFile(`${file}.out`, 'utf8')).toMatch(
    /^verdict<<(\S+)\n[a-z-]+\n\1\ndigest<<(\S+)\n\S*\n\2\n/,
  )
  const report = reportSchema.parse(JSON.parse(await readFile(`${file}.json`, 'utf8')))
  expect(report.crashes).toEqual([])
  const ids = report.causes.filter(({ severity }) => severity !== 'note').map(({ id }) => id)
  return { exitCode, stdout, report, ids }
}

async function inProcess(args: string[], env: Record<string, string>, maxKb: number) {
  const run = await runCli(args, { env })
  expect(run.stderr).toBe('')
  expect(run.peakRssKb).toBeLessThan(maxKb)
  return run
}

/** The exit codes and causes of runs, which must be the same everywhere. */
export function outcomeOf(runs: TameRun[]): [number | undefined, string[]] {
  const [first, ...rest] = runs.map(({ exitCode, ids }): [number | undefined, string[]] => [exitCode, ids])
  for (const other of rest) expect(other).toEqual(first)
  return first ?? [undefined, []]
}
