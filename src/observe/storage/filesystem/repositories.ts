import type { DigestTable } from '../../../facts/queries/storage/digest-table.ts'
import { isStoredDigest } from '../../../facts/queries/storage/stored-digest.ts'
import type {
  Inventory,
  LinkColumns,
  StoredLink,
  StoredRepository,
  StoredTag,
  StoredUpload,
} from '../../../facts/storage/inventory.ts'
import { eachOf } from '../each-of.ts'
import { type BytePath, shownPath } from './byte-path.ts'
import type { Disk } from './disk.ts'
import { eachLink, readLink } from './links.ts'

/** The folder of all repositories, from the beginning of the layout. */
const top = 'repositories'
/** The folders that make the folder above them a repository. */
const parts = ['_layers', '_manifests', '_uploads'] as const
/** So many repositories are read at the same time, and so many tags of each. */
const atOnce = { repositories: 4, tags: 8 }

/** So many files of no consequence are kept. */
const maxFiles = 1000

/** Reads all repositories, in the order of their names. */
export async function readRepositories(
  disk: Disk,
  digests: DigestTable,
  onRead: () => void,
): Promise<Pick<Inventory, 'repositories' | 'underscoreFiles'>> {
  const repositories: StoredRepository[] = []
  const underscoreFiles: string[] = []
  if (!(await disk.find(top))) return { repositories, underscoreFiles }
  await eachOf(foldersOfRepositories(disk, underscoreFiles), atOnce.repositories, async ({ path, own }) => {
    const repository = await readRepository(disk, digests, path, own)
    if (repository) repositories.push(repository)
    onRead()
  })
  repositories.sort((a, b) => (a.name < b.name ? -1 : 1))
  return { repositories, underscoreFiles }
}

/** The folders that may be repositories, each with those of its parts that it has. Names nest, so a repository may have others below it. */
async function* foldersOfRepositories(
  disk: Disk,
  underscoreFiles: string[],
): AsyncGenerator<{ path: BytePath; own: Set<BytePath> }> {
  const waiting: BytePath[] = [top]
  for (;;) {
    const folder = waiting.pop()
    if (folder === undefined) return
    const own = new Set<BytePath>()
    for await (const { name, kind } of disk.stream(folder)) {
      const path = `${folder}/${name}`
      if (kind === 'symlink') disk.reportLink(path)
      if (
        kind === 'file' &&
        name.startsWith('_') &&
        !folder.includes('/_') &&
        underscoreFiles.length < maxFiles
      )
        underscoreFiles.push(shownPath(path.slice(top.length + 1)))
      if (kind !== 'folder') continue
      if ((parts as readonly string[]).includes(name)) own.add(name)
      else waiting.push(path)
    }
    if (own.size > 0 && folder !== top) yield { path: folder, own }
  }
}

/** The folder of a repository; undefined for a name that is no ASCII, which no registry gives. */
export const pathOfRepository = (name: string): BytePath | undefined =>
  /^[\x21-\x7e]+$/.test(name) && !name.includes('\\') ? `${top}/${name}` : undefined

/**
 * Reads a repository; undefined if it is gone. `known` are the folders that it has, if they were listed. A registry writes data first, then links, then tags. Reading in the opposite order, and
 * data last, never meets a link before what it stands for was written.
 */
export async function readRepository(
  disk: Disk,
  digests: DigestTable,
  path: BytePath,
  known?: Set<BytePath>,
): Promise<StoredRepository | undefined> {
  const own = known ?? (await foldersIn(disk, path))
  if (!parts.some((part) => own.has(part))) return undefined
  const inManifests = own.has('_manifests') ? await foldersIn(disk, `${path}/_manifests`) : new Set<string>()
  const tags = inManifests.has('tags') ? await readTags(disk, digests, `${path}/_manifests/tags`) : undefined
  const revisions: StoredLink[] = []
  const emptyRevisions: number[] = []
  if (inManifests.has('revisions'))
    await eachLink(disk, digests, `${path}/_manifests/revisions`, {
      found: (link) => revisions.push(link),
      empty: (digest) => emptyRevisions.push(digest),
    })
  // Several links are read at the same time; each scan of the same storage reports the same.
  const numberOf = ({ path: digest = -1 }: StoredLink) => digest
  revisions.sort((a, b) =>
    Math.min(numberOf(a), numberOf(b)) < 0
      ? numberOf(a) - numberOf(b)
      : digests.compare(numberOf(a), numberOf(b)),
  )
  return {
    name: shownPath(path.slice(top.length + 1)),
    hasLayers: own.has('_layers'),
    hasManifests: own.has('_manifests'),
    hasRevisions: inManifests.has('revisions'),
    hasTags: inManifests.has('tags'),
    revisions,
    emptyRevisions,
    tags: tags?.tags ?? [],
    tagFiles: tags?.tagFiles ?? [],
    layers: own.has('_layers')
      ? await readLayers(disk, digests, `${path}/_layers`)
      : { equal: new Int32Array(0), others: [] },
    uploads: own.has('_uploads') ? await readUploads(disk, `${path}/_uploads`) : [],
  }
}

/** The names of the folders in a folder that holds few. Symbolic links are reported. */
async function foldersIn(disk: Disk, folder: BytePath): Promise<Set<BytePath>> {
  const entries = await disk.list(folder)
  for (const { name, kind } of entries) if (kind === 'symlink') disk.reportLink(`${folder}/${name}`)
  return new Set(entries.filter(({ kind }) => kind === 'folder').map(({ name }) => name))
}

async function readTags(
  disk: Disk,
  digests: DigestTable,
  folder: BytePath,
): Promise<Pick<StoredRepository, 'tags' | 'tagFiles'>> {
  const tags: StoredTag[] = []
  const tagFiles: string[] = []
  await eachOf(disk.stream(folder), atOnce.tags, async ({ name, kind }) => {
    const path = `${folder}/${name}`
    if (kind === 'symlink') disk.reportLink(path)
    if (kind === 'file' && tagFiles.length < maxFiles) tagFiles.push(shownPath(name))
    if (kind !== 'folder') return
    const own = await foldersIn(disk, path)
    tags.push({
      name: shownPath(name),
      current: own.has('current') ? await readLink(disk, digests, `${path}/current/link`) : undefined,
      history: own.has('index') ? await readHistory(disk, digests, `${path}/index`) : [],
    })
  })
  tags.sort((a, b) => (a.name < b.name ? -1 : 1))
  return { tags, tagFiles }
}

async function readHistory(
  disk: Disk,
  digests: DigestTable,
  folder: BytePath,
): Promise<StoredTag['history']> {
  const history: StoredTag['history'] = []
  for (const algorithm of await foldersIn(disk, folder)) {
    for await (const { name, kind } of disk.stream(`${folder}/${algorithm}`)) {
      const digest = `${algorithm}:${name}`
      if (kind !== 'folder' || !isStoredDigest(digest)) continue
      const link = await disk.stat(`${folder}/${algorithm}/${name}/link`)
      if (link) history.push({ digest: digests.add(digest), at: link.mtimeMs })
    }
  }
  return history
}

async function readLayers(disk: Disk, digests: DigestTable, folder: BytePath): Promise<LinkColumns> {
  let equal = new Int32Array(16)
  let count = 0
  const others: StoredLink[] = []
  const found = (link: StoredLink) => {
    const { path, content } = link
    if (path === undefined || content.state !== 'digest' || content.target !== path) {
      others.push(link)
      return
    }
    if (count === equal.length) {
      const larger = new Int32Array(count * 2)
      larger.set(equal)
      equal = larger
    }
    equal[count] = path
    count += 1
  }
  await eachLink(disk, digests, folder, { found })
  return { equal: equal.slice(0, count), others }
}

async function readUploads(disk: Disk, folder: BytePath): Promise<StoredUpload[]> {
  const uploads: StoredUpload[] = []
  for await (const { name, kind } of disk.stream(folder)) {
    if (kind !== 'folder') continue
    const started = await disk.read(`${folder}/${name}/startedat`, 64)
    const at = started && !('why' in started) ? Date.parse(started.toString('latin1')) : Number.NaN
    const data = await disk.stat(`${folder}/${name}/data`)
    uploads.push({
      id: shownPath(name),
      startedAt: Number.isNaN(at) ? undefined : at,
      size: data?.size ?? 0,
    })
  }
  return uploads
}
