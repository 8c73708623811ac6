import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { parseManifest } from '../../src/oci/manifest.ts'
import * as types from '../../src/oci/media-types.ts'

const digest = `sha256:${'ab12'.repeat(16)}`
const child = { mediaType: types.ociManifest, digest, size: 500 }
const config = { mediaType: types.ociConfig, digest, size: 200 }
const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size: 4096 }
const artifactType = 'application/vnd.example'

const parse = (value: object, contentType = '') =>
  parseManifest(Buffer.from(JSON.stringify({ schemaVersion: 2, ...value })), contentType)
const parsed = (value: object, contentType = '') => {
  const result = parse(value, contentType)
  return result.ok ? result.value : result.problem
}

describe('the fields of a document decide its kind', () => {
  test.each([
    ['an OCI index', types.ociIndex],
    ["Docker's manifest list", types.dockerList],
    ['an index without a media type', undefined],
    ['an index with the media type of an image', types.ociManifest],
  ])('%s has manifests', (_what, mediaType) => {
    expect(parsed({ mediaType, manifests: [child] })).toEqual({
      kind: 'index',
      mediaType: mediaType ?? '',
      children: [child],
    })
  })

  test.each([
    ['an OCI image', types.ociManifest],
    ["Docker's image", types.dockerManifest],
    ['an image without a media type', undefined],
  ])('%s has a config and layers', (_what, mediaType) => {
    expect(parsed({ mediaType, config, layers: [layer] })).toEqual({
      kind: 'image',
      mediaType: mediaType ?? '',
      artifactType: '',
      config,
      layers: [layer],
    })
  })

  test('an image without layers is an image', () => {
    expect(parsed({ config, layers: [] })).toMatchObject({ kind: 'image', layers: [] })
    expect(parsed({ config })).toMatchObject({ kind: 'image', layers: [] })
  })

  test('an artifact of image-spec 1.1 is an image with an artifact type', () => {
    const subject = { ...child, size: 7 }
    expect(parsed({ mediaType: types.ociManifest, artifactType, config, layers: [], subject })).toMatchObject(
      {
        kind: 'image',
        artifactType,
        subject,
      },
    )
  })

  test('the withdrawn artifact manifest has blobs and a subject', () => {
    const document = { mediaType: types.ociArtifact, artifactType, blobs: [layer], subject: child }
    expect(parsed(document)).toEqual({ kind: 'artifact', ...document })
    expect(parsed({ artifactType }, types.ociArtifact)).toMatchObject({ kind: 'artifact', blobs: [] })
  })

  test('an empty index is an index', () => {
    expect(parsed({ manifests: [] })).toMatchObject({ kind: 'index', children: [] })
    expect(parsed({}, types.ociIndex)).toMatchObject({ kind: 'index', children: [] })
  })

  test.each([
    ['by its media type', { schemaVersion: 1, mediaType: types.dockerSchema1Signed }, ''],
    ['by its content type', { schemaVersion: 1 }, types.dockerSchema1],
    [
      'by its fields, if the content type is JSON',
      { schemaVersion: 1, fsLayers: [{ blobSum: digest }] },
      'application/json',
    ],
  ])('schema 1 is recognised %s', (_how, value, contentType) => {
    expect(parsed(value, contentType)).toMatchObject({ kind: 'schema1' })
  })
})

describe('a document that cannot be trusted is refused', () => {
  test.each([
    ['manifests and a config', { manifests: [child], config }],
    ['manifests and layers', { manifests: [], layers: [layer] }],
    [
      'an index that is an image, too',
      { mediaType: types.ociIndex, manifests: [child], config, layers: [layer] },
    ],
  ])('%s are two documents in one (CVE-2021-41190)', (_what, value) => {
    expect(parsed(value)).toContain('two documents in one')
  })

  test.each([
    ['an image without a config', { layers: [layer] }, types.ociManifest, '“config” is missing'],
    ['another document', { hello: 'world' }, 'application/json', 'both “manifests” and “config” are missing'],
    ['a negative size', { manifests: [{ ...child, size: -1 }] }, '', '“manifests.0.size”'],
    ['a broken size', { manifests: [{ ...child, size: 1.5 }] }, '', '“manifests.0.size”'],
    [
      'a size above the safe integers',
      { manifests: [{ ...child, size: 2 ** 53 }] },
      '',
      '“manifests.0.size”',
    ],
    ['a size as a string', { config: { ...config, size: '200' } }, '', '“config.size”'],
    ['no size', { config: { ...config, size: undefined } }, '', '“config.size”'],
    ['no digest', { config, layers: [{ ...layer, digest: undefined }] }, '', '“layers.0.digest”'],
    [
      'an invalid digest',
      { config, layers: [layer, { ...layer, digest: 'ab12' }] },
      '',
      '“layers.1.digest”: not a digest',
    ],
    [
      'a digest with a path traversal',
      { config: { ...config, digest: 'sha256:../../x' } },
      '',
      '“config.digest”',
    ],
    ['manifests that are an object', { manifests: { 0: child } }, '', '“manifests”'],
    ['a subject that is a string', { config, subject: digest }, '', '“subject”'],
    ['a list', [], '', 'the document'],
  ])('%s', (_what, value, contentType, problem) => {
    const result = Array.isArray(value) ? parseManifest(Buffer.from('[]'), '') : parse(value, contentType)
    expect(result.ok ? result.value : result.problem).toContain(problem)
  })
})

describe('fields are as strict as in clients, which are written in Go', () => {
  test.each([
    ['annotations with values of other types', { annotations: { a: 1 } }, 'annotations.a'],
    ['a platform that is a string', { platform: 'linux/amd64' }, 'platform'],
    ['urls that are not a list', { urls: 'https://x' }, 'urls'],
    ['data that is not a string', { data: 7 }, 'data'],
    ['a media type that is a number', { mediaType: 7 }, 'mediaType'],
  ])('%s are refused with their position', (_what, change, place) => {
    expect(parsed({ manifests: [{ ...child, ...change }] })).toContain(`“manifests.0.${place}”`)
  })

  test('annotations of the document with values of other types are refused', () => {
    expect(parsed({ config, layers: [], annotations: { a: 1 } })).toContain('“annotations.a”')
  })

  test('null is as good as a missing field', () => {
    const nothing = { platform: null, urls: null, data: null, annotations: null, artifactType: null }
    expect(parsed({ manifests: [{ ...child, ...nothing, mediaType: null }] })).toMatchObject({
      children: [{ mediaType: '', digest }],
    })
    expect(
      parsed({ mediaType: null, artifactType: null, annotations: null, config, layers: [] }),
    ).toMatchObject({
      kind: 'image',
      mediaType: '',
      artifactType: '',
    })
  })

  test('null inside of annotations and lists is an empty text', () => {
    const nulls = { annotations: { a: null }, urls: [null] }
    expect(parsed({ manifests: [{ ...child, ...nulls }] })).toMatchObject({
      children: [{ annotations: { a: '' }, urls: [''] }],
    })
  })

  test('a platform without os is read', () => {
    expect(parsed({ manifests: [{ ...child, platform: { architecture: 'arm' } }] })).toMatchObject({
      children: [{ platform: { os: '', architecture: 'arm' } }],
    })
  })

  test('the platform of a child is kept as written', () => {
    const platform = { os: 'windows', architecture: 'amd64', 'os.version': '10.0.1', features: ['x'] }
    expect(parsed({ manifests: [{ ...child, platform }] })).toMatchObject({
      children: [{ platform: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.1' } }],
    })
  })
})
