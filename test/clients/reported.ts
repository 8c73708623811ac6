import { gzipSync } from 'node:zlib'
import { type Blob, blob } from '../../src/fake-registry/images/image-content.ts'
import { tarOf } from '../../src/fake-registry/images/image-tar.ts'
import type { Fault, Match } from '../../src/fake-registry/registry.ts'
import type { ByteDamage, Packing } from './packing.ts'
import {
  type Built,
  buildImage,
  buildIndex,
  type ConfigBody,
  type ImageShape,
  type LayerShape,
} from './shape.ts'
import { types } from './types.ts'

/** A shape that somebody reported, or a neighbour of one. */
export type Shape = {
  id: string
  build(salt: string): Built
  /** How a server answers for it, instead of a healthy registry. */
  served?: (root: Built) => [Match, Fault[]][]
}

const gzipLayer = (mediaType: string = types.ociGzip): LayerShape => ({ mediaType, packing: 'gzip' })
const oci: ImageShape = { mediaType: types.oci, configType: types.ociConfig, layers: [gzipLayer()] }
const docker: ImageShape = {
  mediaType: types.docker,
  configType: types.dockerConfig,
  layers: [gzipLayer(types.dockerGzip)],
}

const image = (id: string, change: Partial<ImageShape>, base = oci): Shape => ({
  id,
  build: (salt) => buildImage({ ...base, ...change }, salt),
})
const layer = (
  id: string,
  mediaType: string,
  packing: Packing = 'gzip',
  more: { damage?: ByteDamage; content?: Buffer; base?: ImageShape } = {},
): Shape => {
  const { base = oci, ...rest } = more
  return image(id, { layers: [{ mediaType, packing, ...rest }] }, base)
}
const config = (id: string, change: ImageShape['config'], base = oci): Shape =>
  image(id, { ...(change && { config: change }) }, base)
const manifestWith = (id: string, change: ImageShape['manifest'], base = oci): Shape =>
  image(id, { ...(change && { manifest: change }) }, base)

const amd64 = { platform: { os: 'linux', architecture: 'amd64' } }
const arm64 = { platform: { os: 'linux', architecture: 'arm64' } }
const unknown = { platform: { os: 'unknown', architecture: 'unknown' } }

const served = (id: string, faults: Shape['served'], base = oci): Shape => ({
  ...image(id, {}, base),
  ...(faults && { served: faults }),
})
const manifests = /\/manifests\//
const byTag = /\/manifests\/1$/
const byDigest = (root: Built) => new RegExp(`/manifests/${root.manifest.digest}$`)

const manyLayers = (count: number): LayerShape[] => Array.from({ length: count }, () => gzipLayer())

/** How servers answer for a healthy image. */
const answers: Shape[] = [
  served('answer: plain', undefined),
  served('answer: no Content-Type', () => [[{ path: manifests }, [{ dropHeader: 'content-type' }]]]),
  {
    ...manifestWith('answer: no Content-Type, body without mediaType', withoutMediaType),
    served: () => [[{ path: manifests }, [{ dropHeader: 'content-type' }]]],
  },
  {
    ...manifestWith('answer: no Content-Type, Docker, body without mediaType', withoutMediaType, docker),
    served: () => [[{ path: manifests }, [{ dropHeader: 'content-type' }]]],
  },
  ...[
    'application/json',
    'application/json; charset=utf-8',
    'text/plain; charset=utf-8',
    'text/html',
    types.octets,
    types.docker,
    `${types.oci}; charset=utf-8`,
    types.ociIndex,
  ].map((type) =>
    served(`answer: OCI image as ${type}`, () => [
      [{ path: manifests }, [{ setHeader: { 'content-type': type } }]],
    ]),
  ),
  ...['application/json', 'text/plain; charset=utf-8', types.oci, types.octets].map((type) =>
    served(
      `answer: Docker image as ${type}`,
      () => [[{ path: manifests }, [{ setHeader: { 'content-type': type } }]]],
      docker,
    ),
  ),
  ...[404, 405, 403, 401, 400, 500, 501].map((status) =>
    served(`answer: HEAD ${status}`, () => [[{ method: 'HEAD', path: manifests }, [{ status }]]]),
  ),
  served('answer: HEAD 404 by tag only', () => [[{ method: 'HEAD', path: byTag }, [{ status: 404 }]]]),
  served('answer: HEAD 404 by digest only', (root) => [
    [{ method: 'HEAD', path: byDigest(root) }, [{ status: 404 }]],
  ]),
  served('answer: 404 by digest', (root) => [[{ path: byDigest(root) }, [{ status: 404 }]]]),
  served('answer: HEAD without Content-Length', () => [
    [{ method: 'HEAD', path: manifests }, [{ contentLength: 'missing' }]],
  ]),
  served('answer: HEAD with Content-Length 0', () => [
    [{ method: 'HEAD', path: manifests }, [{ setHeader: { 'content-length': '0' } }]],
  ]),
  served('answer: no Docker-Content-Digest', () => [
    [{ path: manifests }, [{ dropHeader: 'docker-content-digest' }]],
  ]),
  served('answer: HEAD without Content-Type, GET with', () => [
    [{ method: 'HEAD', path: manifests }, [{ dropHeader: 'content-type' }]],
  ]),
  served('answer: Docker-Content-Digest of something else', () => [
    [{ path: manifests }, [{ setHeader: { 'docker-content-digest': `sha256:${'1'.repeat(64)}` } }]],
  ]),
  served('answer: blobs by HEAD 404', () => [[{ method: 'HEAD', path: /\/blobs\// }, [{ status: 404 }]]]),
  served('answer: blobs without Content-Length', () => [
    [{ path: /\/blobs\// }, [{ contentLength: 'missing' }]],
  ]),
  served('answer: blobs as text/html', () => [
    [{ path: /\/blobs\// }, [{ setHeader: { 'content-type': 'text/html' } }]],
  ]),
]

/** Manifests and their own fields. */
const manifestShapes: Shape[] = [
  image('manifest: OCI', {}),
  image('manifest: Docker', {}, docker),
  manifestWith('manifest: OCI without mediaType', withoutMediaType),
  manifestWith('manifest: Docker without mediaType', withoutMediaType, docker),
  image('manifest: OCI with Docker layers', { layers: [gzipLayer(types.dockerGzip)] }),
  image('manifest: OCI with a Docker config', { configType: types.dockerConfig }),
  image('manifest: OCI with Docker config and layers', {
    ...{ configType: types.dockerConfig, layers: [gzipLayer(types.dockerGzip)] },
  }),
  image('manifest: Docker with OCI layers', { layers: [gzipLayer()] }, docker),
  image('manifest: Docker with an OCI config', { configType: types.ociConfig }, docker),
  image(
    'manifest: Docker with OCI config and layers',
    { configType: types.ociConfig, layers: [gzipLayer()] },
    docker,
  ),
  manifestWith('manifest: artifactType with an image config', (body) => ({
    ...body,
    artifactType: 'application/vnd.example+type',
  })),
  manifestWith('manifest: subject', (body) => ({
    ...body,
    subject: { mediaType: types.oci, digest: `sha256:${'2'.repeat(64)}`, size: 2 },
  })),
  manifestWith('manifest: schemaVersion missing', ({ schemaVersion: _, ...body }) => body),
  manifestWith('manifest: schemaVersion 1', (body) => ({ ...body, schemaVersion: 1 })),
  manifestWith('manifest: annotations with a number', (body) => ({ ...body, annotations: { a: 1 } })),
  manifestWith('manifest: unknown fields', (body) => ({ ...body, more: { deep: [1] } })),
  manifestWith('manifest: both config and manifests', (body) => ({ ...body, manifests: [] })),
  manifestWith('manifest: layer size 1 too large', sizedBy(1)),
  manifestWith('manifest: layer size 1 too small', sizedBy(-1)),
  manifestWith('manifest: layer size 0', sizedTo(0)),
  manifestWith('manifest: layer size missing', sizedTo(undefined)),
  manifestWith('manifest: layer size -1', sizedTo(-1)),
  manifestWith('manifest: config size 1 too large', (body) => ({
    ...body,
    config: { ...(body.config as { size: number }), size: (body.config as { size: number }).size + 1 },
  })),
  manifestWith('manifest: config size 1 too small', (body) => ({
    ...body,
    config: { ...(body.config as { size: number }), size: (body.config as { size: number }).size - 1 },
  })),
  image('manifest: wrong data of a layer', {
    layers: [{ ...gzipLayer(), descriptor: { data: Buffer.from('else').toString('base64') } }],
  }),
]

/** Media types of layers, and what is in them. */
const layerShapes: Shape[] = [
  ...(['gzip', 'gzip-members', 'zstd', 'zstd-skippable', 'none', 'xz', 'bzip2'] as const).flatMap(
    (packing) => [
      layer(`layer: OCI tar+gzip holding ${packing}`, types.ociGzip, packing),
      layer(`layer: OCI tar holding ${packing}`, types.ociTar, packing),
      layer(`layer: OCI tar+zstd holding ${packing}`, types.ociZstd, packing),
      layer(`layer: Docker tar.gzip holding ${packing}`, types.dockerGzip, packing, { base: docker }),
      layer(`layer: Docker tar holding ${packing}`, types.dockerTar, packing, { base: docker }),
    ],
  ),
  layer('layer: Docker tar.zstd holding zstd', types.dockerZstd, 'zstd', { base: docker }),
  layer('layer: OCI manifest, Docker tar.zstd holding zstd', types.dockerZstd, 'zstd'),
  ...[
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
  ].flatMap((type) => [
    layer(`layer: OCI manifest, type “${type}”`, type),
    layer(`layer: Docker manifest, type “${type}”`, type, 'gzip', { base: docker }),
  ]),
  ...(
    ['trailing-zeros', 'trailing-garbage', 'cut-trailer', 'cut-half', 'zeroed-trailer', 'empty'] as const
  ).flatMap((damage) => [
    layer(`damage: gzip, ${damage}`, types.ociGzip, 'gzip', { damage }),
    layer(`damage: Docker gzip, ${damage}`, types.dockerGzip, 'gzip', { damage, base: docker }),
    layer(`damage: zstd, ${damage}`, types.ociZstd, 'zstd', { damage }),
    layer(`damage: uncompressed, ${damage}`, types.ociTar, 'none', { damage }),
  ]),
  ...Object.entries(archives()).map(([what, content]) =>
    layer(`archive: ${what}`, types.ociGzip, 'gzip', { content }),
  ),
  image('layers: none', { layers: [] }),
  image('layers: none, Docker', { layers: [] }, docker),
  image('layers: null', { layers: [], manifest: (body) => ({ ...body, layers: null }) }),
  image('layers: no field', { layers: [], manifest: ({ layers: _, ...body }) => body }),
  image('layers: none, config without diff_ids', {
    layers: [],
    config: (body) => ({ ...body, rootfs: { type: 'layers' } }),
  }),
  image('layers: none, config with one diff_id', {
    layers: [],
    config: (body) => withDiffIds(body, [`sha256:${'3'.repeat(64)}`]),
  }),
  ...[125, 126, 127, 128].map((count) => image(`layers: ${count}`, { layers: manyLayers(count) })),
  image('layers: the same twice', {
    layers: [gzipLayer(), gzipLayer()].map((each) => ({ ...each, files: { same: 'same' } })),
  }),
  image('layers: foreign, present', { layers: [gzipLayer(types.ociForeign)] }),
  image('layers: foreign, present, Docker', { layers: [gzipLayer(types.dockerForeign)] }, docker),
  absentForeign('layers: foreign with urls, absent', types.ociForeign, oci),
  absentForeign('layers: foreign with urls, absent, Docker', types.dockerForeign, docker),
  absentForeign('layers: ordinary type with urls, absent', types.ociGzip, oci),
]

/** Configurations. */
const configShapes: Shape[] = [
  config('config: without os and architecture', ({ os: _, architecture: __, ...body }) => body),
  config(
    'config: without os and architecture, Docker',
    ({ os: _, architecture: __, ...body }) => body,
    docker,
  ),
  config('config: without os', ({ os: _, ...body }) => body),
  config('config: without architecture', ({ architecture: _, ...body }) => body),
  config('config: {}', () => '{}'),
  config('config: {}, Docker', () => '{}', docker),
  image('config: {} with no layers', { layers: [], config: () => '{}' }),
  config('config: null', () => 'null'),
  config('config: []', () => '[]'),
  config('config: no JSON', () => 'not JSON'),
  config('config: empty', () => ''),
  config('config: without rootfs', ({ rootfs: _, ...body }) => body),
  config('config: without config', ({ config: _, ...body }) => body),
  config('config: config null', (body) => ({ ...body, config: null })),
  config('config: rootfs.type other', (body) => ({ ...body, rootfs: { ...body.rootfs, type: 'else' } })),
  config('config: rootfs.type missing', (body) => ({ ...body, rootfs: { diff_ids: body.rootfs.diff_ids } })),
  config('config: Cmd a string', (body) => ({ ...body, config: { Cmd: '/bin/true' } })),
  config('config: Env an object', (body) => ({ ...body, config: { Env: { A: 'b' } } })),
  config('config: Labels a list', (body) => ({ ...body, config: { Labels: ['a=b'] } })),
  config('config: ExposedPorts a list', (body) => ({ ...body, config: { ExposedPorts: ['80/tcp'] } })),
  config('config: User a number', (body) => ({ ...body, config: { User: 1000 } })),
  config('config: created no time', (body) => ({ ...body, created: 'yesterday' })),
  config('config: created empty', (body) => ({ ...body, created: '' })),
  config('config: created null', (body) => ({ ...body, created: null })),
  config('config: os a number', (body) => ({ ...body, os: 1 }) as object),
  config('config: history longer', (body) => ({
    ...body,
    history: [...(body.history ?? []), ...(body.history ?? [])],
  })),
  config('config: history of empty layers only', (body) => ({ ...body, history: [{ empty_layer: true }] })),
  config('config: history missing', ({ history: _, ...body }) => body),
  config('config: history null', (body) => ({ ...body, history: null })),
  config(
    'config: history longer, Docker',
    (body) => ({
      ...body,
      history: [...(body.history ?? []), ...(body.history ?? [])],
    }),
    docker,
  ),
  config('config: os windows', (body) => ({ ...body, os: 'windows' })),
  config('config: architecture arm64', (body) => ({ ...body, architecture: 'arm64' })),
  config('config: architecture x86_64', (body) => ({ ...body, architecture: 'x86_64' })),
  config('config: diff_id wrong', (body) => withDiffIds(body, [`sha256:${'4'.repeat(64)}`])),
  config('config: diff_id wrong, Docker', (body) => withDiffIds(body, [`sha256:${'4'.repeat(64)}`]), docker),
  config('config: diff_id malformed', (body) => withDiffIds(body, ['none'])),
  config('config: one diff_id more', (body) =>
    withDiffIds(body, [...body.rootfs.diff_ids, ...body.rootfs.diff_ids]),
  ),
  config('config: no diff_ids', (body) => withDiffIds(body, [])),
  config(
    'config: one diff_id more, Docker',
    (body) => withDiffIds(body, [...body.rootfs.diff_ids, ...body.rootfs.diff_ids]),
    docker,
  ),
  ...[
    types.octets,
    'application/json',
    types.ociEmpty,
    'application/vnd.example.config.v1+json',
    'application/vnd.cncf.helm.config.v1+json',
    'application/vnd.docker.plugin.v1+json',
    'text/html',
    '',
  ].flatMap((type) => [
    image(`config: type “${type}”`, { configType: type }),
    image(`config: type “${type}”, Docker`, { configType: type }, docker),
  ]),
  image('artifact: image config type, body {} and foreign content', {
    config: () => '{}',
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', packing: 'gzip' }],
  }),
  image('artifact: empty config, text layer', {
    ...{ configType: types.ociEmpty, config: () => '{}' },
    layers: [{ mediaType: 'text/plain', packing: 'none', content: Buffer.from('text') }],
  }),
]

/** Indexes and lists. */
const indexShapes: Shape[] = [
  ...[
    ['OCI', types.ociIndex, oci],
    ['Docker', types.dockerList, docker],
    ['OCI of Docker images', types.ociIndex, docker],
    ['Docker of OCI images', types.dockerList, oci],
  ].map(([name, type, base]) =>
    index(`index: ${name}`, (salt) =>
      buildIndex(type as string, [
        { of: buildImage(base as ImageShape, salt), descriptor: amd64 },
        { of: buildImage(armOf(base as ImageShape), `${salt}/arm`), descriptor: arm64 },
      ]),
    ),
  ),
  index('index: nested for each platform', (salt) =>
    buildIndex(types.ociIndex, [
      {
        of: buildIndex(types.ociIndex, [{ of: buildImage(oci, salt), descriptor: amd64 }]),
        descriptor: amd64,
      },
    ]),
  ),
  index('index: nested, without platforms outside', (salt) =>
    buildIndex(types.ociIndex, [
      { of: buildIndex(types.ociIndex, [{ of: buildImage(oci, salt), descriptor: amd64 }]) },
    ]),
  ),
  index('index: nested Docker lists', (salt) =>
    buildIndex(types.dockerList, [
      {
        of: buildIndex(types.dockerList, [{ of: buildImage(docker, salt), descriptor: amd64 }]),
        descriptor: amd64,
      },
    ]),
  ),
  index('index: unknown/unknown only', (salt) =>
    buildIndex(types.ociIndex, [{ of: buildImage(oci, salt), descriptor: unknown }]),
  ),
  index('index: attestation only', (salt) =>
    buildIndex(types.ociIndex, [{ of: attestationOf(salt), descriptor: attestationDescriptor }]),
  ),
  index('index: image and attestation', (salt) =>
    buildIndex(types.ociIndex, [
      { of: buildImage(oci, salt), descriptor: amd64 },
      { of: attestationOf(salt), descriptor: attestationDescriptor },
    ]),
  ),
  index('index: empty', () => buildIndex(types.ociIndex, [])),
  index('index: null', () => buildIndex(types.ociIndex, [], { manifests: null })),
  index('index: without platforms', (salt) => buildIndex(types.ociIndex, [{ of: buildImage(oci, salt) }])),
  index('index: Docker list without platforms', (salt) =>
    buildIndex(types.dockerList, [{ of: buildImage(docker, salt) }]),
  ),
  index('index: another platform only', (salt) =>
    buildIndex(types.ociIndex, [{ of: buildImage(armOf(oci), salt), descriptor: arm64 }]),
  ),
  index('index: one image for two platforms', (salt) => {
    const of = buildImage(oci, salt)
    return buildIndex(types.ociIndex, [
      { of, descriptor: arm64 },
      { of, descriptor: amd64 },
    ])
  }),
  index('index: platform and config disagree', (salt) =>
    buildIndex(types.ociIndex, [{ of: buildImage(armOf(oci), salt), descriptor: amd64 }]),
  ),
  index('index: child size 1 too large', (salt) => childSized(salt, 1)),
  index('index: child size 1 too small', (salt) => childSized(salt, -1)),
  index('index: child described as a Docker image', (salt) =>
    buildIndex(types.ociIndex, [
      { of: buildImage(oci, salt), descriptor: { ...amd64, mediaType: types.docker } },
    ]),
  ),
  index('index: child of type octet-stream', (salt) =>
    buildIndex(types.ociIndex, [
      { of: buildImage(oci, salt), descriptor: { ...amd64, mediaType: types.octets } },
    ]),
  ),
  index('index: without mediaType', (salt) =>
    buildIndex(types.ociIndex, [{ of: buildImage(oci, salt), descriptor: amd64 }], { mediaType: undefined }),
  ),
  index('index: artifactType', (salt) =>
    buildIndex(types.ociIndex, [{ of: buildImage(oci, salt), descriptor: amd64 }], {
      artifactType: 'application/vnd.example+type',
    }),
  ),
  index('index: BuildKit cache as an index of layers', (salt) =>
    buildIndex(types.ociIndex, [
      { of: cacheLayer(salt) },
      { of: blob('application/vnd.buildkit.cacheconfig.v0', JSON.stringify({ salt })) },
    ]),
  ),
  index('index: image and an entry with artifactType for the same platform', (salt) =>
    buildIndex(types.ociIndex, [
      {
        of: buildImage(oci, `${salt}/other`),
        descriptor: { ...amd64, artifactType: 'application/vnd.example+type' },
      },
      { of: buildImage(oci, salt), descriptor: amd64 },
    ]),
  ),
]

/** Every shape that was reported, and its neighbours. */
export const reportedShapes: Shape[] = [
  ...answers,
  ...manifestShapes,
  ...layerShapes,
  ...configShapes,
  ...indexShapes,
]

function index(id: string, build: Shape['build']): Shape {
  return { id, build }
}

function withoutMediaType({ mediaType: _, ...body }: Record<string, unknown>): object {
  return body
}

type Sized = { size?: number }

function sizedBy(more: number): ImageShape['manifest'] {
  return (body) => ({
    ...body,
    layers: (body.layers as { size: number }[]).map((each) => ({ ...each, size: each.size + more })),
  })
}

function sizedTo(size: number | undefined): ImageShape['manifest'] {
  return (body) => ({ ...body, layers: (body.layers as Sized[]).map((each) => ({ ...each, size })) })
}

function withDiffIds(body: ConfigBody, diffIds: string[]): object {
  return { ...body, rootfs: { ...body.rootfs, diff_ids: diffIds } }
}

function armOf(base: ImageShape): ImageShape {
  return { ...base, config: (body) => ({ ...body, architecture: 'arm64' }) }
}

function childSized(salt: string, more: number): Built {
  const of = buildImage(oci, salt)
  return buildIndex(types.ociIndex, [{ of, descriptor: { ...amd64, size: of.manifest.bytes.length + more } }])
}

const attestationDescriptor = {
  ...unknown,
  annotations: {
    'vnd.docker.reference.type': 'attestation-manifest',
    'vnd.docker.reference.digest': `sha256:${'5'.repeat(64)}`,
  },
}

function attestationOf(salt: string): Built {
  return buildImage(
    {
      ...oci,
      layers: [{ mediaType: types.inToto, packing: 'none', content: Buffer.from(JSON.stringify({ salt })) }],
      config: (body) => ({ ...body, os: 'unknown', architecture: 'unknown' }),
    },
    `${salt}/attestation`,
  )
}

function cacheLayer(salt: string): Blob {
  return blob(types.ociGzip, gzipSync(tarOf({ cached: salt })))
}

/** The first layer is not in the registry, as its `urls` say where it is. */
function absentForeign(id: string, mediaType: string, base: ImageShape): Shape {
  return {
    id,
    build: (salt) => {
      const urls = ['http://127.0.0.1:1/layer']
      const layers = [{ ...gzipLayer(mediaType), descriptor: { urls } }, ...base.layers]
      const built = buildImage({ ...base, layers }, salt)
      return { ...built, contents: built.contents.slice(1) }
    },
  }
}

/** Archives that are not as tar writes them. */
function archives(): Record<string, Buffer> {
  const whole = tarOf({ file: 'content\n' })
  const header = whole.subarray(0, 512)
  const badChecksum = Buffer.from(whole)
  badChecksum.write('00000000', 148)
  return {
    'no archive': Buffer.from('this is not an archive'),
    empty: Buffer.alloc(0),
    'without its end': whole.subarray(0, 1024),
    'cut in a header': whole.subarray(0, 300),
    'cut in a file': tarOf({ file: 'x'.repeat(2000) }).subarray(0, 1000),
    'bytes after its end': Buffer.concat([whole, Buffer.from('more'.repeat(200))]),
    'zeros after its end': Buffer.concat([whole, Buffer.alloc(10_240)]),
    'bad checksum of a header': badChecksum,
    'path ../file': tarOf({ '../file': 'out' }),
    'absolute path': tarOf({ '/file': 'in' }),
    'one header only': header,
  }
}
