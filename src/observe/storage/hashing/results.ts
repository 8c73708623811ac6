import type { HashesFact, WrongHash } from '../../../facts/storage/hashes.ts'
import type { Inventory } from '../../../facts/storage/inventory.ts'
import type { FileMarks } from '../filesystem/file-marks.ts'
import type { FileHash } from './hash-file.ts'
import type { HashState, StateEntry } from './state-file.ts'

/** So many wrong hashes and files with holes are named; all are counted. */
const [maxWrong, maxSparse] = [200, 20]

/** What is known of the content of data files, from this run and from earlier ones. */
export interface HashResults {
  /** Takes over an entry of an earlier run, if the file is still the same; says whether it is. */
  recall: (entry: StateEntry) => boolean
  /** Adds what hashing a file showed; `before` is the hash of a first reading that was wrong. */
  add: (
    digest: number,
    found: FileHash,
    before: string | undefined,
    at: number,
    state: HashState | undefined,
  ) => Promise<void>
  hashedAt: (digest: number) => number | undefined
  hashed: (digest: number) => 'sound' | 'corrupt' | undefined
  fact: (isFull: boolean) => Omit<HashesFact, 'ended' | 'stateLost'>
}

export function createResults({ digests, blobs }: Inventory, marks: FileMarks): HashResults {
  // When each digest was hashed; 0 if it was not.
  const times = new Float64Array(digests.size())
  const isOfThisRun = new Uint8Array(digests.size())
  const wrong = new Map<number, WrongHash>()
  let skipped = 0

  const note = (digest: number, at: number, entry: WrongHash | undefined) => {
    times[digest] = at
    if (entry) wrong.set(digest, entry)
    else wrong.delete(digest)
  }

  return {
    recall: ({ digest: text, size, modified, changed, inode, at, actual }) => {
      const digest = digests.find(text)
      if (digest === undefined || blobs.size(digest) !== size) return false
      const isSame =
        blobs.modifiedAt(digest) === modified &&
        marks.changedAt(digest) === changed &&
        marks.inode(digest) === inode
      if (isSame)
        note(digest, at, actual === undefined ? undefined : { digest: text, actual, size, again: 'same' })
      return isSame
    },
    add: async (digest, found, before, at, state) => {
      if (found.state !== 'hashed') {
        skipped += 1
        return
      }
      const text = digests.text(digest)
      const algorithm = text.slice(0, text.indexOf(':'))
      const last = `${algorithm}:${found.hex}`
      const actual = before === undefined ? last : `${algorithm}:${before}`
      const again = last === actual ? 'same' : last === text ? 'right' : 'other'
      note(digest, at, actual === text ? undefined : { digest: text, actual, size: found.bytes, again })
      isOfThisRun[digest] = 1
      await state?.add({
        ...{ digest: text, size: found.bytes, at },
        modified: blobs.modifiedAt(digest) ?? 0,
        changed: marks.changedAt(digest) ?? 0,
        inode: marks.inode(digest) ?? 0,
        ...(last === text ? {} : { actual: last }),
      })
    },
    hashedAt: (digest) => times[digest] || undefined,
    hashed: (digest) => {
      if (!times[digest]) return undefined
      const { again = 'right' } = wrong.get(digest) ?? {}
      return again === 'right' ? 'sound' : 'corrupt'
    },
    fact: (isFull) => {
      const sums = { hashed: emptySum(), known: emptySum(), left: emptySum() }
      let oldestAt = Number.POSITIVE_INFINITY
      for (const digest of blobs.all()) {
        const at = times[digest] ?? 0
        if (at > 0) oldestAt = Math.min(oldestAt, at)
        if (at === 0 && !isFull) continue
        const sum = sums[at === 0 ? 'left' : isOfThisRun[digest] ? 'hashed' : 'known']
        sum.count += 1
        sum.bytes += blobs.size(digest) ?? 0
      }
      const sparse = marks.sparse()
      const holes = sparse.first.filter((digest) => blobs.size(digest) !== undefined)
      const sorted = [...wrong.values()].toSorted((a, b) => (a.digest < b.digest ? -1 : 1))
      return {
        ...{ isFull, skipped },
        sparse: {
          count: sparse.count - sparse.first.length + holes.length,
          first: holes
            .slice(0, maxSparse)
            .map((digest) => digests.text(digest))
            .toSorted(),
        },
        ...sums,
        ...(isFull && sums.left.count === 0 && Number.isFinite(oldestAt) ? { oldestAt } : {}),
        wrong: sorted.slice(0, maxWrong),
        moreWrong: Math.max(0, sorted.length - maxWrong),
      }
    },
  }
}

const emptySum = () => ({ count: 0, bytes: 0 })
