import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The environment variable with the directory of this run's shared files. */
export const runDirectoryVariable = 'REGGUARD_TEST_RUN'

/** Vitest's global setup: creates a directory for files that suites share. It is removed when the run ends. */
export default async function setup(): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-run-'))
  process.env[runDirectoryVariable] = directory
  return () => rm(directory, { recursive: true, force: true })
}
