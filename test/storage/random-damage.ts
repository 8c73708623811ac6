import type { Random } from '../packets/random.ts'
import {
  addBlob,
  blobFolder,
  digestOf,
  type Files,
  layerFolder,
  removeFolder,
  revisionFolder,
} from './files.ts'

/** Damages the files, as a rule in a way that a garbage collection does not stop at. */
export function damage(files: Files, random: Random, repositories: string[], seed: number): void {
  for (let left = random.below(5); left > 0; left -= 1)
    random.pick(losses)({ files, random, repository: random.pick(repositories), seed })
  if (random.chance(0.15)) random.pick(faults)({ files, random, repository: random.pick(repositories), seed })
}

interface Place {
  files: Files
  random: Random
  repository: string
  seed: number
}

/** What gets lost, or lies about. */
const losses: ((place: Place) => void)[] = [
  ({ files, random }) => drop(files, random, /\/_manifests\/revisions\/.*\/link$/, 'folder'),
  ({ files, random }) => drop(files, random, /\/_manifests\/revisions\/.*\/link$/, 'folder'),
  ({ files, random }) => drop(files, random, /\/_manifests\/revisions\/.*\/link$/, 'file'),
  ({ files, random }) => dropShared(files, random),
  ({ files, random }) => dropShared(files, random),
  ({ files, random }) => drop(files, random, /\/_layers\/.*\/link$/, 'file'),
  ({ files, random }) => drop(files, random, /\/_layers\/.*\/link$/, 'folder'),
  ({ files, random }) => drop(files, random, /^blobs\/.*\/data$/, 'folder'),
  ({ files, random }) => drop(files, random, /^blobs\/.*\/data$/, 'file'),
  ({ files, random }) => drop(files, random, /\/current\/link$/, 'file'),
  ({ files, random }) => drop(files, random, /\/tags\/[^/]+\/index\/.*\/link$/, 'folder'),
  ({ files, random, repository }) => {
    const tags = foldersIn(files, `repositories/${repository}/_manifests/tags`)
    for (const tag of tags) if (random.chance(0.7)) removeFolder(files, tag)
  },
  ({ files, repository }) => removeFolder(files, `repositories/${repository}/_manifests/tags`),
  ({ files, repository }) => removeFolder(files, `repositories/${repository}/_manifests/revisions`),
  ({ files, repository }) => removeFolder(files, `repositories/${repository}/_manifests`),
  // A manifest linked by another's path, an alias of its own, or from where version 2.1 kept it.
  ({ files, random, repository, seed }) => {
    const link = pathOf(files, random, /\/_manifests\/revisions\/.*\/link$/)
    if (link)
      files.set(`${revisionFolder(repository, digestOf(`alias ${seed}`, 'sha512'))}/link`, files.get(link))
  },
  ({ files, random, repository }) => {
    const link = pathOf(files, random, /\/_manifests\/revisions\/.*\/link$/)
    const digest = link && files.get(link)?.toString()
    if (digest?.includes(':')) files.set(`${layerFolder(repository, digest)}/link`, Buffer.from(digest))
    if (link && random.chance(0.5)) removeFolder(files, link.replace(/\/link$/, ''))
  },
  ({ files, random }) => swap(files, random, /\/_manifests\/revisions\/.*\/link$/),
  ({ files, random }) => swap(files, random, /\/_layers\/.*\/link$/),
  ({ files, random }) => swap(files, random, /\/current\/link$/),
  // Files that nothing reads.
  ({ files, random, repository }) =>
    void files.set(
      random.pick([
        'blobs/.DS_Store',
        'blobs/sha256/lost+found/file',
        'blobs/sha256/ab/.nfs000012',
        'repositories/.DS_Store',
        `repositories/${repository}/notes.txt`,
        `repositories/${repository}/_manifests/revisions/.DS_Store`,
        `repositories/${repository}/_layers/sha256/.DS_Store`,
      ]),
      Buffer.from('stray'),
    ),
  ({ files, seed }) => moveAway(files, seed),
  ({ files, random, repository }) =>
    void files.set(
      random.pick([
        'repositories/_notes',
        'repositories/a/_notes',
        `repositories/${repository}/_notes`,
        'repositories/infra/_x',
      ]),
      Buffer.from('stray'),
    ),
]

/** What a collection stops at, of one version at least or with one flag. */
const faults: ((place: Place) => void)[] = [
  ({ files, random }) => rewrite(files, random, /\/_manifests\/revisions\/.*\/link$/, ''),
  ({ files, random }) => rewrite(files, random, /\/_layers\/.*\/link$/, random.pick(['', 'sha256:0', 'x'])),
  ({ files, random }) => rewrite(files, random, /\/current\/link$/, random.pick(['', 'latest'])),
  ({ files, random }) => {
    const path = pathOf(files, random, /\/_manifests\/revisions\/.*\/link$/)
    if (path) files.set(path, Buffer.from(`${files.get(path)}\n`))
  },
  ({ files, random }) => spoil(files, random, () => ''),
  ({ files, random }) => spoil(files, random, (text) => text.slice(0, text.length / 2)),
  ({ files, random }) =>
    spoil(files, random, (text) => text.replace('"schemaVersion":2', '"schemaVersion":3')),
  ({ files, random }) => spoil(files, random, (text) => text.replace(/"size":\d+/, '"size":"7"')),
  ({ files, random }) =>
    spoil(files, random, () => '{"schemaVersion":2,"mediaType":"application/vnd.example.thing.v1+json"}'),
  ({ files, repository, seed }) =>
    addManifest(
      files,
      repository,
      `{"mediaType":"application/vnd.oci.artifact.manifest.v1+json","artifactType":"x","blobs":[],"id":${seed}}`,
    ),
  ({ files, repository, seed }) => {
    const layer = addBlob(files, `layer of schema 1 ${seed}`)
    const text = {
      schemaVersion: 1,
      name: repository,
      tag: 'old',
      fsLayers: [{ blobSum: layer }],
      history: [],
    }
    addManifest(files, repository, JSON.stringify(text, null, 3))
    files.set(`${layerFolder(repository, layer)}/link`, Buffer.from(layer))
  },
  ({ files, repository }) => removeFolder(files, `repositories/${repository}/_layers`),
  ({ files, seed }) => {
    const digest = addBlob(files, `capitals ${seed}`)
    files.set(`repositories/infra/CI/_layers/${digest.replace(':', '/')}/link`, Buffer.from(digest))
    files.set('repositories/infra/CI/_manifests/tags', undefined)
  },
  ({ files, repository }) =>
    void files.set(`repositories/${repository}/_manifests/tags/.DS_Store`, Buffer.from('stray')),
  ({ files, repository }) =>
    void files.set(`repositories/${repository}/_manifests/tags/new folder/current`, undefined),
  ({ files, random }) =>
    void files.set(
      random.pick(['blobs/sha256/data', 'blobs/sha256/zz/short/data', 'blobs/old/aa/data', 'blobs/x/data']),
      Buffer.from('stray'),
    ),
  ({ files, random, seed }) => {
    const path = pathOf(files, random, /^blobs\/.*\/data$/)
    const folder = random.chance(0.5) && path ? path : `${blobFolder(digestOf(`elsewhere ${seed}`))}/data`
    files.set(`blobs/copy/${folder.replace(/^blobs\//, '')}`, Buffer.from('stray'))
  },
  ({ files }) => removeFolder(files, 'blobs'),
]

function addManifest(files: Files, repository: string, text: string): void {
  const digest = addBlob(files, text)
  files.set(`${revisionFolder(repository, digest)}/link`, Buffer.from(digest))
}

function pathOf(files: Files, random: Random, pattern: RegExp): string | undefined {
  const paths = Array.from(files).flatMap(([path, content]) => (content && pattern.test(path) ? [path] : []))
  return paths.length > 0 ? random.pick(paths.toSorted()) : undefined
}

function drop(files: Files, random: Random, pattern: RegExp, what: 'file' | 'folder'): void {
  const path = pathOf(files, random, pattern)
  if (path === undefined) return
  const folder = path.slice(0, path.lastIndexOf('/'))
  removeFolder(files, folder)
  if (what === 'file') files.set(folder, undefined)
}

/** Removes the link of a manifest from one of the repositories that have it. */
function dropShared(files: Files, random: Random): void {
  const links = Array.from(files.keys()).filter((path) => /\/_manifests\/revisions\/.*\/link$/.test(path))
  const byManifest = Map.groupBy(links, (path) => path.split('/').at(-2) ?? '')
  const shared = Array.from(byManifest.values(), (paths) => paths.toSorted()).filter(
    (paths) => paths.length > 1,
  )
  const paths = shared.length > 0 ? random.pick(shared) : []
  if (paths.length > 0) removeFolder(files, random.pick(paths).replace(/\/link$/, ''))
}

function rewrite(files: Files, random: Random, pattern: RegExp, text: string): void {
  const path = pathOf(files, random, pattern)
  if (path) files.set(path, Buffer.from(text))
}

/** Writes another digest into a link. */
function swap(files: Files, random: Random, pattern: RegExp): void {
  const [to, from] = [pathOf(files, random, pattern), pathOf(files, random, pattern)]
  if (to && from) files.set(to, files.get(from))
}

/** Spoils the data of a manifest that a repository links. */
function spoil(files: Files, random: Random, change: (text: string) => string): void {
  const link = pathOf(files, random, /\/_manifests\/revisions\/.*\/link$/)
  const digest = link && files.get(link)?.toString()
  const path = digest?.includes(':') ? `${blobFolder(digest)}/data` : undefined
  const data = path && files.get(path)
  if (path && data) files.set(path, Buffer.from(change(data.toString())))
}

/** Moves a repository below a folder whose name begins with `_`. */
function moveAway(files: Files, seed: number): void {
  const digest = addBlob(files, `moved away ${seed}`)
  files.set(`repositories/_old/app/_layers/${digest.replace(':', '/')}/link`, Buffer.from(digest))
  files.set('repositories/_old/app/_manifests/tags', undefined)
}

function foldersIn(files: Files, folder: string): string[] {
  const found = new Set<string>()
  for (const path of files.keys())
    if (path.startsWith(`${folder}/`))
      found.add(
        path
          .split('/')
          .slice(0, folder.split('/').length + 1)
          .join('/'),
      )
  return Array.from(found)
}
