import {
  type Algorithm,
  type Blob,
  blob,
  type Content,
  type Descriptor,
  descriptorOf,
  type ManifestContent,
  manifest,
  type Platform,
  platformOf,
} from './image-content.ts'
import { type Layer, layer } from './image-layer.ts'
import { type Compression, documentTypes, type Format } from './image-media-types.ts'

/** A manifest with the content below it; what an index can list. */
export type Tree = {
  manifest: ManifestContent
  blobs: Blob[]
  children?: Tree[]
  /** What a parent index says of it. */
  platform?: Platform
  descriptorAnnotations?: Record<string, string>
}

/** One platform's image. `blobs` is what a push brings: foreign layers are not among them. */
export type Image = Tree & { config: Blob; layers: Layer[] }

/** An index and the trees it lists; a child given as a bare descriptor has no tree. */
export type Index = Tree & { children: Tree[] }

/** What an image can be told to be. */
export type ImageOptions = {
  layers?: Layer[]
  format?: Format
  compression?: Compression
  algorithm?: Algorithm
  annotations?: Record<string, string>
  artifactType?: string
  subject?: Descriptor
  /** A config that names another platform than the index does. */
  configPlatform?: string
  diffIds?: string[]
}

/** An image for a platform such as `linux/arm64/v8`. */
export function image(platform: string, options: ImageOptions = {}): Image {
  const { format = 'oci', compression = 'gzip', algorithm, annotations, artifactType, subject } = options
  const layers = options.layers ?? [layer({ 'etc/platform': `${platform}\n` }, { format, compression })]
  const types = documentTypes[format]
  const config = blob(
    types.config,
    JSON.stringify({
      created: '1970-01-01T00:00:00Z',
      ...platformOf(options.configPlatform ?? platform),
      config: { Cmd: ['/bin/true'] },
      rootfs: { type: 'layers', diff_ids: options.diffIds ?? layers.map(({ diffId }) => diffId) },
    }),
    algorithm,
  )
  const body = {
    schemaVersion: 2,
    mediaType: types.manifest,
    ...(artifactType && { artifactType }),
    config: descriptorOf(config),
    layers: layers.map((each) => descriptorOf(each, each.urls ? { urls: each.urls } : {})),
    ...(subject && { subject }),
    ...(annotations && { annotations }),
  }
  return {
    manifest: manifest(types.manifest, body, algorithm),
    config,
    layers,
    blobs: [...layers.filter(({ urls }) => urls === undefined), config],
    platform: platformOf(platform),
  }
}

/** What an index can be told to be. */
export type IndexOptions = {
  format?: Format
  algorithm?: Algorithm
  annotations?: Record<string, string>
  artifactType?: string
  subject?: Descriptor
}

/** An index of images, attestations, other indexes (which nests them) or bare descriptors. */
export function index(children: (Tree | Descriptor)[], options: IndexOptions = {}): Index {
  const { format = 'oci', algorithm, annotations, artifactType, subject } = options
  const mediaType = documentTypes[format].index
  const body = {
    schemaVersion: 2,
    mediaType,
    ...(artifactType && { artifactType }),
    manifests: children.map((child) => ('manifest' in child ? childDescriptorOf(child) : child)),
    ...(subject && { subject }),
    ...(annotations && { annotations }),
  }
  return {
    manifest: manifest(mediaType, body, algorithm),
    blobs: [],
    children: children.filter((child) => 'manifest' in child),
  }
}

/** How an index lists a tree. */
export function childDescriptorOf(child: Tree, lies: Partial<Descriptor> = {}): Descriptor {
  return descriptorOf(child.manifest, {
    ...(child.platform && { platform: child.platform }),
    ...(child.descriptorAnnotations && { annotations: child.descriptorAnnotations }),
    ...lies,
  })
}

/** Everything a push of these trees sends, each once, referenced content first. */
export function contentsOf(...trees: Tree[]): Content[] {
  const all = trees.flatMap((tree): Content[] => [
    ...contentsOf(...(tree.children ?? [])),
    ...tree.blobs,
    tree.manifest,
  ])
  return [...new Map(all.map((content) => [`${content.kind} ${content.digest}`, content])).values()]
}
