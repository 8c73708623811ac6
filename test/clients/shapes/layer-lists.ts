import { dirname } from 'node:path'
import { tarOf } from '../../../src/fake-registry/images/image-tar.ts'
import { gzipLayer } from './bases.ts'
import type { ImageShape, LayerShape } from './build.ts'
import { types } from './types.ts'

/** Which layers an image has, given its ordinary one. */
export type LayerList = {
  layers: (one: LayerShape) => LayerShape[]
  manifest?: ImageShape['manifest']
  /** The first layer is not pushed: its `urls` say where it is. */
  firstIsElsewhere?: boolean
}

const many = (count: number): LayerList => ({ layers: (one) => Array.from({ length: count }, () => one) })
const elsewhere = (mediaType: string): LayerList => ({
  layers: (one) => [{ ...gzipLayer(mediaType), descriptor: { urls: ['http://127.0.0.1:1/layer'] } }, one],
  firstIsElsewhere: true,
})

/** Lists of layers by name. */
export const layerLists: Record<string, LayerList> = {
  'no layers': many(0),
  'layers null': { ...many(0), manifest: (body) => ({ ...body, layers: null }) },
  'no field layers': { ...many(0), manifest: ({ layers: _, ...body }) => body },
  '2 layers': many(2),
  '125 layers': many(125),
  '126 layers': many(126),
  '128 layers': many(128),
  'the same layer twice': {
    // The salt of a layer ends in its position.
    layers: (one) =>
      [one, one].map((each) => ({ ...each, content: (salt) => tarOf({ file: dirname(salt) }) })),
  },
  'a foreign layer that is pushed': { layers: () => [gzipLayer(types.ociForeign)] },
  'a Docker foreign layer that is pushed': { layers: () => [gzipLayer(types.dockerForeign)] },
  'a foreign layer that is elsewhere': elsewhere(types.ociForeign),
  'a Docker foreign layer that is elsewhere': elsewhere(types.dockerForeign),
  'an ordinary layer that is elsewhere': elsewhere(types.ociGzip),
}
