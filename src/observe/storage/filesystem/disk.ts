import fs from 'node:fs'
import { promisify } from 'node:util'
import type { UnreadPlace } from '../../../facts/storage.ts'
import { type BytePath, onDisk, shownPath } from './byte-path.ts'
import type { Owners } from './owners.ts'
import { type Call, createPace } from './pace.ts'

// Callbacks with plain descriptors: a FileHandle takes three times as long (measured on Node 24.21).
const openFile = promisify(fs.open)
const readFile = promisify(fs.read)
const statFile = promisify(fs.fstat)
const closeFile = promisify(fs.close)
const listOptions = { encoding: 'buffer', withFileTypes: true } as const
const textOptions = { encoding: 'latin1', withFileTypes: true } as const
const readFolder = promisify(fs.readdir) as unknown as (
  path: Buffer | string,
  options: typeof listOptions,
) => Promise<fs.Dirent<Buffer>[]>
const statOf = promisify(fs.lstat)

export interface Entry {
  name: BytePath
  kind: 'file' | 'folder' | 'symlink' | 'other'
}

/** Reads files and folders below one folder. Symbolic links are never followed; what cannot be read is reported and left out. */
export interface Disk {
  /** The entries of a folder that may hold millions; nothing if there is no such folder. */
  stream: (folder: BytePath) => AsyncGenerator<Entry>
  /** The entries of a folder that holds few. */
  list: (folder: BytePath) => Promise<Entry[]>
  /** What is at a path whose folders were listed; undefined if there is nothing. */
  stat: (path: BytePath) => Promise<fs.Stats | undefined>
  /** What is at any path; undefined if there is nothing, or if a folder on the way to it is a symbolic link, which is reported. */
  find: (path: BytePath) => Promise<fs.Stats | undefined>
  /** The first bytes of a file, at most `limit`; undefined if there is no such file, or it cannot be read. */
  read: (path: BytePath, limit: number) => Promise<Buffer | { why: string } | undefined>
  /** Reports a symbolic link, which is not followed. */
  reportLink: (path: BytePath) => void
}

interface DiskOptions {
  onUnread: (place: UnreadPlace) => void
  /** Reading throws its reason once it aborts. */
  signal: AbortSignal
  /** Told of the owners of links, and of the folders that were listed. */
  owners?: Owners
}

/** Opens the folder `base`. */
export function openDisk(base: string, { onUnread, signal, owners }: DiskOptions): Disk {
  const pace = createPace()
  const full = (path: BytePath): Buffer | string =>
    isAscii(path) ? `${base}/${path}` : Buffer.concat([Buffer.from(`${base}/`), onDisk(path)])

  const report = (path: BytePath, { kind, why }: Pick<UnreadPlace, 'kind' | 'why'>) => {
    const half = path === 'blobs' || path.startsWith('blobs/') ? 'blobs' : 'repositories'
    onUnread({ path: shownPath(path), half, kind, why })
  }

  /** Undefined for what does not exist, or does no more: a storage changes while it is read. */
  const attempt = async <T>(path: BytePath, call: Call<T>): Promise<T | { why: string } | undefined> => {
    signal.throwIfAborted()
    try {
      return await pace(call)
    } catch (error) {
      const code = codeOf(error)
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
      const reason = reasonOf(code)
      report(path, reason)
      return { why: reason.why }
    }
  }

  const statCall = (path: BytePath): Call<fs.Stats> => {
    const name = full(path)
    return { now: () => fs.lstatSync(name), later: () => statOf(name) }
  }
  const noteFolder = (path: BytePath, stats: fs.Stats) => owners?.note('folder', () => shownPath(path), stats)
  /** The entries of a folder; and, where somebody asks for its owner, only if it is not larger than `limit`. */
  const listUpTo = async (folder: BytePath, limit: number): Promise<Entry[] | 'large'> => {
    const name = full(folder)
    const found = await attempt<Dirents | 'large'>(folder, {
      now: () => {
        const stats = owners && fs.lstatSync(name)
        if (stats) noteFolder(folder, stats)
        return stats && stats.size > limit ? 'large' : listNow(name)
      },
      later: async () => {
        const stats = owners && (await statOf(name))
        if (stats) noteFolder(folder, stats)
        return stats && stats.size > limit ? 'large' : readFolder(name, listOptions)
      },
    })
    if (found === 'large') return found
    return found && !('why' in found) ? found.map(entryOf) : []
  }

  // When folders were seen to be no symbolic links.
  const checkedAt = new Map<BytePath, number>()
  const stat: Disk['stat'] = async (path) => {
    const found = await attempt(path, statCall(path))
    return found && !('why' in found) ? found : undefined
  }

  return {
    reportLink: (path) => report(path, reasonOf('ELOOP')),
    find: async (path) => {
      const parts = path.split('/')
      for (let length = 1; length < parts.length; length += 1) {
        const folder = parts.slice(0, length).join('/')
        if (performance.now() - (checkedAt.get(folder) ?? Number.NEGATIVE_INFINITY) < checkedMs) continue
        const found = await stat(folder)
        if (!found) return undefined
        if (found.isSymbolicLink()) {
          report(folder, reasonOf('ELOOP'))
          return undefined
        }
        // Of these there are few, above many.
        if (length <= 3) checkedAt.set(folder, performance.now())
      }
      const found = await stat(path)
      if (found?.isSymbolicLink()) report(path, reasonOf('ELOOP'))
      return found?.isSymbolicLink() ? undefined : found
    },
    async *stream(folder) {
      const name = full(folder)
      const few = owners ? await listUpTo(folder, maxListed) : 'large'
      if (few !== 'large') {
        yield* few
        return
      }
      const opened = await attempt(folder, {
        now: () => fs.opendirSync(name as unknown as string, streamOptions),
        later: () => fs.promises.opendir(name, streamOptions),
      })
      if (!opened || 'why' in opened) return
      const next: Call<fs.Dirent | null> = { now: () => opened.readSync(), later: () => opened.read() }
      try {
        for (;;) {
          const entry = await attempt(folder, next)
          if (!entry || 'why' in entry) return
          yield entryOf(entry)
        }
      } finally {
        opened.closeSync()
      }
    },
    list: async (folder) => {
      const entries = await listUpTo(folder, Number.POSITIVE_INFINITY)
      return entries === 'large' ? [] : entries
    },
    stat,
    read: async (path, limit) => {
      const name = full(path)
      const found = await attempt(path, {
        now: () => readNow(name, limit, owners !== undefined),
        later: () => readLater(name, limit, owners !== undefined),
      })
      if (!found || 'why' in found) return found
      if (found.stats) owners?.note('link', () => shownPath(path), found.stats)
      return found.bytes
    },
  }
}

/** The beginning of a file, with its owner where that is asked for. */
interface FileStart {
  bytes: Buffer
  stats: fs.Stats | undefined
}

type Dirents = fs.Dirent<Buffer>[] | fs.Dirent[]

/** The entries of a folder, with names of one character a byte where that is possible, which takes half the time of buffers. */
function listNow(folder: Buffer | string): Dirents {
  if (typeof folder !== 'string') return fs.readdirSync(folder, listOptions)
  try {
    return fs.readdirSync(folder, textOptions)
  } catch {
    // A file system that does not say what its entries are is asked by their names, which such text is not.
    return fs.readdirSync(folder, listOptions)
  }
}

function readNow(path: Buffer | string, limit: number, withStats: boolean): FileStart {
  const descriptor = fs.openSync(path, readOnly)
  try {
    const buffer = Buffer.allocUnsafe(limit)
    let length = 0
    while (length < limit) {
      const bytesRead = fs.readSync(descriptor, buffer, length, limit - length, length)
      length += bytesRead
      // A regular file is read short at its end alone.
      if (bytesRead === 0 || length < limit) break
    }
    return { bytes: buffer.subarray(0, length), stats: withStats ? fs.fstatSync(descriptor) : undefined }
  } finally {
    fs.closeSync(descriptor)
  }
}

async function readLater(path: Buffer | string, limit: number, withStats: boolean): Promise<FileStart> {
  const descriptor = await openFile(path, readOnly)
  try {
    const buffer = Buffer.allocUnsafe(limit)
    let length = 0
    while (length < limit) {
      const { bytesRead } = await readFile(descriptor, buffer, length, limit - length, length)
      length += bytesRead
      if (bytesRead === 0 || length < limit) break
    }
    return { bytes: buffer.subarray(0, length), stats: withStats ? await statFile(descriptor) : undefined }
  } finally {
    await closeFile(descriptor)
  }
}

/** So long a folder that was no symbolic link is taken for none, in milliseconds. */
const checkedMs = 2000

// A pipe that nobody writes to would block for ever.
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants
const readOnly = O_RDONLY | O_NOFOLLOW | O_NONBLOCK
const streamOptions = { encoding: 'buffer' as BufferEncoding, bufferSize: 512 }

/** A folder of up to this size is listed at once: some hundred entries, or on a file system that counts them in it some ten thousand. */
const maxListed = 64 * 1024

const isAscii = (path: BytePath): boolean => !/[\x80-\xff]/.test(path)

const entryOf = (entry: fs.Dirent<Buffer> | fs.Dirent): Entry => ({
  name: typeof entry.name === 'string' ? entry.name : (entry.name as Buffer).toString('latin1'),
  kind: entry.isFile()
    ? 'file'
    : entry.isDirectory()
      ? 'folder'
      : entry.isSymbolicLink()
        ? 'symlink'
        : 'other',
})

/** The code of a system error; rethrows anything else: the end of the run, or a bug. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  throw error
}

const reasons: Record<string, Pick<UnreadPlace, 'kind' | 'why'>> = {
  EACCES: { kind: 'permission', why: 'this user may not read it' },
  EPERM: { kind: 'permission', why: 'this user may not read it' },
  ELOOP: { kind: 'symlink', why: 'it is a symbolic link, which is not followed' },
  EIO: { kind: 'disk', why: 'the disk reported an input/output error' },
  EUCLEAN: { kind: 'disk', why: 'the file system is damaged there' },
  EBADMSG: { kind: 'disk', why: 'the file system is damaged there' },
  ESTALE: { kind: 'disk', why: 'the network file system lost it (stale file handle)' },
  ENOTCONN: { kind: 'disk', why: 'the network file system is not connected' },
  EISDIR: { kind: 'other', why: 'it is a folder, not a file' },
}

/** Why a path could not be read, from the code of the system's error. */
export const reasonOf = (code: string): Pick<UnreadPlace, 'kind' | 'why'> =>
  reasons[code] ?? { kind: 'other', why: `it cannot be read (${code})` }
