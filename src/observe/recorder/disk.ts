import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The ending of files and directories while they are written; those without it are complete. */
export const partialSuffix = '.partial'

/** Writes a file so that at any moment either the old or the complete new one exists. */
export async function writeFileAtomically(path: string, data: string | Buffer): Promise<void> {
  const draft = path + partialSuffix
  try {
    await writeFile(draft, data)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {})
    throw error
  }
}

/** Replaces a directory of files likewise, except that for a moment there is none. */
export async function replaceDirectory(path: string, files: Record<string, string>): Promise<void> {
  const draft = path + partialSuffix
  try {
    await rm(draft, { recursive: true, force: true })
    await mkdir(draft)
    for (const [name, text] of Object.entries(files)) await writeFile(join(draft, name), text)
    await rm(path, { recursive: true, force: true })
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { recursive: true, force: true }).catch(() => {})
    throw error
  }
}

const errorTexts: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  ENOTDIR: 'a part of the path is not a directory',
  EEXIST: 'it is not a directory',
  ENOENT: 'it does not exist',
  EISDIR: 'it is a directory',
}

/** The code of a system error; rethrows anything else, which is a bug. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code)
  throw error
}

export const errorText = (code: string): string => errorTexts[code] ?? code
