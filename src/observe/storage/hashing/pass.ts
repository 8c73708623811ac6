import { hashOrder } from '../../../facts/queries/storage/hash-order.ts'
import { sizeSuspects } from '../../../facts/queries/storage/judge/data.ts'
import { createKeptAs } from '../../../facts/queries/storage/kept-as.ts'
import type { HashesFact, Hashing } from '../../../facts/storage/hashes.ts'
import type { Inventory } from '../../../facts/storage/inventory.ts'
import { isInside } from '../../files/inside.ts'
import { eachOf } from '../each-of.ts'
import type { FileMarks } from '../filesystem/file-marks.ts'
import type { HashOptions } from '../reading.ts'
import { createThrottle, type FileHash, type Throttle } from './hash-file.ts'
import { createResults } from './results.ts'
import { type HashState, openState } from './state-file.ts'

/** Where data is hashed: files, or the objects in a bucket. */
export interface HashSource {
  /** Makes a function that hashes the data of a digest. */
  open: (throttle: Throttle, signal: AbortSignal) => (digest: string) => Promise<FileHash>
  /** Hashes the data of one that is small, as if without a throttle. */
  small: (digest: string) => Promise<FileHash>
  marks: FileMarks
  /** So many small ones are hashed at the same time. */
  atOnce: number
  /** The folder of the storage. */
  root?: string
}

/** What looks damaged is hashed in every scan, up to this much where no budget is set. */
const usualBudget = { bytes: 2 * 1024 ** 3 }
/** Where more files have holes, it is the file system that compresses. */
const maxHoles = 16

/** A larger configuration is hashed with the layers. */
const maxSmall = 4 * 1024 * 1024

/**
 * Hashes data files: what looks damaged, manifests and configurations, and with `isFull` all others, in the order of `hashOrder`, as far
 * as the budget goes. The end of the run ends it, with what was hashed until then. Or says why a full pass is not possible.
 */
export async function hashStorage(
  { open, small: hashSmall, marks, atOnce, root }: HashSource,
  inventory: Inventory,
  options: HashOptions,
): Promise<Hashing | { why: string }> {
  const { signal, now, rate, budget, stateDir, isFull, progress } = options
  const { digests, blobs } = inventory
  const results = createResults(inventory, marks)
  const opened =
    stateDir === undefined || !isFull
      ? undefined
      : await openStateOutside(root, stateDir, results.recall, now)
  if (opened && !opened.ok) return { why: opened.why }
  const state: HashState | undefined = opened?.state
  const small = smallData(inventory)
  let ended: HashesFact['ended']
  try {
    const slow = open(createThrottle(rate, now, signal), signal)

    const hashOne = async (digest: number, hash: HashSource['small']): Promise<number> => {
      const text = digests.text(digest)
      const hex = text.slice(text.indexOf(':') + 1)
      signal.throwIfAborted()
      let found = await hash(text)
      // One wrong reading may be a fault of the memory; a file that is wrong stays so.
      const isWrong = found.state === 'hashed' && found.hex !== hex
      const before = isWrong && found.state === 'hashed' ? found.hex : undefined
      if (isWrong) found = await hash(text)
      await results.add(digest, found, before, now(), state)
      progress({ found: 1, done: 1 })
      return found.state === 'hashed' ? found.bytes : 0
    }

    const limit = budget ?? (isFull ? undefined : usualBudget)
    const startedAt = now()
    let bytes = 0
    const isSpent = () =>
      limit !== undefined && ('bytes' in limit ? bytes >= limit.bytes : now() - startedAt >= limit.ms)
    const done = new Set<number>()
    for (const digest of new Set([...sizeSuspects(inventory), ...fewHoles(marks)])) {
      if (isSpent() || results.hashedAt(digest) !== undefined) continue
      bytes += await hashOne(digest, slow)
      done.add(digest)
    }
    await eachOf(small, atOnce, async (digest) => {
      if (!done.has(digest)) await hashOne(digest, hashSmall)
      done.add(digest)
    })
    if (isFull) {
      const order = hashOrder({
        digests: without(blobs.all(), done),
        isSparse: marks.isSparse,
        hashedAt: results.hashedAt,
        modifiedAt: blobs.modifiedAt,
      })
      for (const digest of order) {
        if (isSpent()) {
          ended = 'budget'
          break
        }
        bytes += await hashOne(digest, slow)
      }
    }
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) {
      await state?.close()
      throw error
    }
    ended = 'run'
  }
  const unwritten = await state?.close()
  const lost = unwritten ?? opened?.lost
  return {
    fact: {
      ...results.fact(isFull),
      ...(ended ? { ended } : {}),
      ...(lost === undefined ? {} : { stateLost: lost }),
    },
    hashed: results.hashed,
  }
}

/** Nothing is ever written below a storage, so the state of hashing cannot be kept there. */
async function openStateOutside(
  root: string | undefined,
  folder: string,
  ...more: StateArguments
): ReturnType<typeof openState> {
  return root !== undefined && (await isInside(folder, root))
    ? { ok: false, why: 'state_dir lies in the storage itself, where nothing is ever written' }
    : openState(folder, ...more)
}

type StateArguments = Parameters<typeof openState> extends [string, ...infer More] ? More : never

function* without(digests: Iterable<number>, done: ReadonlySet<number>): Generator<number> {
  for (const digest of digests) if (!done.has(digest)) yield digest
}

function fewHoles(marks: FileMarks): number[] {
  const { first, count } = marks.sparse()
  return count > maxHoles ? [] : first
}

/** The manifests and the configurations that they name, as far as their data exists. */
function smallData(inventory: Inventory): Set<number> {
  const { manifests, blobs } = inventory
  const keptAs = createKeptAs(inventory)
  const found = new Set<number>()
  for (const [digest, manifest] of manifests) {
    if (blobs.size(digest) !== undefined) found.add(digest)
    if (manifest.state !== 'parsed') continue
    for (const { digest: named, role } of manifest.document.references) {
      const config = keptAs(named)
      if (role === 'config' && (blobs.size(config) ?? maxSmall) < maxSmall) found.add(config)
    }
  }
  return found
}
