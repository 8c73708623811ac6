import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildCache, contentsOf, layer } from '../../src/fake-registry/images/images.ts'
import { push } from '../support/push.ts'
import { generations } from '../support/real-generations.ts'
import type { RealRegistry } from '../support/real-registry.ts'
import { causeIds, noteIds, verifyCatalog, verifyImages } from '../support/verify.ts'

const layers = [layer({ 'etc/base': 'base' }), layer({ 'etc/top': 'top' })]

for (const generation of generations) {
  generation.suite()(`BuildKit's registry cache on ${generation.name}`, () => {
    let registry: RealRegistry
    beforeAll(async () => {
      registry = await generation.start()
    })
    afterAll(() => registry?.stop())

    describe.each([true, false])('image-manifest=%s', (imageManifest) => {
      const repository = `cache/${imageManifest}`
      beforeAll(() =>
        push(registry.host, repository, contentsOf(buildCache(layers, { imageManifest })), { tag: '1' }),
      )

      test.each(['head', 'probe', 'full'])('is healthy at depth %s', async (depth) => {
        const report = await verifyImages([`${registry.host}/${repository}:1`], {
          settings: { depth, platforms: 'linux/amd64,linux/arm64' },
        })
        expect([report.exitCode, causeIds(report), noteIds(report)]).toEqual([0, [], []])
        expect(report.targets).toMatchObject([{ status: 'pass', objects: 4 }])
      })
    })

    test('is healthy in the catalog', async () => {
      const report = await verifyCatalog(registry.host)
      expect([report.exitCode, causeIds(report), report.targets.length]).toEqual([0, [], 2])
    })
  })
}
