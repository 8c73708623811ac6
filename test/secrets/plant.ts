import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type CliOptions, runCli } from '../support/run-cli.ts'
import { runHere } from '../support/run-here.ts'

/** The environment of each platform. */
const platforms = {
  plain: {},
  woodpecker: { CI: 'woodpecker' },
  forgejo: { FORGEJO_ACTIONS: 'true', GITHUB_ACTIONS: 'true' },
  gitea: { GITEA_ACTIONS: 'true', GITHUB_ACTIONS: 'true' },
  github: { GITHUB_ACTIONS: 'true' },
}
type Platform = keyof typeof platforms

/** How many runs there are at once. */
export const platformCount = Object.keys(platforms).length

/** A secret that differs in every encoding, and that does not occur by chance. */
export const canary = (name: string): string => `${name}-C4nary"7/q+é&z<y>\\x`

/** The same with letters and digits only, for values such as tokens. */
export const plainCanary = (name: string): string => `${name}C4naryTokenValue0123456789`

/** Every encoding in which a secret could be recognized. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  // Within longer base64 a secret starts at one of three offsets, and shares its first and last characters with its neighbours.
  const cores = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
  })
  const json = JSON.stringify(secret).slice(1, -1)
  return [
    secret,
    json,
    JSON.stringify(json).slice(1, -1),
    encodeURIComponent(secret),
    new URLSearchParams({ x: secret }).toString().slice(2),
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
    ...cores.flatMap((core) => [
      core,
      core.replaceAll('+', '-').replaceAll('/', '_'),
      encodeURIComponent(core),
    ]),
  ]
}

/** The arguments and environment of a run, and the secrets that must not be printed. */
export type Planted = {
  secrets: string[]
  args?: string[]
  env?: Record<string, string>
  kill?: NonNullable<CliOptions['kill']>
  /** What is tested is how the process ends: each platform has one of its own. */
  ends?: boolean
}

/** Everything that a run printed or wrote. */
export interface RunOutput {
  platform: Platform
  exitCode: number | undefined
  stdout: string
  all: string
  report: string
}

/**
 * Runs the program on every platform, and fails if a secret occurs in anything it printed or wrote. `::add-mask::` lines contain
 * secrets on purpose; the runner removes them from the log. On Woodpecker it is a process; on the others, the same command in this one.
 */
export async function runsWith(planted: Planted): Promise<RunOutput[]> {
  const names = Object.keys(platforms) as Platform[]
  return Promise.all(names.map((platform) => runOn(platform, planted)))
}

async function runOn(
  platform: Platform,
  { secrets, args = [], env: given = {}, kill, ends = kill !== undefined }: Planted,
): Promise<RunOutput> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-canary-'))
  const file = (name: string) => join(directory, name)
  try {
    const env = {
      ...platforms[platform],
      PLUGIN_REPORT_JSON: file('report.json'),
      GITHUB_STEP_SUMMARY: file('summary.md'),
      GITHUB_OUTPUT: file('output'),
      ...given,
    }
    const { exitCode, stdout, stderr } =
      ends || platform === 'woodpecker'
        ? await runCli(args, { env, snapshot: !ends, ...(kill ? { kill } : {}) })
        : { ...(await runHere(args, env)), stderr: '' }
    const report = await textOf(file('report.json'))
    const shown = stdout
      .split('\n')
      .filter((line) => !line.startsWith('::add-mask::'))
      .join('\n')
    const places = {
      stdout: shown,
      stderr,
      report,
      summary: await textOf(file('summary.md')),
      output: await textOf(file('output')),
    }
    for (const [place, text] of Object.entries(places)) expectHidden(`${platform}: ${place}`, text, secrets)
    if (platform === 'plain' || platform === 'woodpecker') expect(stdout).not.toContain('::add-mask::')
    return { platform, exitCode, stdout, all: stdout + stderr, report }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function expectHidden(place: string, text: string, secrets: string[]): void {
  for (const form of secrets.flatMap(formsOf)) {
    if (text.includes(form)) throw new Error(`${place} shows ${form}:\n${text}`)
  }
}

const textOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')

/** The distinct exit codes of runs. */
export const exitCodes = (runs: RunOutput[]): (number | undefined)[] => [
  ...new Set(runs.map((run) => run.exitCode)),
]

/** The causes of a run's report, without notes. */
export function causesOf({ report }: RunOutput): string[] {
  const causes: { id: string; severity: string }[] = JSON.parse(report).causes
  return causes.filter(({ severity }) => severity !== 'note').map(({ id }) => id)
}
