import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mainVariable, newestProgram } from './main-program.ts'

/** The environment variable with the directory of this run's shared files. */
export const runDirectoryVariable = 'REGGUARD_TEST_RUN'

/**
 * Vitest's global setup: chooses the program that suites start, and creates a directory for files that they share, which is removed
 * when the run ends.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-run-'))
  process.env[runDirectoryVariable] = directory
  process.env[mainVariable] = newestProgram()
  return () => rm(directory, { recursive: true, force: true })
}
