import { lstat, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Creates a directory and its parents, one by one: Node's own recursive mkdir never returns for a directory below /proc, and
 * reports ENOENT on a read-only file system (both measured on 24.21). What has the path already stays, also if it is no directory.
 * Throws the error of the system call that failed.
 */
export async function createDirectory(path: string): Promise<void> {
  try {
    await createOne(path)
  } catch (error) {
    const parent = dirname(path)
    if (codeIn(error) !== 'ENOENT' || parent === path || (await isDirectory(parent))) throw error
    await createDirectory(parent)
    await createOne(path)
  }
}

const createOne = (path: string): Promise<void> =>
  mkdir(path).catch((error: unknown) => {
    if (codeIn(error) !== 'EEXIST') throw error
  })

const isDirectory = (path: string): Promise<boolean> =>
  lstat(path).then(
    (info) => info.isDirectory(),
    () => false,
  )

const codeIn = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined
