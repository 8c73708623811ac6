import { describe, expect, test } from 'vitest'
import { bytesText } from '../../src/core/units.ts'
import {
  contentsOf,
  descriptorOf,
  digestOf,
  foreignLayer,
  image,
  layer,
  rewrite,
} from '../../src/fake-registry/images/images.ts'
import { sure, useRegistries } from '../observe/kit.ts'
import { pushImage, pushIndex, toldBy, verifyApp, wordsOf } from './told.ts'

const start = useRegistries()
const heads = { method: 'HEAD', path: /\/blobs\// }

describe('a blob that is not there', () => {
  test('and is the configuration keeps the image from being started, which is said', async () => {
    const registry = await start()
    registry.store.remove('app', pushImage(registry).config.digest)
    const report = await verifyApp(registry)
    expect(toldBy(report)).toEqual([1, { 'config-missing': 'error' }])
    expect(report.causes[0]?.title).toContain('cannot be started')
    expect(wordsOf(report, 'config-missing')).toContain('404 BLOB_UNKNOWN')
  })

  test('and is a layer is told with its place, its size and who shares it', async () => {
    const registry = await start()
    const { images } = pushIndex(registry)
    const base = sure(sure(images[0]).layers[0])
    registry.store.remove('app', base.digest)
    const report = await verifyApp(registry)
    expect(toldBy(report)).toEqual([1, { 'layer-missing': 'error' }])
    const [finding] = sure(report.causes[0]).findings
    expect(finding?.message).toBe(`layers[0], ${bytesText(base.bytes.length)}: 404 BLOB_UNKNOWN`)
    expect(finding?.platforms).toEqual(['linux/amd64', 'linux/arm64'])
    expect(finding?.evidence).toEqual(['listed by 2 manifests'])
  })

  test('and lives elsewhere by design is a note with its address', async () => {
    const registry = await start()
    const layers = [foreignLayer({ a: 'a' }, ['https://layers.invalid/a']), layer({ b: 'b' })]
    registry.store.push('app', contentsOf(image('windows/amd64', { layers })), '1')
    const report = await verifyApp(registry)
    expect(toldBy(report)).toEqual([0, { 'foreign-layer-skipped': 'note' }])
    expect(wordsOf(report, 'foreign-layer-skipped')).toContain('https://layers.invalid/a')
  })
})

describe('a blob that storage cannot hand out', () => {
  test('though HEAD says 200 is a stale entry of a cache, and the restart is the advice', async () => {
    const registry = await start()
    const { digest, size } = pushImage(registry)
    registry.faults.add({ digest }, { staleCache: true })
    const head = await fetch(`${registry.url}/v2/app/blobs/${digest}`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(size)])
    const report = await verifyApp(registry)
    expect(toldBy(report)).toEqual([1, { 'stale-blob-cache': 'error' }])
    expect(report.causes[0]?.advice).toMatch(/Restart the registry.*then push again/)
    expect(wordsOf(report, 'stale-blob-cache')).toContain('"actual":"0 bytes, twice"')
  })

  test.each([
    ['and knows it, by 416 and the length it has', 'cold', '57 bytes'],
    ['and does not know it', 'warm', '57 bytes, then the connection closed'],
  ] as const)('whole, because it was cut short %s, is told with both lengths', async (_, as, actual) => {
    const registry = await start()
    const { digest, size } = pushImage(registry)
    registry.faults.add({ digest }, { truncateTo: 57, as })
    const report = await verifyApp(registry)
    expect(toldBy(report)).toEqual([1, { 'blob-truncated': 'error' }])
    expect(wordsOf(report, 'blob-truncated')).toContain(`"expected":"${size} bytes","actual":"${actual}`)
  })

  test('because the file is empty is told as that', async () => {
    const registry = await start()
    const { digest, size } = pushImage(registry)
    registry.faults.add({ digest }, { truncateTo: 0, as: 'cold' })
    for (const depth of ['head', 'probe', 'full']) {
      const report = await verifyApp(registry, { depth })
      expect(toldBy(report)).toEqual([1, { 'blob-empty': 'error' }])
      expect(wordsOf(report, 'blob-empty')).toContain(`"expected":"${size} bytes","actual":"0 bytes"`)
    }
  })

  test('by the word of a proxy that says 0 to HEAD is there all the same, which is noted', async () => {
    const registry = await start()
    pushImage(registry)
    registry.faults.add(heads, { contentLength: 'zero' })
    const report = await verifyApp(registry, { depth: 'head' })
    expect(toldBy(report)).toEqual([0, { 'proxy-zero-length': 'note' }])
    expect(report.causes[0]?.advice).toContain('proxy')
  })

  test('as it was pushed, but as other bytes, is told with both digests', async () => {
    const registry = await start()
    const { digest, size } = pushImage(registry)
    const bytes = Buffer.alloc(size, 7)
    registry.faults.add({ digest }, { bytes })
    const report = await verifyApp(registry, { depth: 'full' })
    expect(toldBy(report)).toEqual([1, { 'blob-corrupt': 'error' }])
    expect(wordsOf(report, 'blob-corrupt')).toContain(`"expected":"${digest}","actual":"${digestOf(bytes)}"`)
    expect(report.causes[0]?.title).toContain('bit rot or tampering')
  })
})

test('a manifest that lies about the size of a sound layer is told by its digest and its field', async () => {
  const registry = await start()
  const pushed = pushImage(registry)
  const lying = rewrite(pushed.manifest, (body) => ({
    ...body,
    layers: pushed.layers.map((each, at) => descriptorOf(each, at === 1 ? { size: pushed.size + 5 } : {})),
  }))
  registry.store.push('app', [...pushed.blobs, lying], '1')
  const report = await verifyApp(registry)
  expect(toldBy(report)).toEqual([1, { 'size-mismatch': 'error' }])
  const words = wordsOf(report, 'size-mismatch')
  expect(words).toContain(`wrong size for layers[1] of ${lying.digest}`)
  expect(words).toContain(`${pushed.size} bytes of content`)
  expect(words).toContain(`${pushed.size + 5} bytes in the manifest`)
})

describe('a HEAD that is answered', () => {
  test.each([405, 501])('with %i is a note, because GET is used instead', async (status) => {
    const registry = await start()
    pushImage(registry)
    registry.faults.add(heads, { status })
    const report = await verifyApp(registry, { depth: 'head' })
    expect(toldBy(report)).toEqual([0, { 'head-unsupported': 'note' }])
    expect(report.causes[0]?.title).toContain('GET was used instead')
  })

  test.each([
    ['nobody is logged in', { kind: 'bearer' as const, anonymousPull: true }, {}],
    ['somebody is', { kind: 'bearer' as const, users: { ann: 'pw' } }, { username: 'ann', password: 'pw' }],
  ])('with 401 where GET is answered with 200 is a note, when %s', async (_, auth, login) => {
    const registry = await start({ auth })
    pushImage(registry)
    const asks = `Bearer realm="${registry.url}/token",service="any",scope="repository:app:pull"`
    registry.faults.add(heads, { status: 401, headers: { 'www-authenticate': asks } })
    const report = await verifyApp(registry, { depth: 'head', ...login })
    expect(toldBy(report)).toEqual([0, { 'head-unauthorized': 'note' }])
    expect(report.causes[0]?.title).toContain('GET was used instead')
  })
})
