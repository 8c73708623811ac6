import { types } from './types.ts'

type Body = Record<string, unknown>
type Sized = { size?: number | undefined }

/** What is wrong, or only odd, in the fields of an image manifest. */
export const manifestChanges: Record<string, (right: Body) => object> = {
  'without mediaType': ({ mediaType: _, ...body }) => body,
  'artifactType with an image config': (body) => ({
    ...body,
    artifactType: 'application/vnd.example+type',
  }),
  'subject that is absent': (body) => ({
    ...body,
    subject: { mediaType: types.oci, digest: `sha256:${'2'.repeat(64)}`, size: 2 },
  }),
  'schemaVersion missing': ({ schemaVersion: _, ...body }) => body,
  'schemaVersion 1': (body) => ({ ...body, schemaVersion: 1 }),
  'annotations with a number': (body) => ({ ...body, annotations: { a: 1 } }),
  'unknown fields': (body) => ({ ...body, more: { deep: [1] } }),
  'config and manifests': (body) => ({ ...body, manifests: [] }),
  'layer size 1 too large': layersSized((size) => size + 1),
  'layer size 1 too small': layersSized((size) => size - 1),
  'layer size 0': layersSized(() => 0),
  'layer size missing': layersSized(() => undefined),
  'layer size -1': layersSized(() => -1),
  'config size 1 too large': configSized(1),
  'config size 1 too small': configSized(-1),
  'data of a layer that is something else': (body) => ({
    ...body,
    layers: (body.layers as Sized[]).map((each) => ({ ...each, data: 'ZWxzZQ==' })),
  }),
}

function layersSized(change: (size: number) => number | undefined): (right: Body) => object {
  return (body) => ({
    ...body,
    layers: (body.layers as { size: number }[]).map((each) => ({ ...each, size: change(each.size) })),
  })
}

function configSized(more: number): (right: Body) => object {
  return (body) => {
    const config = body.config as { size: number }
    return { ...body, config: { ...config, size: config.size + more } }
  }
}
