import type { DigestTable } from '../../../facts/queries/storage/digest-table.ts'
import { isStoredDigest } from '../../../facts/queries/storage/stored-digest.ts'
import type { LinkContent, StoredLink } from '../../../facts/storage/inventory.ts'
import { eachOf } from '../each-of.ts'
import type { BytePath } from './byte-path.ts'
import type { Disk } from './disk.ts'

/** More than any digest has; what is longer is no link. */
const maxLink = 256
/** So much of a malformed link is kept. */
const maxText = 100

/** Reads a link file; undefined if there is none. */
export async function readLink(
  disk: Disk,
  digests: DigestTable,
  path: BytePath,
): Promise<LinkContent | undefined> {
  const bytes = await disk.read(path, maxLink)
  if (bytes === undefined) return undefined
  if ('why' in bytes) return { state: 'unreadable', why: bytes.why }
  return linkContent(bytes.toString('latin1'), digests)
}

/** What the text of a link file says. */
export function linkContent(text: string, digests: DigestTable): LinkContent {
  if (text === '') return { state: 'empty' }
  return isStoredDigest(text)
    ? { state: 'digest', target: digests.add(text) }
    : { state: 'malformed', text: text.slice(0, maxText) }
}

/** So many links of one folder are read at the same time. */
const atOnce = 8

/** What a walk through links calls. */
interface LinkVisitor {
  found: (link: StoredLink) => void
  /** A folder that names a digest has no link in it. */
  empty?: (digest: number) => void
}

/**
 * Calls `found` with each file `link` below a folder, at any depth, as the registry's garbage collection enumerates them. The folders
 * above a link name a digest, `sha256/0123…`. In any order.
 */
export async function eachLink(
  disk: Disk,
  digests: DigestTable,
  top: BytePath,
  visitor: LinkVisitor,
  above: BytePath[] = [],
): Promise<void> {
  const folder = [top, ...above].join('/')
  // The folder of a single digest holds one file.
  const entries = above.length < 2 ? disk.stream(folder) : await disk.list(folder)
  let hasLink = false
  await eachOf(entries, above.length === 1 ? atOnce : 1, async ({ name, kind }) => {
    const path = `${folder}/${name}`
    if (kind === 'folder') return eachLink(disk, digests, top, visitor, [...above, name])
    if (kind === 'symlink') disk.reportLink(path)
    else if (name === 'link') {
      hasLink = true
      const content = await readLink(disk, digests, path)
      if (content) visitor.found({ path: digestOfPath(above, digests), content })
    }
  })
  const digest = hasLink ? undefined : digestOfPath(above, digests)
  if (digest !== undefined) visitor.empty?.(digest)
}

function digestOfPath(above: BytePath[], digests: DigestTable): number | undefined {
  const text = above.join(':')
  return above.length === 2 && isStoredDigest(text) ? digests.add(text) : undefined
}
