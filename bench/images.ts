import type { Content } from '../src/fake-registry/images/images.ts'
import {
  contentsOf,
  image,
  index,
  layer,
  multiPlatform,
  seededBytes,
} from '../src/fake-registry/images/images.ts'

/** An image to measure with: what a push sends, the digests of its blobs, and which of them are layers. */
export interface BenchImage {
  contents: Content[]
  blobs: string[]
  layers: string[]
  layerBytes: number
}

/** As many platforms as there are, of the names that exist and then of variants that nobody has. */
const platformName = (at: number): string =>
  ['amd64', 'arm64', 's390x', 'ppc64le', 'riscv64', '386'].map((name) => `linux/${name}`)[at] ??
  `linux/arm/v${at}`

/** An image of many small layers, of which no platform shares one with another. */
export function manyBlobs(platforms: number, layersPer: number): BenchImage {
  const names = Array.from({ length: platforms }, (_, at) => platformName(at))
  const { contents } = multiPlatform({
    ...{ platforms: names, layersPer, layerBytes: 1000, sharedBase: false },
    seed: `bench ${platforms} ${layersPer}`,
  })
  return imageOf(contents)
}

/** An image of a few large layers of gzip, each of half as many bytes as it unpacks to. */
export function largeLayers(layers: number, unpackedBytes: number): BenchImage {
  const made = Array.from({ length: layers }, (_, at) =>
    layer({ 'data/hex.txt': seededBytes(`bench large ${at}`, unpackedBytes / 2).toString('hex') }),
  )
  const contents = contentsOf(index([image('linux/amd64', { layers: made })]))
  return imageOf(contents)
}

function imageOf(contents: Content[]): BenchImage {
  const blobs = contents.filter(({ kind }) => kind === 'blob')
  const layers = blobs.filter(({ mediaType }) => mediaType.includes('tar'))
  return {
    contents,
    blobs: blobs.map(({ digest }) => digest),
    layers: layers.map(({ digest }) => digest),
    layerBytes: layers.reduce((sum, { bytes }) => sum + bytes.length, 0),
  }
}
