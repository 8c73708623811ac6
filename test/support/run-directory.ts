import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The environment variable that tells every test process where the files of this run lie. */
export const runDirectoryVariable = 'REGGUARD_TEST_RUN'

/** Vitest's global setup: a directory for what suites make once and share. It goes when the run ends. */
export default async function setup(): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-run-'))
  process.env[runDirectoryVariable] = directory
  return () => rm(directory, { recursive: true, force: true })
}
