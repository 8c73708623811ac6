import { describe, expect, test } from 'vitest'
import { buildCache, contentsOf, layer } from '../../../src/fake-registry/images/images.ts'
import type { EmbeddedRegistry } from '../../../src/fake-registry/registry.ts'
import { verifyCatalog } from '../../support/verify.ts'
import { sure, useRegistries } from '../kit.ts'
import { causesText, verdictOf, verifyApp } from './app.ts'

const start = useRegistries()
const layers = [layer({ 'etc/base': 'base' }), layer({ 'etc/top': 'top' })]
const pushCache = (registry: EmbeddedRegistry) =>
  registry.store.push('app', contentsOf(buildCache(layers, { imageManifest: false })), '1')
const platforms = 'linux/amd64,linux/arm64'

describe("BuildKit's registry cache, an index of blobs", () => {
  test('is requested from the blobs endpoint, and has no platform', async () => {
    const registry = await start()
    pushCache(registry)
    const report = await verifyApp(registry, { platforms })
    expect(verdictOf(report)).toEqual([0, [], []])
    expect(report.targets).toMatchObject([{ kind: 'index', members: [], objects: 4, proof: { lastByte: 3 } }])
    const paths = registry.requests.map(({ path }) => path)
    expect(paths.filter((path) => path.includes('/manifests/'))).toHaveLength(4)
    expect(paths.filter((path) => path.includes('/blobs/'))).toHaveLength(3)
  })

  test('is healthy in a catalog, too', async () => {
    const registry = await start()
    pushCache(registry)
    expect(verdictOf(await verifyCatalog(registry.host, { settings: { platforms } }))).toEqual([0, [], []])
  })

  test.each(['head', 'probe', 'full'])('with a lost layer lacks a blob at depth %s', async (depth) => {
    const registry = await start()
    pushCache(registry)
    registry.store.remove('app', sure(layers[0]).digest)
    const report = await verifyApp(registry, { depth })
    expect(verdictOf(report)).toEqual([1, ['layer-missing'], []])
    expect(causesText(report)).toContain('Missing blobs: blobs that an index lists directly')
  })
})
