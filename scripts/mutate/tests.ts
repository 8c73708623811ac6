import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

type FileResult = { name: string; status: string; assertionResults: { status: string; fullName: string }[] }

/** What became of a run of tests. */
export type TestRun = {
  /** Test files with a failure. */
  failing: string[]
  /** The first failure; undefined where all tests passed. */
  failure: string | undefined
  seconds: number
}

const running = new Set<number>()

/** Ends every run of tests. */
export function endTests(): void {
  for (const pid of running) endGroup(pid)
}

/** Runs Vitest in a copy of the tree, for so many seconds at most; a run that is ended has failed. */
export async function runTests(copy: string, args: string[], limitSeconds: number): Promise<TestRun> {
  const output = join(copy, 'coverage', 'mutate.json')
  rmSync(output, { force: true })
  const began = performance.now()
  const flags = ['--run', '--passWithNoTests', '--reporter=json', `--outputFile=${output}`]
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', ...args, ...flags], {
    // A group of its own, with all that tests start. Memory that grows without end ends it, too.
    ...{ cwd: copy, detached: true, stdio: 'ignore' },
    env: { ...process.env, CI: '', NODE_OPTIONS: '--max-old-space-size=2048' },
  })
  const { pid = 0 } = child
  running.add(pid)
  let late = false
  const timer = setTimeout(() => {
    late = true
    endGroup(pid)
  }, limitSeconds * 1000)
  const exitCode = await new Promise<number | null>((done) => child.once('exit', done))
  clearTimeout(timer)
  endGroup(pid)
  running.delete(pid)
  const seconds = (performance.now() - began) / 1000
  if (late) return { failing: [], failure: `not at an end after ${Math.round(limitSeconds)} s`, seconds }
  const files: FileResult[] = existsSync(output) ? JSON.parse(readFileSync(output, 'utf8')).testResults : []
  const failed = files.filter(({ status }) => status !== 'passed')
  const failing = failed.map(({ name }) => name.slice(copy.length + 1))
  const test = failed[0]?.assertionResults.find(({ status }) => status === 'failed')
  const failure =
    failed.length > 0 ? `${failing[0]}: ${test?.fullName ?? 'does not load'}` : `exit code ${exitCode}`
  return { failing, failure: exitCode === 0 ? undefined : failure, seconds }
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

/** The tests of a file's name, and the rest of the mirrored folder. */
export function mirrored(file: string, tree: string[]): [named: string[], folder: string[]] {
  const path = file.replace(/^src\//, 'test/').replace(/\.ts$/, '')
  const tests = tree.filter((each) => each.endsWith('.test.ts'))
  const named = tests.filter((each) => each.startsWith(path) && /^[./-]/.test(each.slice(path.length)))
  const folder = tests.filter((each) => dirname(each) === dirname(path) && !named.includes(each))
  return [named, folder]
}
