import { type Random, randomOf } from '../packets/random.ts'
import { addBlob, digestOf, type Files, layerFolder, revisionFolder, tagFolder } from './files.ts'
import { damage } from './random-damage.ts'

/** Names whose order differs between the drivers, nested ones among them. */
const names = [
  'a',
  'a-b',
  'a.b',
  'a/b',
  'a/0',
  'a0',
  'infra/ci',
  'infra',
  'team/app',
  'team/app/base',
  'Team/app',
]
const tagNames = ['latest', 'v1', 'v2', '1.0', 'main']

const oci = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
}
const docker = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  index: 'application/vnd.docker.distribution.manifest.list.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
}

/** A manifest that can be pushed: its text, the blobs that it needs and the manifests below it. */
interface Pushable {
  text: string
  digest: string
  blobs: string[]
  children: Pushable[]
  subject?: Pushable
  /** How the image names its blobs; `alias` as `sha512`, with the links and the data that a registry makes of such a push. */
  naming?: Naming
}
type Naming = 'sha256' | 'sha512' | 'alias'

/** A registry's storage with random repositories, tags and damage, in files. The same for the same seed. */
export function randomRoot(seed: number): Files {
  const random = randomOf(seed)
  const files: Files = new Map([
    ['blobs', undefined],
    ['repositories', undefined],
  ])
  const repositories = pickSome(random, names, 1 + random.below(4))
  const pool = poolOf(random, seed)
  const shared = random.chance(0.5) ? pickSome(random, pool.filter(isIndex), 1 + random.below(2)) : []
  for (const repository of repositories) {
    const items = [...new Set([...shared, ...pickSome(random, pool, 1 + random.below(5))])]
    for (const item of items) push(files, random, repository, item)
    for (const item of items) if (random.chance(0.6)) tag(files, random, repository, item)
    for (const { subject, digest } of items)
      if (subject && random.chance(0.3))
        tagAs(files, repository, `${subject.digest.replace(':', '-')}.sig`, digest)
    if (random.chance(0.3)) addUpload(files, repository, seed)
  }
  if (random.chance(0.3)) addBlob(files, `nobody names this ${seed}`)
  damage(files, random, repositories, seed)
  return files
}

const isIndex = ({ children }: Pushable): boolean => children.length > 0

/** Images, indexes of them, indexes of indexes, and referrers. Layers are shared between images. */
function poolOf(random: Random, seed: number): Pushable[] {
  const layers = Array.from({ length: 5 }, (_, at) => `layer ${at} of ${seed}`)
  const images = Array.from({ length: 5 }, (_, at) => imageOf(random, `${seed}-${at}`, layers))
  const indexes = Array.from({ length: 3 }, () =>
    indexOf(random, pickSome(random, images, 1 + random.below(3))),
  )
  const nested = indexOf(random, pickSome(random, [...images, ...indexes], 2))
  const about = [...images, ...indexes]
  const referrers = Array.from({ length: 2 }, (_, at) => {
    const subject = random.pick(about)
    return { ...imageOf(random, `referrer-${seed}-${at}`, layers, subject), subject }
  })
  const sparse = indexOf(random, [random.pick(images)], digestOf(`absent ${seed}`))
  return [...images, ...indexes, ...indexes, nested, ...referrers, sparse, indexOf(random, [])]
}

function imageOf(random: Random, id: string, layers: string[], subject?: Pushable): Pushable {
  const types = random.chance(0.5) ? oci : docker
  const config = `{"architecture":"amd64","os":"linux","id":"${id}"}`
  const naming: Naming = random.chance(0.94) ? 'sha256' : random.pick(['sha512', 'alias'])
  const algorithm = naming === 'sha256' ? 'sha256' : 'sha512'
  const own = pickSome(random, layers, 1 + random.below(3))
  const descriptor = (mediaType: string, content: string) => ({
    mediaType,
    digest: digestOf(content, algorithm),
    size: content.length,
  })
  const document = {
    schemaVersion: 2,
    ...(types === oci && random.chance(0.3) ? {} : { mediaType: types.manifest }),
    config: descriptor(types.config, config),
    layers: own.map((layer) => descriptor(types.layer, layer)),
    ...(subject
      ? { subject: { mediaType: oci.manifest, digest: subject.digest, size: subject.text.length } }
      : {}),
  }
  const text = inSomeCase(random, JSON.stringify(document))
  const digest = digestOf(text, naming === 'sha512' ? 'sha512' : 'sha256')
  return { text, digest, blobs: [config, ...own], children: [], naming }
}

function indexOf(random: Random, children: Pushable[], absent?: string): Pushable {
  const types = random.chance(0.6) ? oci : docker
  const architectures = ['amd64', 'arm64', 'riscv64']
  const manifests = children.map(({ digest, text }, at) => ({
    mediaType: types.manifest,
    digest,
    size: text.length,
    platform: { os: 'linux', architecture: architectures[at % 3] },
  }))
  const document = {
    schemaVersion: 2,
    ...(types === oci && random.chance(0.4) ? {} : { mediaType: types.index }),
    manifests: absent
      ? [
          ...manifests,
          {
            mediaType: types.manifest,
            digest: absent,
            size: 1,
            platform: { os: 'linux', architecture: 's390x' },
          },
        ]
      : manifests,
  }
  const text = inSomeCase(random, JSON.stringify(document))
  return { text, digest: digestOf(text), blobs: [], children }
}

/** A few manifests have keys in another case than the usual one, and some of these the same key twice. Go reads them all. */
function inSomeCase(random: Random, text: string): string {
  if (!random.chance(0.06)) return text
  const changed = text.replace(/"(schemaVersion|mediaType|manifests|config|layers|digest|size)":/g, (key) =>
    random.chance(0.4) ? random.pick([key.toUpperCase(), key.toLowerCase()]) : key,
  )
  if (random.chance(0.7)) return changed
  const absent = `{"size":2,"digest":"${digestOf('named first')}"}`
  return random.pick([
    changed.replace('{', '{"LAYERS":[],"Manifests":[],"MediaType":"x/y",'),
    changed.replace('{', `{"Config":${absent},`),
    changed.replace(/}$/, ',"MEDIATYPE":null}'),
    changed.replace(/}$/, `,"Layer\u017f":[${absent}]}`),
  ])
}

/** Writes what a push of the manifest leaves behind. */
function push(files: Files, random: Random, repository: string, item: Pushable): void {
  for (const child of item.children) push(files, random, repository, child)
  const algorithm = item.digest.startsWith('sha512') ? 'sha512' : 'sha256'
  for (const content of item.blobs) {
    const digest = addBlob(files, content, algorithm)
    files.set(`${layerFolder(repository, digest)}/link`, Buffer.from(digest))
    if (item.naming !== 'alias') continue
    // A mount links the name to itself, where there is no data.
    const named = digestOf(content, 'sha512')
    files.set(`${layerFolder(repository, named)}/link`, Buffer.from(random.chance(0.9) ? digest : named))
  }
  addBlob(files, item.text, algorithm)
  files.set(`${revisionFolder(repository, item.digest)}/link`, Buffer.from(item.digest))
  for (const folder of ['_layers', '_manifests/tags'])
    if (!Array.from(files.keys()).some((path) => path.startsWith(`repositories/${repository}/${folder}/`)))
      files.set(`repositories/${repository}/${folder}`, undefined)
}

const tag = (files: Files, random: Random, repository: string, item: Pushable): void =>
  tagAs(files, repository, random.pick(tagNames), item.digest)

/** Tags a manifest; a tag that exists moves, and keeps its history. */
function tagAs(files: Files, repository: string, name: string, digest: string): void {
  const folder = tagFolder(repository, name)
  files.set(`${folder}/current/link`, Buffer.from(digest))
  files.set(`${folder}/index/${digest.replace(':', '/')}/link`, Buffer.from(digest))
}

function addUpload(files: Files, repository: string, seed: number): void {
  const folder = `repositories/${repository}/_uploads/0b1e9c52-0000-4000-8000-${String(seed).padStart(12, '0')}`
  files.set(`${folder}/data`, Buffer.from('half'))
  files.set(`${folder}/startedat`, Buffer.from('2026-11-28T10:00:00Z'))
}

/** Some of the list, each at most once. */
function pickSome<T>(random: Random, list: readonly T[], count: number): T[] {
  const rest = [...list]
  return Array.from({ length: Math.min(count, rest.length) }, () =>
    rest.splice(random.below(rest.length), 1),
  ).flat()
}
