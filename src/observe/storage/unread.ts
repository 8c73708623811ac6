import type { DigestTable } from '../../facts/queries/storage/digest-table.ts'
import { isStoredDigest } from '../../facts/queries/storage/stored-digest.ts'
import type { UnreadParts } from '../../facts/storage/inventory.ts'
import { nothingUnread, type StorageFact, type UnreadPlace } from '../../facts/storage.ts'

/** So many places of each kind are named in each half; all are counted. */
const maxPlaces = 20

/** Collects what could not be read. */
export interface UnreadList {
  add: (place: UnreadPlace) => void
  /** Notes that something may be there, without another place for people to read. */
  note: (path: string) => void
  /** Adds a repository that was something else each time it was read, and the digests that looked wrong the last time. */
  addChanging: (repository: string, digests: readonly number[]) => void
  fact: () => StorageFact['unread']
  parts: UnreadParts
}

export function createUnreadList(digests: DigestTable): UnreadList {
  const { counts, places } = nothingUnread()
  const named = new Map<string, number>()
  // Folders of many digests, of which there are few, and single digests.
  const folders = new Set<string>()
  const data = new Set<number>()
  /** What is counted: a place that was only noted before is not. */
  const counted = new Set<string | number>()
  const digestIn = (path: string): number | undefined => {
    const [half, algorithm = '', , encoded = ''] = path.split('/')
    const digest = `${algorithm}:${encoded}`
    return half === 'blobs' && isStoredDigest(digest) ? digests.add(digest) : undefined
  }
  const note = (path: string) => {
    const digest = digestIn(path)
    if (digest === undefined) folders.add(path)
    else data.add(digest)
  }
  const isBelow = (path: string): boolean => {
    if (folders.size === 0) return false
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1))
      if (folders.has(path.slice(0, end))) return true
    return false
  }
  const hasInside = (folder: string): boolean => {
    if (isBelow(folder)) return true
    for (const path of folders) if (path.startsWith(`${folder}/`)) return true
    return false
  }
  const add = (place: UnreadPlace): void => {
    const { half, kind, path } = place
    const digest = digestIn(path)
    // A walk may come to the same folder twice, and data be read and hashed.
    const key = digest ?? path
    if (counted.has(key)) return
    counted.add(key)
    counts[half] += 1
    counts[kind] += 1
    note(path)
    const before = named.get(`${half} ${kind}`) ?? 0
    named.set(`${half} ${kind}`, before + 1)
    if (before < maxPlaces) places.push(place)
  }
  return {
    ...{ note, add },
    addChanging: (repository, changing) => {
      for (const digest of changing) data.add(digest)
      const folder = `repositories/${repository}`
      // Not the whole folder, which may hold other repositories.
      note(`${folder}/_layers`)
      const why = 'it changed each time that it was read, so nothing is known of it'
      add({ path: `${folder}/_manifests`, half: 'repositories', kind: 'changing', why })
    },
    fact: () => ({ counts: { ...counts }, places: places.toSorted((a, b) => (a.path < b.path ? -1 : 1)) }),
    parts: {
      data: (digest) => {
        if (data.has(digest)) return true
        if (folders.size === 0) return false
        const [algorithm = '', encoded = ''] = digests.text(digest).split(':')
        return isBelow(`blobs/${algorithm}/${encoded.slice(0, 2)}`)
      },
      links: (repository, kind) =>
        hasInside(`repositories/${repository}/${kind === 'layer' ? '_layers' : '_manifests/revisions'}`),
      tag: (repository, name) => hasInside(`repositories/${repository}/_manifests/tags/${name}/current`),
      repository: (name) =>
        hasInside(`repositories/${name}/_manifests`) || hasInside(`repositories/${name}/_layers`),
      repositories: () => counts.repositories > 0,
      any: () => counts.repositories + counts.blobs > 0,
    },
  }
}

/** All could be read. */
export const nothingHidden: UnreadParts = {
  data: () => false,
  links: () => false,
  tag: () => false,
  repository: () => false,
  repositories: () => false,
  any: () => false,
}
