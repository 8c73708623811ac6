import { lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createDirectory } from '../create-directory.ts'
import { codeOf, errorText, partialSuffix } from './disk.ts'
import { title } from './index-page.ts'

/** The entries of a recording's directory. */
export const entries = {
  index: 'index.md',
  samples: 'samples',
  before: 'before',
  at: 'at',
  after: 'after',
} as const

const entryNames = new Set<string>(Object.values(entries))
/** Every ext4 file system has it in its root directory. */
const ignored = new Set(['lost+found'])

/**
 * Creates the directory of a recording, or uses an existing one that is empty or has an earlier recording without an outage.
 * Never overwrites other files.
 */
export async function openDirectory(directory: string): Promise<{ ok: true } | { ok: false; why: string }> {
  const cannot = (why: string) => ({ ok: false as const, why: `cannot hold a recording: ${why}` })
  try {
    await createDirectory(directory)
    const names = (await readdir(directory)).filter((name) => !ignored.has(name))
    const partial = names.filter(
      (name) => name.endsWith(partialSuffix) && entryNames.has(name.slice(0, -partialSuffix.length)),
    )
    const foreign = names.filter((name) => !entryNames.has(name) && !partial.includes(name))
    if (foreign[0] !== undefined || (names.length > 0 && !names.includes(entries.samples)))
      return cannot(
        `it contains ${JSON.stringify(foreign[0] ?? names[0])}, which does not belong to a recording; use an empty directory`,
      )
    if (
      names.includes(entries.index) &&
      !(await readFile(join(directory, entries.index), 'utf8')).startsWith(title)
    )
      return cannot(`its ${entries.index} does not belong to a recording; use an empty directory`)
    if (names.includes(entries.at))
      return cannot('it contains the recording of an outage; use another directory, or remove it')
    for (const name of partial) await rm(join(directory, name), { recursive: true, force: true })
    await mkdir(join(directory, entries.samples)).catch((error) => {
      if (codeOf(error) !== 'EEXIST') throw error
    })
    // A symbolic link could lead anywhere.
    if (!(await lstat(join(directory, entries.samples))).isDirectory())
      return cannot(`its ${entries.samples} is not a directory`)
    return { ok: true }
  } catch (error) {
    return cannot(errorText(codeOf(error)))
  }
}
