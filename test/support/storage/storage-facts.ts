import type { Check } from '../../../src/checks/define.ts'
import { forecastOf } from '../../../src/facts/queries/storage/forecast/forecast.ts'
import type { HashesFact, WrongHash } from '../../../src/facts/storage/hashes.ts'
import { nothingUnread, type StorageFact } from '../../../src/facts/storage.ts'
import { type Image, multiPlatform } from '../../../src/fake-registry/images/images.ts'
import { digestOf, type Given, healthyFacts, type Reported, settingsWith } from '../facts.ts'
import {
  inventoryOf,
  judge,
  type MadeRepository,
  type MadeStorage,
  madeStorage,
  pushTo,
  repositoryIn,
} from './made-storage.ts'

export const storageRoot = '/var/lib/registry'

/** What a healthy storage holds. */
export const healthyStorage = (): StorageFact => ({
  root: storageRoot,
  driver: 'filesystem',
  layout: {
    seen: true,
    from: storageRoot,
    value: {
      base: 'docker/registry/v2',
      isCache: false,
      lacks: [],
      readMs: 40,
      counts: { repositories: 2, tags: 3, manifests: 9, blobs: 27, bytes: 21_000, uploads: 0 },
    },
  },
  unread: nothingUnread(),
})

/** A storage of which nothing could be seen. */
export const unseenStorage = (
  why: string,
  remedies: Extract<StorageFact['layout'], { seen: false }>['remedies'] = [],
): StorageFact => ({ ...healthyStorage(), layout: { seen: false, why, remedies, applies: true } })

/** A change to a healthy storage. */
export type StorageChange = (storage: StorageFact) => void

/** The value of a layout that was seen. */
export function layoutIn({ layout }: StorageFact) {
  if (!layout.seen) throw new Error('the layout was not seen')
  return layout.value
}

/** Some paths of one kind that could not be read. */
export const unreadPaths =
  (kind: StorageFact['unread']['places'][number]['kind'], why: string, ...paths: string[]): StorageChange =>
  ({ unread }) => {
    for (const path of paths) {
      const half = path.startsWith('blobs') ? 'blobs' : 'repositories'
      unread.counts[half] += 1
      unread.counts[kind] += 1
      unread.places.push({ path, half, kind, why })
    }
  }

/** What hashing showed. */
export const withHashes =
  (change: Partial<HashesFact>): StorageChange =>
  (storage) => {
    const sum = { count: 0, bytes: 0 }
    const value = {
      isFull: true,
      hashed: sum,
      known: sum,
      left: sum,
      skipped: 0,
      sparse: { count: 0, first: [] },
      wrong: [],
      moreWrong: 0,
    }
    storage.hashes = { seen: true, from: storageRoot, value: { ...value, ...change } }
  }

/** Data whose hash was wrong, and what a second reading gave. */
export const wrongHash = (name: string, again: WrongHash['again']): WrongHash => ({
  ...{ digest: digestOf(name), actual: digestOf(`${name}, rotten`), size: 100, again },
})

/** The faults that a check reports for a storage. */
export function faultsOfStorage(
  check: Check,
  storage: StorageFact | StorageChange = () => {},
  given: Given = {},
): Reported[] {
  const fact = typeof storage === 'function' ? healthyStorage() : storage
  if (typeof storage === 'function') storage(fact)
  return check
    .run({ ...healthyFacts(), storage: fact }, settingsWith(given))
    .map((fault) => ({ severity: check.severity, ...fault }))
}

const [firstImage, secondImage] = multiPlatform({ seed: 'made' }).images

/** The image of a made storage: two platforms in the repository `app`, tagged `1`. */
export const madeImage = {
  ...multiPlatform({ seed: 'made' }),
  amd64: firstImage as Image,
  arm64: secondImage as Image,
}

/** A change to the files of the repository `app`, or to anything else of a made storage. */
export type MadeChange = (files: MadeRepository, storage: MadeStorage) => void

/** The faults that a check reports for a storage of one image whose files were changed, with what the terminal prints by default. */
export function faultsOfMade(check: Check, change: MadeChange, given: Given = {}): Reported[] {
  const made = madeStorage()
  pushTo(made, 'app', madeImage.contents, '1')
  change(repositoryIn(made, 'app'), made)
  return faultsOfStorage(
    check,
    (storage) => {
      storage.judged = judge(made)
      storage.forecast = forecastOf(inventoryOf(made), { deleteUntagged: false })
    },
    given,
  )
}
