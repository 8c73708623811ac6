import type { Inventory } from '../../storage/inventory.ts'
import type { DigestTable } from './digest-table.ts'

/** Says under which digest the data of a digest is kept: as a rule, under the digest itself. */
export type KeptAs = ((digest: number) => number) & {
  /** The digests whose data is kept under another. */
  others: Iterable<number>
}

/**
 * A registry keeps data under its SHA-256 digest alone. A blob that was pushed under another, as SHA-512, has a link of that name which
 * consists of the SHA-256 digest (`linkedBlobStore.linkBlob` of distribution). Any repository with such a link shows where the data is.
 */
export function createKeptAs({ repositories, blobs, digests }: Inventory): KeptAs {
  const known = new Map<number, number>()
  for (const { layers } of repositories)
    for (const { path, content } of layers.others) {
      if (path === undefined || content.state !== 'digest' || blobs.size(path) !== undefined) continue
      if (!isOtherName(path, content.target, digests)) continue
      if (!known.has(path) || blobs.size(content.target) !== undefined) known.set(path, content.target)
    }
  const keptAs = (digest: number): number => known.get(digest) ?? digest
  return Object.assign(keptAs, { others: [...known.keys()] })
}

/** Whether two digests are of different algorithms, so that they can be names of the same data. */
export const isOtherName = (one: number, other: number, { text }: Pick<DigestTable, 'text'>): boolean =>
  algorithmOf(text(one)) !== algorithmOf(text(other))

const algorithmOf = (digest: string): string => digest.slice(0, digest.indexOf(':'))
