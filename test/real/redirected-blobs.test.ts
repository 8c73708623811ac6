import { truncate } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contentsOf, type Image, image, index, randomLayer } from '../../src/fake-registry/images/images.ts'
import { type Nginx, startNginx } from '../support/nginx.ts'
import { push } from '../support/push.ts'
import { depths, notesBesides, pushCorpus, verifyCorpus } from '../support/real-corpus.ts'
import { generations } from '../support/real-generations.ts'
import { deadHost, type RealRegistry } from '../support/real-registry.ts'
import { causeIds, verifyImages } from '../support/verify.ts'

for (const generation of generations) {
  generation.suite(['nginx'])(`blobs of a real ${generation.name}, redirected to a storage`, () => {
    let registry: RealRegistry
    let nginx: Nginx<string>
    const broken = {
      cut: imageWithOneLayer('cut'),
      empty: imageWithOneLayer('empty'),
    }

    beforeAll(async () => {
      registry = await generation.start()
      await pushCorpus(registry.host)
      for (const [name, one] of Object.entries(broken))
        await push(registry.host, name, contentsOf(index([one])), { tag: '1' })
      await truncate(registry.blobPath(layerOf(broken.cut)), 300)
      await truncate(registry.blobPath(layerOf(broken.empty)), 0)
      const redirecting = (to: string | undefined) => `
        location / { proxy_pass http://${registry.host}; }
        location ~ ^/v2/.+/blobs/sha256:((..).+)$ {
          return 307 http://${to}/docker/registry/v2/blobs/sha256/$2/$1/data?signature=secret;
        }`
      nginx = await startNginx({
        storage: `root ${registry.root};`,
        forbidden: 'deny all;',
        failing: 'return 503;',
        toStorage: ({ storage }) => redirecting(storage),
        toForbidden: ({ forbidden }) => redirecting(forbidden),
        toFailing: ({ failing }) => redirecting(failing),
        toDead: redirecting(deadHost),
        toItself: ({ toItself }) => `location / { proxy_pass http://${registry.host}; }
          location ~ ^/v2/.+/blobs/ { return 307 http://${toItself}$request_uri; }`,
        toNowhere: `location / { proxy_pass http://${registry.host}; }
          location ~ ^/v2/.+/blobs/ { return 307 ftp://storage.test/; }`,
      })
    })
    afterAll(async () => {
      await nginx?.stop()
      await registry?.stop()
    })

    const outcomeOf = async (server: string, depth: string, name = 'corpus/many') => {
      const report = await verifyImages([`${nginx.hosts[server]}/${name}:1`], { settings: { depth } })
      return { report, verdict: [report.exitCode, causeIds(report)] }
    }

    test.each(depths)(
      'pass at depth %s, for the whole corpus, with the storage listed as a separate host',
      async (depth) => {
        const report = await verifyCorpus(nginx.hosts.toStorage ?? '', depth)
        expect([report.exitCode, causeIds(report), notesBesides(report)]).toEqual([0, [], []])
        expect(report.hosts.map(({ host, roles }) => [host, roles])).toEqual([
          [nginx.hosts.toStorage, ['registry']],
          [nginx.hosts.storage, ['storage']],
        ])
      },
    )

    test.each([
      ['cut short', 'cut', 'blob-truncated'],
      ['emptied', 'empty', 'blob-empty'],
    ])('are reported when the storage has one %s', async (_, name, id) => {
      for (const depth of depths) {
        const { verdict } = await outcomeOf('toStorage', depth, name)
        expect([depth, ...verdict]).toEqual([depth, 1, [id]])
      }
    })

    test.each([
      ['is down', 'toDead', 'storage-unreachable'],
      ['refuses', 'toForbidden', 'storage-forbidden'],
      ['redirects to itself', 'toItself', 'redirect-loop'],
      ['is not an HTTP server', 'toNowhere', 'redirect-refused'],
    ])('are unknown, and the image is not judged, when the storage %s', async (_, server, id) => {
      for (const depth of depths) {
        const { verdict, report } = await outcomeOf(server, depth)
        expect([depth, ...verdict]).toEqual([depth, 3, [id]])
        expect(JSON.stringify(report)).not.toContain('signature=secret')
      }
    })

    test('are unknown when the storage answers with server errors, and the storage is named', async () => {
      const { verdict, report } = await outcomeOf('toFailing', 'probe', 'cut')
      expect(verdict).toEqual([3, [expect.any(String)]])
      expect(report.causes[0]?.findings.map(({ subject }) => subject)).toEqual([nginx.hosts.failing])
    })
  })
}

function imageWithOneLayer(seed: string): Image {
  return image('linux/amd64', { layers: [randomLayer({ bytes: 500, seed })] })
}

const layerOf = (of: Image): string => of.layers[0]?.digest ?? ''
