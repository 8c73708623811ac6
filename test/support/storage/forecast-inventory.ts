import type { Check } from '../../../src/checks/define.ts'
import { createBlobTable } from '../../../src/facts/queries/storage/blob-table.ts'
import { createDigestTable } from '../../../src/facts/queries/storage/digest-table.ts'
import type { KnownOptions } from '../../../src/facts/queries/storage/forecast/dry-run.ts'
import { forecastOf } from '../../../src/facts/queries/storage/forecast/forecast.ts'
import { judgeStorage } from '../../../src/facts/queries/storage/judge/judge.ts'
import type { Inventory, StoredManifest, StoredRepository } from '../../../src/facts/storage/inventory.ts'
import { nothingUnread, type StorageFact } from '../../../src/facts/storage.ts'
import { nothingHidden } from '../../../src/observe/storage/unread.ts'
import { digestOf } from '../../storage/files.ts'
import type { Reported } from '../facts.ts'
import { faultsOfStorage } from './storage-facts.ts'

/** A storage in memory, for tests that need no disk. */
export interface MadeInventory {
  inventory: Inventory
  /** The number of the digest of a name, with data of 100 bytes unless it is `absent`. */
  blob: (name: string, absent?: 'absent') => number
  /** A manifest and its number: an image with a configuration and a layer of its own, or an index of children. */
  image: (name: string, subject?: number) => number
  index: (name: string, children: number[]) => number
  /** A repository that has links for these manifests and what they name, and these tags. */
  repository: (name: string, revisions: number[], tags?: Record<string, number>) => StoredRepository
}

export function makeInventory(driver: Inventory['driver'] = 'filesystem'): MadeInventory {
  const digests = createDigestTable()
  const blobs = createBlobTable()
  const manifests: Inventory['manifests'] = new Map()
  const inventory: Inventory = {
    ...{ driver, digests, blobs, manifests, repositories: [], strays: [], underscoreFiles: [] },
    ...{ hasBlobs: true, hasRepositories: true, isCache: false, unread: nothingHidden },
  }
  const blob: MadeInventory['blob'] = (name, absent) => {
    const id = digests.add(digestOf(name))
    if (absent === undefined) blobs.add(id, 100, 0)
    return id
  }
  const add = (name: string, document: Extract<StoredManifest, { state: 'parsed' }>['document']): number => {
    const id = blob(name)
    manifests.set(id, { state: 'parsed', document })
    return id
  }
  const common = { mediaType: '', artifactType: '', subject: undefined }
  const platforms = ['linux/amd64', 'linux/arm64', 'linux/riscv64']
  return {
    inventory,
    blob,
    image: (name, subject) =>
      add(name, {
        ...common,
        kind: 'image',
        artifactType: subject === undefined ? '' : 'application/vnd.example.sbom',
        subject,
        references: (['config', 'layer'] as const).map((role) => ({
          ...{ digest: blob(`${role} of ${name}`), size: 100, mediaType: '', role, platform: '' },
        })),
      }),
    index: (name, children) =>
      add(name, {
        ...common,
        kind: 'index',
        references: children.map((digest, at) => ({
          ...{ digest, size: 100, mediaType: '', role: 'child' as const, platform: platforms[at] ?? '' },
        })),
      }),
    repository: (name, revisions, tags = {}) => {
      const layers = revisions.flatMap((digest) => {
        const manifest = manifests.get(digest)
        return manifest?.state === 'parsed' && manifest.document.kind === 'image'
          ? manifest.document.references.map((reference) => reference.digest)
          : []
      })
      const made: StoredRepository = {
        ...{ name, hasLayers: true, hasManifests: true, hasRevisions: true, hasTags: true },
        revisions: revisions.map((digest) => ({
          path: digest,
          content: { state: 'digest', target: digest },
        })),
        tags: Object.entries(tags).map(([tag, target]) => ({
          ...{ name: tag, current: { state: 'digest' as const, target }, history: [] },
        })),
        tagFiles: [],
        layers: { equal: Int32Array.from(layers), others: [] },
        emptyRevisions: [],
        uploads: [],
      }
      inventory.repositories.push(made)
      return made
    },
  }
}

/** When made inventories are judged, in milliseconds: a month after they were written. */
export const judgedAt = 30 * 24 * 60 * 60 * 1000

/** The faults that a check reports for the next collection of the storage. */
export const faultsOfForecast = (
  check: Check,
  { inventory }: Pick<MadeInventory, 'inventory'>,
  known: KnownOptions = {},
  unread: StorageFact['unread'] = nothingUnread(),
): Reported[] =>
  faultsOfStorage(
    check,
    (storage) => {
      if (inventory.driver === 's3') Object.assign(storage, { driver: 's3', root: 's3://bucket/prefix' })
      storage.forecast = forecastOf(inventory, known, undefined, judgedAt)
      storage.unread = unread
      storage.judged = judgeStorage(inventory, () => undefined, judgedAt)
    },
    { registry: 'reg.example.com' },
  )

/** A tag on an index whose platform images have no tag: what builds push. */
export function madeIndex(
  repository = 'infra/ci',
  driver: Inventory['driver'] = 'filesystem',
): MadeInventory & { children: number[]; top: number } {
  const made = makeInventory(driver)
  const children = ['amd64', 'arm64'].map((name) => made.image(name))
  const top = made.index('index', children)
  made.repository(repository, [top, ...children], { latest: top })
  return { ...made, children, top }
}

/** The collections that these tests ask about. */
export const collections = {
  old: { version: '2.8', deleteUntagged: true },
  recent: { version: '3', deleteUntagged: true },
  plain: { deleteUntagged: false },
} as const
