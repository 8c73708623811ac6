import { access, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { runDirectoryVariable } from './run-directory.ts'

/** For how long a suite waits for another that makes the file. */
const settleMs = 10 * 60_000

/**
 * A file that is costly to make and that several suites need: the first to ask makes it, the others wait. It lives as long as
 * the test run, or for good in the directory that REGGUARD_TEST_CACHE names; the name must then tell one content from another.
 * Where making it failed, everyone gets the same error.
 */
export async function sharedFile(name: string, make: (path: string) => Promise<void>): Promise<string> {
  const directory = process.env.REGGUARD_TEST_CACHE ?? process.env[runDirectoryVariable]
  if (directory === undefined)
    throw new Error(`${runDirectoryVariable} is not set: is the global setup gone?`)
  await mkdir(directory, { recursive: true })
  const path = join(directory, name)
  const [lock, failed] = [`${path}.lock`, `${path}.failed`]
  const deadline = Date.now() + settleMs
  while (Date.now() < deadline) {
    if (await exists(path)) return path
    const why = await readFile(failed, 'utf8').catch(() => undefined)
    if (why !== undefined) throw new Error(why)
    if (await take(lock)) {
      try {
        if (!(await exists(path))) await makeWhole(path, make)
        return path
      } catch (error) {
        await writeFile(failed, error instanceof Error ? error.message : String(error))
        throw error
      } finally {
        await rm(lock, { force: true })
      }
    }
    await sleep(250)
  }
  throw new Error(`another process has been making ${path} for too long`)
}

/** Nobody ever sees a part of the file under its name. */
async function makeWhole(path: string, make: (path: string) => Promise<void>): Promise<void> {
  const part = `${path}.part`
  await make(part)
  await rename(part, path)
}

/** Whether the lock is ours now. A lock whose owner has died is taken away for the next try. */
async function take(lock: string): Promise<boolean> {
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
