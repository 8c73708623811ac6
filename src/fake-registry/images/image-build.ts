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

/** A manifest with all content below it. */
export type Tree = {
  manifest: ManifestContent
  blobs: Blob[]
  children?: Tree[]
  /** How its index describes it. */
  platform?: Platform
  descriptorAnnotations?: Record<string, string>
}

/** The image for one platform. `blobs` are those that a push uploads, so without foreign layers. */
export type Image = Tree & { config: Blob; layers: Layer[] }

/** An index and the manifests it lists. `children` does not include those given as a descriptor. */
export type Index = Tree & { children: Tree[] }

/** The variable parts of an image. */
export type ImageOptions = {
  layers?: Layer[]
  format?: Format
  compression?: Compression
  algorithm?: Algorithm
  annotations?: Record<string, string>
  artifactType?: string
  subject?: Descriptor
  /** A platform in the config that differs from that in the index. */
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

/** The variable parts of an index. */
export type IndexOptions = {
  format?: Format
  algorithm?: Algorithm
  annotations?: Record<string, string>
  artifactType?: string
  subject?: Descriptor
}

/** An index of images, attestations, other indexes or descriptors. */
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

/** The descriptor of a manifest in an index; `overrides` replace correct fields. */
export function childDescriptorOf(child: Tree, overrides: Partial<Descriptor> = {}): Descriptor {
  return descriptorOf(child.manifest, {
    ...(child.platform && { platform: child.platform }),
    ...(child.descriptorAnnotations && { annotations: child.descriptorAnnotations }),
    ...overrides,
  })
}

/** Everything that a push of these manifests sends: each once, referenced content first. */
export function contentsOf(...trees: Tree[]): Content[] {
  const all = trees.flatMap((tree): Content[] => [
    ...contentsOf(...(tree.children ?? [])),
    ...tree.blobs,
    tree.manifest,
  ])
  return [...new Map(all.map((content) => [`${content.kind} ${content.digest}`, content])).values()]
}
