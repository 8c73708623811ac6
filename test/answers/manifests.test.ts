import { expect, test } from 'vitest'
import {
  contentsOf,
  descriptorOf,
  image,
  index,
  layer,
  manifest,
  rewrite,
  schema1,
  underUnknownAlgorithm,
} from '../../src/fake-registry/images/images.ts'
import { sure, useRegistries } from '../observe/kit.ts'
import { verifyImages } from '../support/verify.ts'
import { errorDocument, outcomeOf, pushImage, pushIndex, textOf, verifyApp } from './fixtures.ts'

const start = useRegistries()
const indexType = 'application/vnd.oci.image.index.v1+json'
const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const amd64 = { os: 'linux', architecture: 'amd64' }

test('an index without its children is orphaned-index, with all of them and what deletes them', async () => {
  const registry = await start()
  const { index: top, images } = pushIndex(registry)
  for (const child of images) registry.store.remove('app', child.manifest.digest)
  const report = await verifyApp(registry)
  expect(outcomeOf(report)).toEqual([1, { 'orphaned-index': 'error' }])
  const [cause] = report.causes
  expect(cause?.title).toBe('Orphaned index: the index exists, 2 of 2 platform images are gone.')
  expect(cause?.findings.map(({ digest, platforms, message }) => [digest, platforms, message])).toEqual(
    images.map((child, at) => [
      child.manifest.digest,
      [['linux/amd64', 'linux/arm64'][at]],
      '404 MANIFEST_UNKNOWN',
    ]),
  )
  expect(cause?.because).toContain('garbage-collect --delete-untagged')
  expect(cause?.because).toContain('cleanup jobs')
  expect(textOf(report, 'orphaned-index')).toContain(top.manifest.digest.slice(0, 15))
})

test('a missing attestation is a warning, because the image can be pulled', async () => {
  const registry = await start()
  const { attestations } = pushIndex(registry)
  registry.store.remove('app', sure(attestations[0]).manifest.digest)
  const report = await verifyApp(registry)
  expect(outcomeOf(report)).toEqual([0, { 'attestation-missing': 'warning' }])
  expect(report.causes[0]?.title).toContain('the images can be pulled, but their provenance is lost')
  expect((await verifyApp(registry, { fail_on: 'warning' })).exitCode).toBe(1)
})

test('a child that another repository serves is child-not-linked, with a copy as advice', async () => {
  const registry = await start()
  const { images } = pushIndex(registry)
  pushIndex(registry, 'team/other')
  registry.store.remove('app', sure(images[1]).manifest.digest)
  const report = await verifyImages([`${registry.host}/app:1`, `${registry.host}/team/other:1`])
  expect(outcomeOf(report)).toEqual([1, { 'child-not-linked': 'error' }])
  expect(report.causes[0]?.because).toContain(`${registry.host}/team/other serves the same digest`)
  expect(report.causes[0]?.advice).toContain('skopeo copy --all')
})

test('a manifest with other bytes is manifest-corrupt, with both digests and the header that hides it', async () => {
  const registry = await start()
  const { images } = pushIndex(registry)
  const { digest } = sure(images[0]).manifest
  const other = image('linux/amd64', { annotations: { other: 'yes' } }).manifest
  registry.faults.add({ digest }, { bytes: other.bytes })
  const report = await verifyApp(registry)
  expect(outcomeOf(report)).toEqual([1, { 'manifest-corrupt': 'error' }])
  const text = textOf(report, 'manifest-corrupt')
  expect(text).toContain(`"expected":"${digest}","actual":"${other.digest}"`)
  expect(text).toContain('the Docker-Content-Digest header repeats the expected digest anyway')
})

test('a manifest with three different media types is mediatype-mismatch, with all three', async () => {
  const registry = await start()
  const child = image('linux/amd64')
  const wrong = descriptorOf(child.manifest, { mediaType: indexType, platform: amd64 })
  registry.store.push('app', [...contentsOf(child), index([wrong]).manifest], '1')
  const dockerType = 'application/vnd.docker.distribution.manifest.v2+json'
  registry.faults.add({ digest: child.manifest.digest }, { setHeader: { 'content-type': dockerType } })
  const report = await verifyApp(registry)
  expect(outcomeOf(report)).toEqual([1, { 'mediatype-mismatch': 'error' }])
  expect(textOf(report, 'mediatype-mismatch')).toContain(
    [`descriptor: ${indexType}`, `Content-Type: ${dockerType}`, `manifest: ${manifestType}`].join('; '),
  )
})

test('every request for a manifest accepts all manifest types', async () => {
  const registry = await start()
  pushIndex(registry)
  await verifyApp(registry)
  const requests = registry.requests.filter(({ path }) => path.includes('/manifests/'))
  expect(requests.length).toBeGreaterThan(4)
  const types = [
    indexType,
    manifestType,
    'application/vnd.docker.distribution.manifest.list.v2+json',
    'application/vnd.docker.distribution.manifest.v2+json',
    'application/vnd.oci.artifact.manifest.v1+json',
    'application/vnd.docker.distribution.manifest.v1+prettyjws',
  ]
  for (const { accept = '' } of requests) {
    expect(types.filter((type) => !accept.split(', ').includes(type))).toEqual([])
  }
})

test.each(['index', 'child'])('a 404 for a type that is not accepted is answer-invalid', async (which) => {
  const registry = await start()
  const { images } = pushIndex(registry)
  const path = which === 'index' ? /manifests\/1$/ : new RegExp(`manifests/${images[0]?.manifest.digest}`)
  const message = 'OCI index found, but accept header does not support OCI indexes'
  registry.faults.add({ path }, errorDocument(404, 'MANIFEST_UNKNOWN', message))
  const report = await verifyApp(registry)
  expect(outcomeOf(report)).toEqual([3, { 'answer-invalid': 'error' }])
  expect(textOf(report, 'answer-invalid')).toContain('as if the request had no Accept header')
})

test('a truncated manifest is manifest-invalid, with its length and the reason', async () => {
  const registry = await start()
  const bytes = Buffer.from('{"schemaVersion":2,"layers":[')
  registry.store.putManifest('app', { ...manifest(manifestType, {}), bytes }, '1')
  registry.faults.add({ path: '/v2/app/manifests/1' }, { dropHeader: 'docker-content-digest' })
  const report = await verifyApp(registry)
  expect(outcomeOf(report)).toEqual([1, { 'manifest-invalid': 'error' }])
  const text = textOf(report, 'manifest-invalid')
  expect(text).toContain('not valid JSON: Unexpected end')
  expect(text).toContain(`29 bytes, ${manifestType}`)
})

test('a manifest that is both an image and an index is manifest-invalid', async () => {
  const registry = await start()
  const child = image('linux/amd64')
  const both = rewrite(child.manifest, (body) => ({ ...body, manifests: [] }))
  registry.store.push('app', [...child.blobs, both], '1')
  const report = await verifyApp(registry)
  expect(outcomeOf(report)).toEqual([1, { 'manifest-invalid': 'error' }])
  expect(textOf(report, 'manifest-invalid')).toMatch(/manifests/)
})

test('a schema 1 manifest is unsupported-schema1, with a rebuild as advice', async () => {
  const registry = await start()
  const base = layer({ a: 'a' })
  registry.store.push('app', [base, schema1('app', '1', [base])], '1')
  const report = await verifyApp(registry)
  expect(outcomeOf(report)).toEqual([1, { 'unsupported-schema1': 'error' }])
  expect(report.causes[0]?.title).toContain('containerd 2')
  expect(report.causes[0]?.advice).toContain('Rebuild')
})

test('a platform that was not pushed is platform-missing, with expected and present platforms', async () => {
  const registry = await start()
  pushIndex(registry)
  const report = await verifyApp(registry, { platforms: 'linux/amd64,linux/s390x' })
  expect(outcomeOf(report)).toEqual([1, { 'platform-missing': 'error' }])
  const text = textOf(report, 'platform-missing')
  expect(text).toContain('linux/s390x is not in the image')
  expect(text).toContain('"expected":"linux/amd64, linux/s390x","actual":"linux/amd64, linux/arm64')
})

test('a platform that an index lists twice is a warning with both digests', async () => {
  const registry = await start()
  const twins = ['a', 'b'].map((name) => image('linux/amd64', { layers: [layer({ [name]: name })] }))
  registry.store.push('app', contentsOf(index(twins)), '1')
  const report = await verifyApp(registry)
  expect(outcomeOf(report)).toEqual([0, { 'platform-duplicate': 'warning' }])
  const text = textOf(report, 'platform-duplicate')
  expect(text).toContain('linux/amd64 is listed 2 times')
  for (const { manifest: twin } of twins) expect(text).toContain(twin.digest)
})

test.each([
  ['linux/arm64', 'linux/arm64/v8'],
  ['linux/arm64/v8', 'linux/arm64'],
])('%s is present if the index lists %s', async (wanted, listed) => {
  const registry = await start()
  registry.store.push('app', contentsOf(index([image(listed)])), '1')
  expect(outcomeOf(await verifyApp(registry, { platforms: wanted }))).toEqual([0, {}])
})

test('an image for another platform than its index says is platform-mismatch, with both', async () => {
  const registry = await start()
  registry.store.push(
    'app',
    contentsOf(index([image('linux/arm64', { configPlatform: 'linux/amd64' })])),
    '1',
  )
  const report = await verifyApp(registry)
  expect(outcomeOf(report)).toEqual([1, { 'platform-mismatch': 'error' }])
  const text = textOf(report, 'platform-mismatch')
  expect(text).toContain('linux/arm64')
  expect(text).toContain('linux/amd64 in the configuration')
})

test('a configuration with another number of layers is config-layer-count, with both numbers', async () => {
  const registry = await start()
  const layers = [layer({ a: 'a' }), layer({ b: 'b' })]
  const diffIds = layers.slice(1).map(({ diffId }) => diffId)
  registry.store.push('app', contentsOf(image('linux/amd64', { layers, diffIds })), '1')
  const report = await verifyApp(registry)
  expect(outcomeOf(report)).toEqual([1, { 'config-layer-count': 'error' }])
  expect(textOf(report, 'config-layer-count')).toContain(
    '"expected":"2 layers in the manifest","actual":"1 diff id in the configuration"',
  )
})

test('a pull-through cache may lack platforms with `mirror: true` only', async () => {
  const registry = await start()
  const { images } = pushIndex(registry)
  const { digest } = sure(images[1]).manifest
  registry.store.remove('app', digest)
  const report = await verifyApp(registry, { mirror: 'true' })
  expect(outcomeOf(report)).toEqual([0, { 'sparse-allowed': 'note' }])
  expect(textOf(report, 'sparse-allowed')).toContain(digest)
  expect(outcomeOf(await verifyApp(registry))).toEqual([1, { 'orphaned-index': 'error' }])
})

test('a digest of an unknown algorithm is a warning with its name', async () => {
  const registry = await start()
  const { blobs, manifest: known } = pushImage(registry)
  const odd = underUnknownAlgorithm(known)
  const top = index([descriptorOf(odd, { platform: amd64 })])
  registry.store.push('app', [...blobs, odd, top.manifest], '1')
  const report = await verifyApp(registry, { depth: 'full' })
  expect(outcomeOf(report)).toEqual([0, { 'unverifiable-digest': 'warning' }])
  expect(textOf(report, 'unverifiable-digest')).toContain('unknown digest algorithm “x-whirl-9”')
})
