import { describe, expect, test } from 'vitest'
import type { ManifestFact } from '../../../src/facts/image.ts'
import {
  contentsOf,
  type Descriptor,
  digestOf,
  image,
  index,
  manifest,
  type Tree,
} from '../../../src/fake-registry/images/images.ts'
import { listBlobs, maxBlobs } from '../../../src/observe/image/blob-list.ts'
import { limits } from '../../../src/observe/image/walk.ts'
import { useRegistries } from '../kit.ts'
import { causesText, repeatedPaths, verdictOf, verifyApp } from './app.ts'

const start = useRegistries()
const indexType = 'application/vnd.oci.image.index.v1+json'
const manifestType = 'application/vnd.oci.image.manifest.v1+json'

const nested = (levels: number): Tree => (levels === 0 ? image('linux/amd64') : index([nested(levels - 1)]))

const absent = (name: string | number): Descriptor => ({
  mediaType: manifestType,
  digest: digestOf(Buffer.from(`absent ${name}`)),
  size: 500,
})

describe('nested indexes', () => {
  test('are followed down to the limit', async () => {
    const registry = await start()
    registry.store.push('app', contentsOf(nested(limits.depth)), '1')
    const report = await verifyApp(registry)
    expect(verdictOf(report)).toEqual([0, [], ['index-nested']])
    expect(report.totals.objects).toBe(limits.depth + 3)
  })

  test('are not followed beyond the limit, which is reported', async () => {
    const registry = await start()
    registry.store.push('app', contentsOf(nested(limits.depth + 3)), '1')
    const report = await verifyApp(registry)
    expect(verdictOf(report)).toEqual([1, ['graph-limit'], ['index-nested']])
    expect(report.totals.objects).toBe(limits.depth + 1)
  })

  test('that contain themselves, possible only with an unknown algorithm, are read once', async () => {
    const digest = `x-whirl-9:${'a'.repeat(64)}`
    const inner = manifest(indexType, {
      schemaVersion: 2,
      mediaType: indexType,
      manifests: [{ mediaType: indexType, digest, size: 1 }],
    })
    const registry = await start()
    registry.store.putManifest('app', { ...inner, digest })
    registry.store.putManifest('app', { ...inner, digest }, '1')
    const report = await verifyApp(registry)
    expect(report.exitCode).toBe(1)
    expect(causesText(report)).toContain('the index contains itself')
    expect(registry.requests.length).toBeLessThanOrEqual(7)
  })

  test('that form a cycle are read once', async () => {
    const digests = ['a', 'b', 'c'].map((name) => `x-whirl-9:${name.repeat(64)}`)
    const registry = await start()
    digests.forEach((digest, at) => {
      const next = digests[(at + 1) % digests.length]
      const body = {
        schemaVersion: 2,
        mediaType: indexType,
        manifests: [{ mediaType: indexType, digest: next, size: 1 }],
      }
      registry.store.putManifest('app', { ...manifest(indexType, body), digest })
    })
    const top = index([{ mediaType: indexType, digest: digests[0] ?? '', size: 1 }])
    registry.store.push('app', [top.manifest], '1')
    const report = await verifyApp(registry)
    expect(causesText(report)).toContain('the index contains itself')
    expect(repeatedPaths(registry)).toEqual(['/v2/app/manifests/1'])
  })
})

describe('an index with too many children', () => {
  test('is inspected up to the limit, which is reported', async () => {
    const registry = await start()
    const children = Array.from({ length: limits.width + 10 }, (_, at) => absent(at))
    registry.store.push('app', [index(children).manifest], '1')
    const report = await verifyApp(registry)
    expect(report.exitCode).toBe(1)
    expect(causesText(report)).toContain(
      `the index lists ${limits.width + 10} children; only ${limits.width} were inspected`,
    )
    expect(report.totals.objects).toBe(limits.width + 1)
    expect(registry.requests).toHaveLength(limits.width + 4)
  })

  test('that are all the same requests it once', async () => {
    const registry = await start()
    const child = image('linux/amd64')
    const top = index([child])
    const many = index(Array.from({ length: 500 }, () => child))
    registry.store.push('app', [...contentsOf(top), many.manifest], '1')
    expect(verdictOf(await verifyApp(registry))).toEqual([0, [], []])
    expect(repeatedPaths(registry)).toEqual(['/v2/app/manifests/1'])
  })

  test('spread over many indexes ends at the limit for all indexes', async () => {
    const registry = await start()
    const indexes = Array.from({ length: 5 }, (_, at) =>
      index(Array.from({ length: 1000 }, (_, child) => absent(`${at}/${child}`))),
    )
    registry.store.push('app', contentsOf(index(indexes)), '1')
    const report = await verifyApp(registry, { concurrency: '64' })
    expect(report.exitCode).toBe(1)
    expect(causesText(report)).toContain(`more than ${limits.total} objects`)
    expect(report.totals.objects).toBeLessThanOrEqual(limits.total)
  })
})

describe('a manifest with more blobs than any real image', () => {
  test('is listed up to the limit, which is recorded', () => {
    const descriptor = (at: number) => ({
      mediaType: 'x',
      digest: digestOf(Buffer.from(`blob ${at}`)),
      size: at,
    })
    const layers = Array.from({ length: maxBlobs + 5 }, (_, at) => descriptor(at))
    const document = {
      kind: 'image' as const,
      mediaType: manifestType,
      artifactType: '',
      config: descriptor(-1),
      layers,
    }
    const fact: ManifestFact = {
      digest: digestOf(Buffer.from('manifest')),
      role: 'image',
      uses: [],
      observed: {
        seen: true,
        value: { state: 'read', sizeBytes: 1, contentType: '', headerDigest: '', document },
      },
    }
    expect(listBlobs([fact], 'registry.test')).toHaveLength(maxBlobs)
    expect(fact.limit).toMatchObject({ what: 'total', max: maxBlobs })
  })
})
