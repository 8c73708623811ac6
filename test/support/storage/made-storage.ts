import { createBlobTable } from '../../../src/facts/queries/storage/blob-table.ts'
import { createDigestTable } from '../../../src/facts/queries/storage/digest-table.ts'
import { judgeStorage } from '../../../src/facts/queries/storage/judge/judge.ts'
import { linkedManifests } from '../../../src/facts/queries/storage/linked-manifests.ts'
import { readStoredManifest } from '../../../src/facts/queries/storage/stored-manifest.ts'
import type {
  Inventory,
  LinkContent,
  StoredLink,
  StoredTag,
  Stray,
} from '../../../src/facts/storage/inventory.ts'
import type { JudgedStorage } from '../../../src/facts/storage/judged.ts'
import type { Content } from '../../../src/fake-registry/images/images.ts'
import { nothingHidden } from '../../../src/observe/storage/unread.ts'

/** When made storages were written, and when they are judged: a month later. */
const [writtenAt, judgedAt] = [Date.UTC(2026, 9, 1), Date.UTC(2026, 10, 1)]

/** The files of a repository: what each link says, by the digest in its path. */
export interface MadeRepository {
  revisions: Map<string, string>
  layers: Map<string, string>
  /** What `current/link` says; undefined without that file. The history is in order. */
  tags: Map<string, { current: string | undefined; history: string[] }>
}

/** A storage made by hand: the files as a push leaves them, to be damaged by a test. */
export interface MadeStorage {
  data: Map<string, Buffer>
  /** Sizes of data files that differ from their bytes. */
  sizes: Map<string, number>
  repositories: Map<string, MadeRepository>
  /** What hashing shows; nothing is hashed otherwise. */
  hashed: Map<string, 'sound' | 'corrupt'>
  strays: Stray[]
  isCache: boolean
  /** The time between two entries in the history of a tag, in milliseconds. */
  pushedEvery: number
}

/** The files of a repository, which is made if there is none of the name. */
export function repositoryIn(storage: MadeStorage, name: string): MadeRepository {
  const made = storage.repositories.get(name) ?? { revisions: new Map(), layers: new Map(), tags: new Map() }
  storage.repositories.set(name, made)
  return made
}

/** An empty storage. */
export const madeStorage = (): MadeStorage => ({
  ...{ data: new Map(), sizes: new Map(), repositories: new Map(), hashed: new Map() },
  ...{ strays: [], isCache: false, pushedEvery: 60_000 },
})

/** Writes what a push of these contents leaves; the last manifest gets the tag. */
export function pushTo(storage: MadeStorage, name: string, contents: Content[], tag?: string): void {
  const { revisions, layers, tags } = repositoryIn(storage, name)
  for (const { kind, digest, bytes } of contents) {
    storage.data.set(digest, bytes)
    ;(kind === 'manifest' ? revisions : layers).set(digest, digest)
  }
  const top = contents.findLast(({ kind }) => kind === 'manifest')
  if (tag === undefined || !top) return
  const history = (tags.get(tag)?.history ?? []).filter((digest) => digest !== top.digest)
  tags.set(tag, { current: top.digest, history: [...history, top.digest] })
}

/** What a scan would read of it. */
export function inventoryOf(storage: MadeStorage): Inventory {
  const [digests, blobs] = [createDigestTable(), createBlobTable()]
  for (const [digest, bytes] of storage.data)
    blobs.add(digests.add(digest), storage.sizes.get(digest) ?? bytes.length, writtenAt)
  const contentOf = (text: string): LinkContent => {
    if (text === '') return { state: 'empty' }
    if (text === 'unreadable') return { state: 'unreadable', why: 'permission denied' }
    return /^sha(256|512):[0-9a-f]+$/.test(text)
      ? { state: 'digest', target: digests.add(text) }
      : { state: 'malformed', text }
  }
  const links = (files: Map<string, string>): StoredLink[] =>
    [...files].map(([path, text]) => ({ path: digests.add(path), content: contentOf(text) }))
  const isEqual = ({ path, content }: StoredLink) => content.state === 'digest' && content.target === path
  const repositories = [...storage.repositories].map(([name, files]) => {
    const layers = links(files.layers)
    return {
      ...{ name, hasLayers: true, hasManifests: true, hasRevisions: true, hasTags: true },
      revisions: links(files.revisions),
      tags: [...files.tags].map(
        ([tag, { current, history }]): StoredTag => ({
          name: tag,
          current: current === undefined ? undefined : contentOf(current),
          history: history.map((digest, at) => ({
            digest: digests.add(digest),
            at: writtenAt + at * storage.pushedEvery,
          })),
        }),
      ),
      tagFiles: [],
      layers: {
        equal: Int32Array.from(layers.filter(isEqual).map(({ path = -1 }) => path)),
        others: layers.filter((link) => !isEqual(link)),
      },
      emptyRevisions: [],
      uploads: [],
    }
  })
  const manifests: Inventory['manifests'] = new Map()
  for (const { revisions } of storage.repositories.values())
    for (const digest of revisions.keys()) readTree(digest)
  for (const digest of linkedManifests({ repositories })) readTree(digests.text(digest))
  return {
    ...{ driver: 'filesystem', digests, blobs, manifests, repositories },
    ...{ hasBlobs: true, hasRepositories: true, underscoreFiles: [] },
    ...{ strays: storage.strays, isCache: storage.isCache, unread: nothingHidden },
  }

  function readTree(digest: string): void {
    const bytes = storage.data.get(digest)
    if (bytes === undefined || manifests.has(digests.add(digest))) return
    const read = readStoredManifest(bytes.subarray(0, storage.sizes.get(digest) ?? bytes.length), digests)
    manifests.set(digests.add(digest), read)
    if (read.state === 'parsed' && read.document.kind === 'index')
      for (const child of read.document.references) readTree(digests.text(child.digest))
  }
}

/** Judges a made storage. */
export function judge(storage: MadeStorage): JudgedStorage {
  const inventory = inventoryOf(storage)
  return judgeStorage(inventory, (digest) => storage.hashed.get(inventory.digests.text(digest)), judgedAt)
}
