import type { LayoutFact } from '../../../facts/storage.ts'

type WrongOwner = NonNullable<LayoutFact['wrongOwner']>
type Kind = WrongOwner['files'][number]['kind']

/** Finds what belongs to another user than most data, and what nobody but that user may read. */
export interface Owners {
  /** `name` says what it is, if it has to be named. */
  note: (kind: Kind, name: () => string, stats: { uid: number; mode: number }) => void
  /** Undefined if there is nothing of the kind, or most belong to root, who may read everything. */
  wrong: () => WrongOwner | undefined
}

/** So many of each kind and owner are named. */
const maxNamed = 20
const superuser = 0

/** An access control list that lets somebody read sets the permission of the group. */
const isClosed: Record<'file' | 'folder', (mode: number) => boolean> = {
  file: (mode) => (mode & 0o044) === 0,
  // To find something in a folder takes the permission to read and to enter.
  folder: (mode) => (mode & 0o050) !== 0o050 && (mode & 0o005) !== 0o005,
}

export function createOwners(): Owners {
  const counts = new Map<number, number>()
  const closed = new Map<string, { kind: Kind; uid: number; count: number; first: string[] }>()
  return {
    note: (kind, name, { uid, mode }) => {
      if (kind === 'data') counts.set(uid, (counts.get(uid) ?? 0) + 1)
      if (!isClosed[kind === 'folder' ? 'folder' : 'file'](mode)) return
      const own = closed.get(`${kind} ${uid}`) ?? { kind, uid, count: 0, first: [] }
      closed.set(`${kind} ${uid}`, own)
      own.count += 1
      if (own.first.length < maxNamed) own.first.push(name())
    },
    wrong: () => {
      const [[owner] = [superuser]] = [...counts].toSorted(([, a], [, b]) => b - a)
      const files = [...closed.values()].filter(({ uid }) => uid !== owner)
      return owner === superuser || files.length === 0 ? undefined : { owner, files }
    },
  }
}
