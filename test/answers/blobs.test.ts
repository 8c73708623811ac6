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
import { outcomeOf, pushImage, pushIndex, textOf, verifyApp } from './fixtures.ts'

const start = useRegistries()
const heads = { method: 'HEAD', path: /\/blobs\// }

describe('a missing blob', () => {
  test('that is the configuration is config-missing: the image cannot be started', async () => {
    const registry = await start()
    registry.store.remove('app', pushImage(registry).config.digest)
    const report = await verifyApp(registry)
    expect(outcomeOf(report)).toEqual([1, { 'config-missing': 'error' }])
    expect(report.causes[0]?.title).toContain('cannot be started')
    expect(textOf(report, 'config-missing')).toContain('404 BLOB_UNKNOWN')
  })

  test('that is a layer is layer-missing, with its index, size and platforms', async () => {
    const registry = await start()
    const { images } = pushIndex(registry)
    const base = sure(sure(images[0]).layers[0])
    registry.store.remove('app', base.digest)
    const report = await verifyApp(registry)
    expect(outcomeOf(report)).toEqual([1, { 'layer-missing': 'error' }])
    const [finding] = sure(report.causes[0]).findings
    expect(finding?.message).toBe(`layers[0], ${bytesText(base.bytes.length)}: 404 BLOB_UNKNOWN`)
    expect(finding?.platforms).toEqual(['linux/amd64', 'linux/arm64'])
    expect(finding?.evidence).toEqual(['listed by 2 manifests'])
  })

  test('that is a foreign layer is a note with its URL', async () => {
    const registry = await start()
    const layers = [foreignLayer({ a: 'a' }, ['https://layers.invalid/a']), layer({ b: 'b' })]
    registry.store.push('app', contentsOf(image('windows/amd64', { layers })), '1')
    const report = await verifyApp(registry)
    expect(outcomeOf(report)).toEqual([0, { 'foreign-layer-skipped': 'note' }])
    expect(textOf(report, 'foreign-layer-skipped')).toContain('https://layers.invalid/a')
  })
})

describe('a damaged blob', () => {
  test('for which HEAD answers 200 is stale-blob-cache, with a restart as advice', async () => {
    const registry = await start()
    const { digest, size } = pushImage(registry)
    registry.faults.add({ digest }, { staleCache: true })
    const head = await fetch(`${registry.url}/v2/app/blobs/${digest}`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(size)])
    const report = await verifyApp(registry)
    expect(outcomeOf(report)).toEqual([1, { 'stale-blob-cache': 'error' }])
    expect(report.causes[0]?.advice).toMatch(/Restart the registry.*then push again/)
    expect(textOf(report, 'stale-blob-cache')).toContain('"actual":"0 bytes, twice"')
  })

  test.each([
    ['that the registry knows, by 416 and the real length', 'cold', '57 bytes'],
    ['that the registry does not know', 'warm', '57 bytes, then the connection closed'],
  ] as const)('with a truncation %s is blob-truncated, with both lengths', async (_, as, actual) => {
    const registry = await start()
    const { digest, size } = pushImage(registry)
    registry.faults.add({ digest }, { truncateTo: 57, as })
    const report = await verifyApp(registry)
    expect(outcomeOf(report)).toEqual([1, { 'blob-truncated': 'error' }])
    expect(textOf(report, 'blob-truncated')).toContain(`"expected":"${size} bytes","actual":"${actual}`)
  })

  test('whose file is empty is blob-empty', async () => {
    const registry = await start()
    const { digest, size } = pushImage(registry)
    registry.faults.add({ digest }, { truncateTo: 0, as: 'cold' })
    for (const depth of ['head', 'probe', 'full']) {
      const report = await verifyApp(registry, { depth })
      expect(outcomeOf(report)).toEqual([1, { 'blob-empty': 'error' }])
      expect(textOf(report, 'blob-empty')).toContain(`"expected":"${size} bytes","actual":"0 bytes"`)
    }
  })

  test('with length 0 in HEAD only is a note about the proxy', async () => {
    const registry = await start()
    pushImage(registry)
    registry.faults.add(heads, { contentLength: 'zero' })
    const report = await verifyApp(registry, { depth: 'head' })
    expect(outcomeOf(report)).toEqual([0, { 'proxy-zero-length': 'note' }])
    expect(report.causes[0]?.advice).toContain('proxy')
  })

  test('with other bytes is blob-corrupt, with both digests', async () => {
    const registry = await start()
    const { digest, size } = pushImage(registry)
    const bytes = Buffer.alloc(size, 7)
    registry.faults.add({ digest }, { bytes })
    const report = await verifyApp(registry, { depth: 'full' })
    expect(outcomeOf(report)).toEqual([1, { 'blob-corrupt': 'error' }])
    expect(textOf(report, 'blob-corrupt')).toContain(`"expected":"${digest}","actual":"${digestOf(bytes)}"`)
    expect(report.causes[0]?.title).toContain('bit rot or tampering')
  })
})

test('a manifest with a wrong size for an intact layer is size-mismatch, with digest and field', async () => {
  const registry = await start()
  const pushed = pushImage(registry)
  const wrong = rewrite(pushed.manifest, (body) => ({
    ...body,
    layers: pushed.layers.map((each, at) => descriptorOf(each, at === 1 ? { size: pushed.size + 5 } : {})),
  }))
  registry.store.push('app', [...pushed.blobs, wrong], '1')
  const report = await verifyApp(registry)
  expect(outcomeOf(report)).toEqual([1, { 'size-mismatch': 'error' }])
  const text = textOf(report, 'size-mismatch')
  expect(text).toContain(`wrong size for layers[1] of ${wrong.digest}`)
  expect(text).toContain(`${pushed.size} bytes of content`)
  expect(text).toContain(`${pushed.size + 5} bytes in the manifest`)
})

describe('a HEAD request', () => {
  test.each([405, 501])('answered with %i is a note: GET is used instead', async (status) => {
    const registry = await start()
    pushImage(registry)
    registry.faults.add(heads, { status })
    const report = await verifyApp(registry, { depth: 'head' })
    expect(outcomeOf(report)).toEqual([0, { 'head-unsupported': 'note' }])
    expect(report.causes[0]?.title).toContain('GET was used instead')
  })

  test.each([
    ['without a login', { kind: 'bearer' as const, anonymousPull: true }, {}],
    ['with a login', { kind: 'bearer' as const, users: { ann: 'pw' } }, { username: 'ann', password: 'pw' }],
  ])('answered with 401 while GET works is a note, %s', async (_, auth, login) => {
    const registry = await start({ auth })
    pushImage(registry)
    const challenge = `Bearer realm="${registry.url}/token",service="any",scope="repository:app:pull"`
    registry.faults.add(heads, { status: 401, headers: { 'www-authenticate': challenge } })
    const report = await verifyApp(registry, { depth: 'head', ...login })
    expect(outcomeOf(report)).toEqual([0, { 'head-unauthorized': 'note' }])
    expect(report.causes[0]?.title).toContain('GET was used instead')
  })
})
