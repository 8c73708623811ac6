import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What is being written has this ending; what lacks it is whole. */
export const unfinished = '.partial'

/** Writes a file so that there is either the whole of it or what was there before. */
export async function writeWhole(path: string, data: string | Buffer): Promise<void> {
  const draft = path + unfinished
  try {
    await writeFile(draft, data)
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {})
    throw error
  }
}

/** Writes a directory of files likewise; where it replaces one, there is none for a moment. */
export async function writeDirectory(path: string, files: Record<string, string>): Promise<void> {
  const draft = path + unfinished
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

const words: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  ENOTDIR: 'a part of the path is no directory',
  EEXIST: 'it is no directory',
  ENOENT: 'it is not there',
  EISDIR: 'it is a directory',
}

/** The code of an error of the operating system; anything else is our own mistake, and thrown again. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code)
  throw error
}

export const wordsFor = (code: string): string => words[code] ?? code
