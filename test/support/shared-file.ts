import { access, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runDirectoryVariable } from './run-directory.ts'
import { until } from './until.ts'

/** How long a suite waits for another one that creates the file. */
const waitMs = 10 * 60_000

/**
 * A file that is expensive to create and that several suites need: the first caller creates it, the others wait. It exists until
 * the end of the test run, or permanently in the directory REGGUARD_TEST_CACHE; its name must then identify its contents. If
 * creating it failed, every caller gets the same error.
 */
export async function sharedFile(name: string, make: (path: string) => Promise<void>): Promise<string> {
  const directory = process.env.REGGUARD_TEST_CACHE ?? process.env[runDirectoryVariable]
  if (directory === undefined)
    throw new Error(`${runDirectoryVariable} is not set: did the global setup run?`)
  await mkdir(directory, { recursive: true })
  const path = join(directory, name)
  const [lock, failed] = [`${path}.lock`, `${path}.failed`]
  const ours = async () => {
    if (await exists(path)) return 'made'
    const why = await readFile(failed, 'utf8').catch(() => undefined)
    if (why !== undefined) throw new Error(why)
    return (await tryLock(lock)) && 'to be made'
  }
  const state = await until(`another process has made ${path}`, ours, { limitMs: waitMs, everyMs: 250 })
  if (state === 'made') return path
  try {
    if (!(await exists(path))) await makeAtomically(path, make)
    return path
  } catch (error) {
    await writeFile(failed, error instanceof Error ? error.message : String(error))
    throw error
  } finally {
    await rm(lock, { force: true })
  }
}

/** Creates the file so that it never exists incomplete under its name. */
async function makeAtomically(path: string, make: (path: string) => Promise<void>): Promise<void> {
  const part = `${path}.part`
  await make(part)
  await rename(part, path)
}

/** Tries to take the lock. Removes a lock whose owner has died, for the next attempt. */
async function tryLock(lock: string): Promise<boolean> {
  const file = await open(lock, 'wx').catch(() => undefined)
  if (file !== undefined) {
    await file.writeFile(String(process.pid))
    await file.close()
    return true
  }
  const owner = Number(await readFile(lock, 'utf8').catch(() => ''))
  if (owner > 0 && !(await exists(`/proc/${owner}`))) await rm(lock, { force: true })
  return false
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
