import { describe, expect, test } from 'vitest'
import {
  contentsOf,
  image,
  index,
  layer,
  manifest,
  rewrite,
  schema1,
} from '../../../src/fake-registry/images/images.ts'
import type { EmbeddedRegistry } from '../../../src/fake-registry/registry.ts'
import { verifyImages } from '../../support/verify.ts'
import { useRegistries } from '../kit.ts'
import { causesText, verdictOf, verifyApp } from './app.ts'

const start = useRegistries()
const mib = 1024 * 1024
const indexType = 'application/vnd.oci.image.index.v1+json'
const tag = '/v2/app/manifests/1'

const pushIndex = (registry: EmbeddedRegistry) => {
  const child = image('linux/amd64')
  const top = index([child])
  registry.store.push('app', contentsOf(top), '1')
  return { child, top }
}

const padded = (bytes: number) => {
  const child = image('linux/amd64')
  return [
    ...contentsOf(child),
    rewrite(child.manifest, (body) => ({ ...body, annotations: { pad: 'x'.repeat(bytes) } })),
  ]
}

describe('a large manifest', () => {
  test.each([4, 7])('of %i MiB is read', async (size) => {
    const registry = await start()
    registry.store.push('app', padded(size * mib), '1')
    expect(verdictOf(await verifyApp(registry))).toEqual([0, [], []])
  })

  test('of 16 MiB is refused by its length, without reading it', async () => {
    const registry = await start()
    registry.store.push('app', padded(16 * mib), '1')
    const report = await verifyApp(registry)
    expect(verdictOf(report)).toEqual([1, ['manifest-too-large'], []])
    expect(report.totals.readBytes).toBeLessThan(mib)
  })

  test('of 16 MiB without a length is refused after the limit', async () => {
    const registry = await start()
    registry.store.push('app', padded(16 * mib), '1')
    registry.faults.add({ path: tag, method: 'GET' }, { contentLength: 'missing' })
    const report = await verifyApp(registry)
    expect(verdictOf(report)).toEqual([1, ['manifest-too-large'], []])
    expect(report.totals.readBytes).toBeLessThan(9 * mib)
  })

  test('that never ends is read only up to the limit', async () => {
    const registry = await start()
    pushIndex(registry)
    registry.faults.add({ path: tag, method: 'GET' }, { endless: true })
    const report = await verifyApp(registry)
    expect(verdictOf(report)).toEqual([1, ['manifest-too-large'], []])
    expect(report.totals.readBytes).toBeLessThan(9 * mib)
  })

  test('that unpacks to more than its length is read only up to the limit, too', async () => {
    const registry = await start()
    registry.store.push('app', padded(64 * mib), '1')
    registry.faults.add({ path: tag, method: 'GET' }, { contentEncoding: 'gzip' })
    const report = await verifyApp(registry)
    expect(report.causes.map(({ id }) => id)).toContain('manifest-too-large')
    expect(report.totals.readBytes).toBeLessThan(9 * mib)
  })

  test.each([
    [60_000, 'graph-limit'],
    [1_000_000, 'manifest-too-large'],
  ])('of %i children cannot keep a run busy', async (children, cause) => {
    const registry = await start()
    const child = `{"mediaType":"","size":1,"digest":"sha256:${'0'.repeat(64)}"}`
    const bytes = Buffer.from(`{"schemaVersion":2,"manifests":[${child}${`,${child}`.repeat(children - 1)}]}`)
    const { digest } = manifest(indexType, {})
    registry.store.putManifest('app', { ...manifest(indexType, {}), bytes, digest }, '1')
    registry.faults.add({ path: tag }, { dropHeader: 'docker-content-digest' })
    const report = await verifyApp(registry)
    expect(report.causes.map(({ id }) => id)).toContain(cause)
    expect(registry.requests.length).toBeLessThan(10)
  })
})

describe('an answer that is not that of a registry', () => {
  const page = '<!DOCTYPE html><html><head><title>Sign in</title></head></html>'
  test.each([
    ['a web page as text/plain', 'text/plain', page, 'a web page (“Sign in”)'],
    ['a web page as application/json', 'application/json', page, 'a web page (“Sign in”)'],
    ['a web page without a type', '', page, 'a web page (“Sign in”)'],
    ['a text', 'text/plain', 'It works!\n', '“It works!”, which is no manifest'],
    ['nothing', 'text/plain', '', 'an empty body'],
  ])('is told from a manifest: %s', async (_what, type, body, words) => {
    const registry = await start()
    pushIndex(registry)
    registry.faults.add({ path: /manifests/ }, { status: 200, body, headers: { 'content-type': type } })
    const report = await verifyApp(registry)
    expect(verdictOf(report)).toEqual([3, ['not-a-registry'], []])
    expect(causesText(report)).toContain(`it answered 200 with ${words}`)
  })

  test('is not a damaged manifest that has its type', async () => {
    const registry = await start()
    pushIndex(registry)
    const headers = { 'content-type': indexType }
    registry.faults.add({ path: /manifests/ }, { status: 200, body: page, headers })
    expect(verdictOf(await verifyApp(registry))[0]).toBe(1)
  })
})

describe('an invalid manifest', () => {
  const bodies: [string, string | object][] = [
    ['invalid JSON', '{"schemaVersion":2,'],
    ['nothing', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['a number', '7'],
    ['an empty object', '{}'],
    [
      'both an index and an image',
      { ...JSON.parse(image('linux/amd64').manifest.bytes.toString()), manifests: [] },
    ],
    [
      'an index of bad digests',
      { schemaVersion: 2, manifests: [{ mediaType: 'x', size: 1, digest: '../../etc' }] },
    ],
    [
      'an index of negative sizes',
      { manifests: [{ mediaType: 'x', size: -1, digest: `sha256:${'0'.repeat(64)}` }] },
    ],
    ['an image whose config is a string', { schemaVersion: 2, config: 'sha256:x', layers: [] }],
  ]

  test.each(bodies)('with %s is reported as invalid', async (_, body) => {
    const registry = await start()
    const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
    const type = 'application/vnd.oci.image.manifest.v1+json'
    registry.store.putManifest('app', { ...manifest(type, {}), bytes }, '1')
    registry.faults.add({ path: tag }, { dropHeader: 'docker-content-digest' })
    const report = await verifyApp(registry)
    expect(verdictOf(report)).toEqual([1, ['manifest-invalid'], []])
    expect(report.crashes).toEqual([])
  })

  test('that is a web page means that no registry answers, and the image is not judged', async () => {
    const registry = await start()
    pushIndex(registry)
    registry.faults.add({ path: tag }, { html: '<html><title>Sign in</title></html>' })
    const report = await verifyApp(registry)
    expect(verdictOf(report)).toEqual([3, ['not-a-registry'], []])
    expect(causesText(report)).toContain('Sign in')
  })

  test('that is a 404 of a web server is not a missing tag', async () => {
    const registry = await start()
    pushIndex(registry)
    registry.faults.add(
      { path: tag },
      { status: 404, body: '<h1>nginx</h1>', headers: { 'content-type': 'text/html' } },
    )
    expect(verdictOf(await verifyApp(registry))).toEqual([3, ['not-a-registry'], []])
  })

  test.each([
    ['nothing', ''],
    ['a text', 'no such route'],
  ])('that is a 404 with %s, and without a sign of a registry, is not a missing tag', async (_name, body) => {
    const registry = await start()
    pushIndex(registry)
    const unmarked = { dropHeader: 'docker-distribution-api-version' }
    registry.faults.add({ path: tag }, { status: 404, body }, unmarked)
    const report = await verifyApp(registry)
    expect(verdictOf(report)).toEqual([3, ['not-a-registry'], []])
    expect(causesText(report)).toContain('without the error code or the header of a registry')
  })

  test('that is a 404 without a body is a missing tag where the registry names itself', async () => {
    const registry = await start()
    pushIndex(registry)
    const marked = { setHeader: { 'docker-distribution-api-version': 'registry/2.0' } }
    registry.faults.add({ path: tag }, { status: 404, body: '' }, marked)
    expect(verdictOf(await verifyApp(registry))).toEqual([1, ['tag-missing'], []])
  })

  test('of schema 1 is reported as such', async () => {
    const registry = await start()
    const base = layer({ a: 'a' })
    registry.store.push('app', [base, schema1('app', '1', [base])], '1')
    expect(verdictOf(await verifyApp(registry))).toEqual([1, ['unsupported-schema1'], []])
  })
})

describe('the digest of a manifest', () => {
  test('is computed, not trusted: a wrong header for a tag is found', async () => {
    const registry = await start()
    const { child } = pushIndex(registry)
    registry.faults.add({ path: tag }, { setHeader: { 'docker-content-digest': child.manifest.digest } })
    expect(verdictOf(await verifyApp(registry))).toEqual([1, ['manifest-corrupt'], []])
  })

  test('is computed, not trusted: other bytes with the right header are found', async () => {
    const registry = await start()
    const { child, top } = pushIndex(registry)
    const other = image('linux/amd64', { annotations: { other: 'yes' } })
    registry.faults.add({ digest: child.manifest.digest }, { bytes: other.manifest.bytes })
    const report = await verifyApp(registry)
    expect(verdictOf(report)).toEqual([1, ['manifest-corrupt'], []])
    expect(causesText(report)).toContain(other.manifest.digest)
    expect(report.targets[0]?.digest).toBe(top.manifest.digest)
  })

  test('may come without a header', async () => {
    const registry = await start({ digestHeader: false })
    const { top } = pushIndex(registry)
    const report = await verifyApp(registry)
    expect(verdictOf(report)).toEqual([0, [], []])
    expect(report.targets[0]?.digest).toBe(top.manifest.digest)
  })

  test('may be the target, and then no tag is requested', async () => {
    const registry = await start()
    const { top } = pushIndex(registry)
    const report = await verifyImages([`${registry.host}/app@${top.manifest.digest}`])
    expect(verdictOf(report)).toEqual([0, [], []])
    expect(registry.requests).toHaveLength(report.totals.objects + 1)
  })
})
