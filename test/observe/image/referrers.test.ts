import { describe, expect, test } from 'vitest'
import {
  contentsOf,
  image,
  index,
  multiPlatform,
  referrer,
} from '../../../src/fake-registry/images/images.ts'
import type { EmbeddedRegistry } from '../../../src/fake-registry/registry.ts'
import { sure, useRegistries } from '../kit.ts'
import { repeatedPaths, verdictOf, verifyApp } from './app.ts'

const start = useRegistries()

function pushSigned(registry: EmbeddedRegistry) {
  const { index: top, images, contents } = multiPlatform()
  const signature = referrer(top.manifest, { content: 'signature' })
  const sbom = referrer(sure(images[0]).manifest, { content: 'sbom' })
  registry.store.push('app', [...contentsOf(signature), ...contentsOf(sbom), ...contents], '1')
  return { top, images, signature, sbom }
}

describe('a referrer of an image', () => {
  test('is not requested by default', async () => {
    const registry = await start()
    pushSigned(registry)
    expect((await verifyApp(registry)).targets[0]?.referrers).toBeUndefined()
    expect(registry.requests.some(({ path }) => path.includes('referrers'))).toBe(false)
  })

  test.each(['head', 'probe', 'full'])('is verified through the referrers API at depth %s', async (depth) => {
    const registry = await start()
    const { signature } = pushSigned(registry)
    const report = await verifyApp(registry, { referrers: 'true', depth })
    expect(verdictOf(report)).toEqual([0, [], []])
    expect(report.targets[0]?.referrers).toBe(2)
    expect(repeatedPaths(registry)).toEqual(['/v2/app/manifests/1'])
    expect(registry.requests.some(({ path }) => path.endsWith(signature.manifest.digest))).toBe(true)
  })

  test('is verified through the tag schema where the API is not supported', async () => {
    const registry = await start({ referrers: false })
    const { top, signature } = pushSigned(registry)
    const listing = index([signature.manifest].map((manifest) => ({ ...signature, manifest, blobs: [] })))
    registry.store.putManifest('app', listing.manifest, top.manifest.digest.replace(':', '-'))
    const report = await verifyApp(registry, { referrers: 'true' })
    expect(verdictOf(report)).toEqual([0, [], []])
    expect(report.targets[0]?.referrers).toBe(1)
  })

  test('need not exist', async () => {
    const registry = await start({ referrers: false })
    registry.store.push('app', multiPlatform().contents, '1')
    const report = await verifyApp(registry, { referrers: 'true' })
    expect(verdictOf(report)).toEqual([0, [], []])
    expect(report.targets[0]?.referrers).toBe(0)
  })

  test('that is listed but missing is a warning, not a fault of the image', async () => {
    const registry = await start()
    const { top, signature } = pushSigned(registry)
    registry.faults.add(
      { path: `/v2/app/manifests/${signature.manifest.digest}` },
      { status: 404, body: { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'gone' }] } },
    )
    const report = await verifyApp(registry, { referrers: 'true' })
    expect(verdictOf(report)).toEqual([0, ['referrer-missing'], []])
    expect(report.targets[0]?.digest).toBe(top.manifest.digest)
  })

  test('may be on a later page, whatever the query of its URL contains', async () => {
    const registry = await start()
    const { top } = pushSigned(registry)
    const query = '?artifactType=application/vnd.example&after=a/b'
    const list = `/v2/app/referrers/${top.manifest.digest}`
    registry.faults.add(
      { path: list, when: (line) => line.path === list },
      {
        status: 200,
        body: { schemaVersion: 2, manifests: [] },
        headers: { link: `<${list}${query}>; rel="next"` },
      },
    )
    const report = await verifyApp(registry, { referrers: 'true' })
    expect(verdictOf(report)).toEqual([0, [], []])
    expect(registry.requests.map(({ path }) => path)).toContain(`${list}${query}`)
  })

  test.each([
    ['continues at a URL that cannot be followed', () => '</v2/elsewhere>; rel="next"'],
    ['has more than 32 pages', (turn: number) => `<?page=${turn}>; rel="next"`],
  ])('is not judged where the list %s', async (faultsOf, link) => {
    const registry = await start()
    registry.store.push('app', contentsOf(image('linux/amd64')), '1')
    for (let turn = 1; turn <= 40; turn += 1) {
      registry.faults.add(
        { path: /referrers/, skip: turn - 1, times: 1 },
        { setHeader: { link: link(turn) } },
      )
    }
    const report = await verifyApp(registry, { referrers: 'true' })
    expect(verdictOf(report)).toEqual([3, ['answer-invalid'], []])
    expect(JSON.stringify(report.causes)).toContain(`its list of referrers ${faultsOf}`)
  })

  test('is not judged where the list cannot be parsed', async () => {
    const registry = await start()
    pushSigned(registry)
    registry.faults.add({ path: /\/referrers\// }, { status: 200, body: 'no list' })
    const report = await verifyApp(registry, { referrers: 'true' })
    expect(verdictOf(report)).toEqual([3, ['answer-invalid'], []])
  })
})
