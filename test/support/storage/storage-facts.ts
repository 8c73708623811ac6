import type { Check } from '../../../src/checks/define.ts'
import { nothingUnread, type StorageFact } from '../../../src/facts/storage.ts'
import { type Given, healthyFacts, type Reported, settingsWith } from '../facts.ts'

export const storageRoot = '/var/lib/registry'

/** What a healthy storage holds. */
const healthyStorage = (): StorageFact => ({
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
