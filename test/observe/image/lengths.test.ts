import { describe, expect, test } from 'vitest'
import type { Fault } from '../../../src/fake-registry/registry.ts'
import { useRegistries } from '../kit.ts'
import { layerDigest, proofOf, pushLayers, requestsFor, type Verdict, verdictOf, verifyApp } from './app.ts'

const start = useRegistries()
const blobs = { path: /\/blobs\// }

describe('an answer to HEAD', () => {
  const healthy: [string, Fault, string[]][] = [
    ['without a length', { contentLength: 'missing' }, ['length-unknown']],
    ['with length 0', { contentLength: 'zero' }, ['proxy-zero-length']],
    ['with another length', { contentLength: 7 }, []],
    ['of 405', { status: 405 }, ['head-unsupported']],
    ['of 501', { status: 501 }, ['head-unsupported']],
    ['of 403', { status: 403 }, []],
    ['of 400', { status: 400 }, []],
    ['with a Content-Encoding', { setHeader: { 'content-encoding': 'gzip' } }, ['content-encoded']],
  ]

  test.each(healthy)('%s is not a fault: the last byte decides', async (_, fault, notes) => {
    const registry = await start()
    pushLayers(registry, 3000, 4000)
    registry.faults.add({ ...blobs, method: 'HEAD' }, fault)
    const report = await verifyApp(registry, { depth: 'head' })
    expect(verdictOf(report)).toEqual([0, [], notes])
    expect(proofOf(report)).toMatchObject({ listed: 0, opened: 0, lastByte: 2, whole: 1, unread: 0 })
  })

  test('for a tag may fail, too, and then the manifest is read again', async () => {
    const registry = await start()
    pushLayers(registry, 3000)
    registry.faults.add({ path: '/v2/app/manifests/1', method: 'HEAD' }, { status: 405 })
    expect(verdictOf(await verifyApp(registry))).toEqual([0, [], []])
    expect(requestsFor(registry, '/manifests/1')).toEqual(['GET 200', 'HEAD 405', 'GET 200'])
  })

  test('is all that depth head requests for a layer, so it cannot detect a stale cache and does not claim to', async () => {
    const registry = await start()
    const pushed = pushLayers(registry, 3000)
    registry.faults.add({ digest: layerDigest(pushed) }, { staleCache: true })
    const report = await verifyApp(registry, { depth: 'head' })
    expect(report.exitCode).toBe(0)
    expect(proofOf(report)).toMatchObject({ listed: 1, opened: 0, lastByte: 0, whole: 1, unread: 0 })
  })
})

describe('an answer to GET', () => {
  const found: [string, string, Fault, Verdict][] = [
    ['without a length', 'full', { contentLength: 'missing' }, [0, [], ['length-unknown']]],
    ['with length 0 and no data', 'full', { contentLength: 'zero' }, [1, ['blob-empty'], []]],
    ['with a smaller length and less data', 'full', { contentLength: 100 }, [1, ['blob-truncated'], []]],
    ['that is compressed', 'full', { contentEncoding: 'gzip' }, [0, [], ['content-encoded']]],
    ['that is compressed', 'probe', { contentEncoding: 'gzip' }, [0, [], ['content-encoded']]],
    ['without a length', 'probe', { contentLength: 'missing' }, [0, [], ['length-unknown']]],
  ]

  test.each(found)('%s at depth %s is reported as what it is', async (_, depth, fault, verdict) => {
    const registry = await start()
    const { config } = pushLayers(registry, 3000, 4000)
    const spared = depth === 'probe' ? '' : config.digest
    registry.faults.add(
      { ...blobs, method: 'GET', when: ({ pathname }) => !spared || !pathname.endsWith(spared) },
      fault,
    )
    expect(verdictOf(await verifyApp(registry, { depth }))).toEqual(verdict)
  })

  test('of a manifest may be compressed, too', async () => {
    const registry = await start()
    pushLayers(registry, 3000)
    registry.faults.add({ path: /\/manifests\//, method: 'GET' }, { contentEncoding: 'gzip' })
    expect(verdictOf(await verifyApp(registry))).toEqual([0, [], ['content-encoded']])
  })
})
