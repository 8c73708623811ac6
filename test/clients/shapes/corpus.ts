import { archives } from './archives.ts'
import { configChanges } from './config-changes.ts'
import { indexings } from './indexings.ts'
import { layerLists } from './layer-lists.ts'
import { manifestChanges } from './manifest-changes.ts'
import { byteDamages, packings } from './packing.ts'
import { randomFrom } from './random.ts'
import { servings } from './served.ts'
import { type Axes, type Shape, shapeOf } from './shape.ts'
import { types } from './types.ts'

type Image = Axes['image']

const images: Image[] = ['OCI', 'Docker']

/** What layers are called, in the images that are built with them. */
const layerTypes: Record<Image, string[]> = {
  OCI: [types.ociGzip, types.ociTar, types.ociZstd, types.dockerGzip],
  Docker: [types.dockerGzip, types.dockerTar, types.dockerZstd, types.ociGzip],
}

const oddLayerTypes = [
  types.octets,
  'application/gzip',
  'application/x-gzip',
  'application/tar+gzip',
  'application/x-tar',
  'text/plain',
  'application/vnd.example.layer',
  'application/vnd.oci.image.layer.v1.tar+xz',
  'application/vnd.oci.image.layer.v1.tar+gzip+encrypted',
  'application/vnd.oci.image.layer.v1.tar+GZIP',
  `${types.ociGzip}; charset=utf-8`,
  '',
]

const configTypes = [
  types.ociConfig,
  types.dockerConfig,
  types.octets,
  'application/json',
  types.ociEmpty,
  'application/vnd.example.config.v1+json',
  'application/vnd.cncf.helm.config.v1+json',
  'application/vnd.docker.plugin.v1+json',
  'text/html',
  '',
]

const namesOf = <T extends string>(table: Record<T, unknown>) => Object.keys(table) as T[]
const damages = namesOf(byteDamages).filter((name) => name !== 'none')

/** How often two axes are drawn together. */
const pairs = 160

/** Every shape: each axis of its own, what belongs together in all combinations, and pairs of axes that a seed draws. */
export function corpus(seed: number): Shape[] {
  const shapes = [...alone(), ...packed(), ...drawn(seed)].map(shapeOf)
  return [...new Map(shapes.map((shape) => [shape.id, shape])).values()]
}

/** As many shapes of the corpus as asked for, drawn by a seed. */
export function sample(seed: number, count: number): Shape[] {
  const random = randomFrom(seed)
  const left = corpus(seed)
  return Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(random(left.length), 1),
  ).flat()
}

function alone(): Axes[] {
  return images.flatMap((image): Axes[] => [
    { image },
    ...Object.entries(valuesOf(image)).flatMap(([axis, values]) =>
      values.map((value) => ({ image, [axis]: value }) as Axes),
    ),
  ])
}

/** The values of each axis, except of those that belong together. */
const valuesOf = (image: Image) => ({
  manifest: namesOf(manifestChanges),
  // The number of layers is the same question for both, and takes time.
  layers: namesOf(layerLists).filter((name) => image === 'OCI' || !/^12\d layers/.test(name)),
  layerType: [...layerTypes[image], ...oddLayerTypes],
  archive: namesOf(archives),
  configType: configTypes,
  config: namesOf(configChanges),
  index: namesOf(indexings),
  served: namesOf(servings),
})

/** What a layer is called, how it is packed, and what is damaged. */
function packed(): Axes[] {
  return images.flatMap((image) => [
    ...layerTypes[image].flatMap((layerType) =>
      namesOf(packings).map((packing): Axes => ({ image, layerType, packing })),
    ),
    ...damages.flatMap((damage): Axes[] => [
      { image, packing: 'gzip', damage },
      { image, packing: 'gzip-members', damage },
      ...(image === 'OCI' ? [{ image, layerType: types.ociZstd, packing: 'zstd', damage } as const] : []),
      { image, layerType: layerTypes[image][1] ?? '', packing: 'none', damage },
    ]),
  ])
}

function drawn(seed: number): Axes[] {
  const random = randomFrom(seed)
  const pick = <T>(from: T[]): T => from[random(from.length)] as T
  return Array.from({ length: pairs }, (): Axes => {
    const image = pick(images)
    const values = Object.entries({ ...valuesOf(image), packing: namesOf(packings), damage: damages })
    const [first, second] = [pick(values), pick(values)]
    return {
      image,
      ...Object.fromEntries([first, second].map(([axis, of]) => [axis, pick<string>(of)])),
    }
  })
}
