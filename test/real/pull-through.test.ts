import { access, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { multiPlatform } from '../../src/fake-registry/images/images.ts'
import { push } from '../support/push.ts'
import { depths, notesBesides, pushCorpus, verifyCorpus } from '../support/real-corpus.ts'
import { generations, registry3 } from '../support/real-generations.ts'
import type { RealRegistry } from '../support/real-registry.ts'
import { runCli } from '../support/run-cli.ts'
import { until } from '../support/until.ts'
import { causeIds, noteIds, verifyImages } from '../support/verify.ts'

for (const generation of generations) {
  generation.suite()(`a real ${generation.name} as pull-through cache of another`, () => {
    let upstream: RealRegistry
    let mirror: RealRegistry
    let sparse: RealRegistry
    const { images, index, contents } = multiPlatform({
      platforms: ['linux/amd64', 'linux/arm64', 'linux/s390x'],
      seed: 'sparse',
    })

    const mirrorOfUpstream = () =>
      generation.start({ config: { proxy: { remoteurl: `http://${upstream.host}` } } })

    beforeAll(async () => {
      upstream = await generation.start()
      await pushCorpus(upstream.host)
      await push(upstream.host, 'sparse', contents, { tag: '1' })
      mirror = await mirrorOfUpstream()
      sparse = await mirrorOfUpstream()
      await pullFirstPlatform(sparse)
    })
    afterAll(async () => {
      for (const one of [sparse, mirror, upstream]) await one?.stop()
    })

    /** The requests of a client of one platform. */
    async function pullFirstPlatform(from: RealRegistry): Promise<void> {
      const [image] = images
      if (!image) throw new Error('the fixture has no image')
      const accept = [index.manifest.mediaType, image.manifest.mediaType].join()
      const paths = image.blobs.map(({ digest }) => `blobs/${digest}`)
      for (const path of ['manifests/1', `manifests/${image.manifest.digest}`, ...paths]) {
        const answer = await fetch(`http://${from.host}/v2/sparse/${path}`, { headers: { accept } })
        expect([path, answer.status]).toEqual([path, 200])
        await answer.arrayBuffer()
      }
      // The cache stores blobs a moment after it has sent them.
      for (const { digest } of image.blobs) {
        const link = join(from.repositoryPath('sparse'), '_layers', digest.replace(':', '/'), 'link')
        await until(
          'the cache keeps the blob',
          async () => (await exists(link)) && exists(from.blobPath(digest)),
        )
      }
    }
    const verifyAt = (host: string, settings: Record<string, string>) =>
      verifyImages([`${host}/sparse:1`], { settings })

    test.each(depths)('lets the whole corpus pass at depth %s', async (depth) => {
      for (const settings of [{}, { mirror: 'true' }]) {
        const report = await verifyCorpus(mirror.host, depth, { settings })
        expect([report.exitCode, causeIds(report), notesBesides(report)]).toEqual([0, [], []])
      }
    })

    test.each(depths)(
      'served without its upstream holds one platform, no fault of a mirror, at depth %s',
      async (depth) => {
        const alone = await generation.start({ root: sparse.root })
        try {
          const strict = await verifyAt(alone.host, { depth })
          expect([strict.exitCode, causeIds(strict)]).toEqual([1, ['orphaned-index']])
          const lenient = await verifyAt(alone.host, { depth, mirror: 'true' })
          expect([lenient.exitCode, causeIds(lenient), noteIds(lenient)]).toEqual([0, [], ['sparse-allowed']])
          expect(lenient.causes[0]?.findings.map(({ digest }) => digest).toSorted()).toEqual(
            images
              .slice(1)
              .map(({ manifest }) => manifest.digest)
              .toSorted(),
          )
        } finally {
          await alone.stop()
        }
      },
    )

    test('reports a missing blob of a platform that was fetched', async () => {
      const alone = await generation.start({ root: sparse.root })
      const digest = images[0]?.layers[0]?.digest ?? ''
      await rm(alone.blobPath(digest))
      try {
        const report = await verifyAt(alone.host, { mirror: 'true' })
        expect([report.exitCode, causeIds(report)]).toEqual([1, ['layer-missing']])
      } finally {
        await alone.stop()
      }
    })

    if (generation === registry3) {
      // Registry 2.8 answers 500 where its upstream answers 404.
      test('platforms missing upstream are not a fault of a mirror', async () => {
        const own = await mirrorOfUpstream()
        const links = images
          .slice(1)
          .map(({ manifest }) =>
            join(
              upstream.repositoryPath('sparse'),
              '_manifests/revisions',
              manifest.digest.replace(':', '/'),
            ),
          )
        for (const link of links) await rm(link, { recursive: true })
        await upstream.restart()
        try {
          const strict = await verifyAt(own.host, {})
          expect([strict.exitCode, causeIds(strict)]).toEqual([1, ['orphaned-index']])
          const lenient = await verifyAt(own.host, { mirror: 'true' })
          expect([lenient.exitCode, causeIds(lenient), noteIds(lenient)]).toEqual([0, [], ['sparse-allowed']])
        } finally {
          await own.stop()
        }
      })
    }

    test('gets and keeps the manifest of a tag that a watch asks for by HEAD, and nothing below it', async () => {
      const own = await mirrorOfUpstream()
      try {
        const asked = async () => {
          const before = upstream.log().length
          const { exitCode, all } = await runCli(
            [
              'watch',
              '--once',
              '--mirror',
              '--repo',
              `${own.host}/sparse`,
              '--tags',
              '1',
              '--fail_on',
              'error',
            ],
            { env: { PLUGIN_CHECKS: '' } },
          )
          expect([exitCode, all]).toEqual([0, expect.stringContaining('OK ')])
          return requestsIn(upstream.log().slice(before))
        }
        // It finds the tag upstream each time, and what it refers to once.
        const again = ['GET /v2/', 'HEAD /v2/sparse/manifests/1']
        expect(await asked()).toEqual([...again, 'GET /v2/', 'GET /v2/sparse/manifests/1'])
        expect(await asked()).toEqual(again)
        const kept = (await readdir(own.root, { recursive: true })).filter((name) => name.endsWith('/data'))
        expect(kept.map((name) => name.split('/').at(-2))).toEqual([index.manifest.digest.slice(7)])
      } finally {
        await own.stop()
      }
    })

    test('passes with its upstream down, once everything has been pulled', async () => {
      await upstream.stop()
      for (const depth of depths) {
        const report = await verifyCorpus(mirror.host, depth, { settings: { mirror: 'true' } })
        expect([depth, report.exitCode, causeIds(report)]).toEqual([depth, 0, []])
      }
    })

    test('answers 404 for a tag it never pulled while its upstream is down: the image is unknown', async () => {
      const report = await verifyAt(mirror.host, { mirror: 'true' })
      expect([report.exitCode, causeIds(report)]).toEqual([3, ['mirror-miss']])
    })
  })
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** The requests in the log of a registry: `METHOD path`. */
const requestsIn = (log: string): string[] =>
  [
    ...log.matchAll(
      /msg="response completed".* http\.request\.method=(\w+) .*http\.request\.uri="?([^" ]+)/g,
    ),
  ].map(([, method, path]) => `${method} ${path}`)
