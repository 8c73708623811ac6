import {
  type Blob,
  blob,
  type Content,
  type Descriptor,
  descriptorOf,
  digestOf,
  type ManifestContent,
  manifest,
} from '../../../src/fake-registry/images/image-content.ts'
import { seededBytes } from '../../../src/fake-registry/images/image-layer.ts'
import { tarOf } from '../../../src/fake-registry/images/image-tar.ts'
import { type ByteDamage, byteDamages, type Packing, packings } from './packing.ts'

/** One layer of a shape. */
export type LayerShape = {
  mediaType: string
  packing: Packing
  damage?: ByteDamage
  /** Instead of a tar archive with one file. */
  content?: (salt: string) => Buffer
  /** Its descriptor says more, or something else. */
  descriptor?: Partial<Descriptor>
}

/** An image manifest and what is below it. */
export type ImageShape = {
  mediaType: string
  layers: LayerShape[]
  configType: string
  /** From a correct configuration to the one of this shape; a string is its bytes. */
  config?: (config: ConfigBody) => object | string
  /** From a correct manifest to the one of this shape. */
  manifest?: (body: Record<string, unknown>) => object
}

/** The parts of a configuration that shapes change. */
export type ConfigBody = {
  os?: string
  architecture?: string
  config: Record<string, unknown>
  rootfs: { type: string; diff_ids: string[] }
  history: object[]
  [more: string]: unknown
}

/** A built manifest, and what must be pushed before it. */
export type Built = { manifest: ManifestContent; contents: Content[] }

/** Builds an image. Images with different salts share no content, so that no client has any of it from another pull. */
export function buildImage(shape: ImageShape, salt: string): Built {
  const layers = shape.layers.map((each, position) => buildLayer(each, `${salt}/${position}`))
  const config = blob(shape.configType, configBytes(shape, layers, salt))
  const body = {
    schemaVersion: 2,
    mediaType: shape.mediaType,
    config: descriptorOf(config),
    layers: layers.map(({ content, descriptor }) => descriptorOf(content, descriptor)),
  }
  const built = manifest(shape.mediaType, shape.manifest?.(body) ?? body)
  return { manifest: built, contents: [...layers.map(({ content }) => content), config, built] }
}

/** Builds an index of what is built; `platforms` are of the descriptors, in order. */
export function buildIndex(
  mediaType: string,
  children: { of: Built | Blob; descriptor?: object }[],
  more: object = {},
): Built {
  const top = manifest(mediaType, {
    schemaVersion: 2,
    mediaType,
    manifests: children.map(({ of, descriptor }) => ({ ...descriptorOf(contentOf(of)), ...descriptor })),
    ...more,
  })
  return {
    manifest: top,
    contents: [...children.flatMap(({ of }) => ('contents' in of ? of.contents : [of])), top],
  }
}

const contentOf = (of: Built | Blob): Content => ('contents' in of ? of.manifest : of)

type BuiltLayer = { content: Blob; diffId: string; descriptor: Partial<Descriptor> }

function buildLayer(shape: LayerShape, salt: string): BuiltLayer {
  const tar = shape.content?.(salt) ?? tarOf({ file: seededBytes(salt, 600) })
  const bytes = byteDamages[shape.damage ?? 'none'](packings[shape.packing](tar))
  return {
    content: blob(shape.mediaType, bytes),
    diffId: digestOf(tar),
    descriptor: shape.descriptor ?? {},
  }
}

function configBytes(shape: ImageShape, layers: BuiltLayer[], salt: string): string {
  const right: ConfigBody = {
    created: '2026-01-01T00:00:00Z',
    os: 'linux',
    architecture: 'amd64',
    config: { Cmd: ['/bin/true'] },
    salt,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(() => ({ created: '2026-01-01T00:00:00Z', created_by: 'COPY' })),
  }
  const changed = shape.config?.(right) ?? right
  return typeof changed === 'string' ? changed : JSON.stringify(changed)
}
