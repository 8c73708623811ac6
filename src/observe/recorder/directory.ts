import { lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf, unfinished, wordsFor } from './disk.ts'
import { title } from './index-page.ts'

/** What a recording has in its directory. */
export const parts = {
  index: 'index.md',
  samples: 'samples',
  before: 'before',
  at: 'at',
  after: 'after',
} as const

const own = new Set<string>(Object.values(parts))
/** Every ext4 file system has one at its top. */
const ignored = new Set(['lost+found'])

/**
 * Makes the directory of a recording, or takes one that is empty or holds an earlier recording in which nothing happened.
 * Nothing of anybody else's is ever overwritten.
 */
export async function openDirectory(directory: string): Promise<{ ok: true } | { ok: false; why: string }> {
  const cannot = (why: string) => ({ ok: false as const, why: `cannot record to ${directory}: ${why}` })
  try {
    await makeDirectory(directory)
    const names = (await readdir(directory)).filter((name) => !ignored.has(name))
    const drafts = names.filter(
      (name) => name.endsWith(unfinished) && own.has(name.slice(0, -unfinished.length)),
    )
    const others = names.filter((name) => !own.has(name) && !drafts.includes(name))
    if (others[0] !== undefined || (names.length > 0 && !names.includes(parts.samples)))
      return cannot(
        `it holds ${JSON.stringify(others[0] ?? names[0])}, which is no recording; name a directory of its own`,
      )
    if (
      names.includes(parts.index) &&
      !(await readFile(join(directory, parts.index), 'utf8')).startsWith(title)
    )
      return cannot(`its ${parts.index} is no recording’s; name a directory of its own`)
    if (names.includes(parts.at))
      return cannot('it holds the recording of an outage; name another directory, or remove it')
    for (const name of drafts) await rm(join(directory, name), { recursive: true, force: true })
    await mkdir(join(directory, parts.samples)).catch((error) => {
      if (codeOf(error) !== 'EEXIST') throw error
    })
    // A link that somebody else put there could lead anywhere.
    if (!(await lstat(join(directory, parts.samples))).isDirectory())
      return cannot('its samples are no directory')
    return { ok: true }
  } catch (error) {
    return cannot(wordsFor(codeOf(error)))
  }
}

/**
 * Makes a directory and those above it, one by one: Node's own recursive mkdir never ends where a directory cannot be made
 * below /proc, and says ENOENT on a read-only file system (both measured on 24.21).
 */
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST') return
    const above = dirname(path)
    if (code !== 'ENOENT' || above === path || (await isDirectory(above))) throw error
    await makeDirectory(above)
    await mkdir(path)
  }
}

const isDirectory = (path: string): Promise<boolean> =>
  lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
