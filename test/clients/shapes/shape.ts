import { archives } from './archives.ts'
import { docker, oci } from './bases.ts'
import { type Built, buildImage, type ImageShape, type LayerShape } from './build.ts'
import { configChanges } from './config-changes.ts'
import { indexings } from './indexings.ts'
import { layerLists } from './layer-lists.ts'
import { manifestChanges } from './manifest-changes.ts'
import type { ByteDamage, Packing } from './packing.ts'
import { type Serving, servings } from './served.ts'

/** In what a shape differs from a healthy image with one layer; each value is a name in the table of its axis. */
export type Axes = {
  image: 'OCI' | 'Docker'
  manifest?: string
  /** The media type of the layer. */
  layerType?: string
  packing?: Packing
  damage?: ByteDamage
  archive?: string
  layers?: string
  configType?: string
  config?: string
  index?: string
  served?: string
  /** By tag where absent. */
  pulled?: 'by digest'
}

/** An image to push or to serve. */
export type Shape = {
  id: string
  axes: Axes
  build(salt: string): Built
  serving?: Serving
}

/** The shape with these differences. */
export function shapeOf(axes: Axes): Shape {
  return {
    ...{ id: describe(axes), axes },
    build: (salt) => build(axes, salt),
    ...(axes.served !== undefined && { serving: named(servings, axes.served) }),
  }
}

/** A shape in words. A healthy value of an axis is not named. */
function describe(axes: Axes): string {
  return [
    `${axes.image} image`,
    axes.manifest,
    axes.layers,
    axes.layerType !== undefined && `layer of type “${axes.layerType}”`,
    axes.packing && `${axes.packing} bytes`,
    axes.archive && `archive: ${axes.archive}`,
    axes.damage,
    axes.configType !== undefined && `config of type “${axes.configType}”`,
    axes.config && `config: ${axes.config}`,
    axes.index && `index: ${axes.index}`,
    axes.served && `served: ${axes.served}`,
    axes.pulled && `pulled ${axes.pulled}`,
  ]
    .filter(Boolean)
    .join(' · ')
}

function build(axes: Axes, salt: string): Built {
  const shape = imageShape(axes)
  const image = buildImage(shape, salt)
  const pushed = isElsewhere(axes) ? { ...image, contents: image.contents.slice(1) } : image
  return axes.index === undefined ? pushed : named(indexings, axes.index)(pushed, shape, salt)
}

const isElsewhere = ({ layers }: Axes): boolean =>
  layers !== undefined && named(layerLists, layers).firstIsElsewhere === true

function imageShape(axes: Axes): ImageShape {
  const base = axes.image === 'OCI' ? oci : docker
  const list = axes.layers === undefined ? undefined : named(layerLists, axes.layers)
  const one = layerShape(axes, base)
  const manifest = list?.manifest ?? (axes.manifest && named(manifestChanges, axes.manifest))
  return {
    ...base,
    layers: list ? list.layers(one) : [one],
    ...(axes.configType !== undefined && { configType: axes.configType }),
    ...(axes.config && { config: named(configChanges, axes.config) }),
    ...(manifest && { manifest }),
  }
}

function layerShape({ layerType, packing, damage, archive }: Axes, base: ImageShape): LayerShape {
  return {
    mediaType: layerType ?? base.layers[0]?.mediaType ?? '',
    packing: packing ?? 'gzip',
    ...(damage && { damage }),
    ...(archive && { content: named(archives, archive) }),
  }
}

function named<T>(table: Record<string, T>, name: string): T {
  const found = table[name]
  if (found === undefined) throw new Error(`no value “${name}” of its axis`)
  return found
}
