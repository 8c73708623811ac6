import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { buildProgram } from './main-program.ts'

/** The environment variable with the directory of this run's shared files. */
export const runDirectoryVariable = 'REGGUARD_TEST_RUN'

/**
 * The environment in which Node keeps what it compiled, for later runs of the program: the suites start it thousands of times, and half of
 * what a short run computes is compiling. Empty outside of a test run.
 */
export function compileCache(): Record<string, string> {
  const directory = process.env[runDirectoryVariable]
  return directory === undefined ? {} : { NODE_COMPILE_CACHE: join(directory, 'compiled') }
}

/**
 * Vitest's global setup: builds the program if suites of the run may start it, and creates a directory for files that they share, which is removed
 * when the run ends.
 */
export default async function setup({ vitest }: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-run-'))
  process.env[runDirectoryVariable] = directory
  if (vitest.projects.some(({ name }) => name !== 'pure')) await buildProgram()
  return () => rm(directory, { recursive: true, force: true })
}
