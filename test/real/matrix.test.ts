import { rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Image, multiPlatform } from '../../src/fake-registry/images/images.ts'
import { push } from '../support/push.ts'
import { generations, registry3 } from '../support/real-generations.ts'
import type { RealRegistry } from '../support/real-registry.ts'
import { causeIds, verifyImages } from '../support/verify.ts'

type Depth = 'head' | 'probe' | 'full'
type Seen = Partial<Record<Depth, string[]>>

/** A fault on disk, and the finding at each depth, on a warm registry and after a restart. */
interface MatrixRow {
  fault: string
  damage: (registry: RealRegistry, repository: string, image: Image) => Promise<void>
  warm: Seen
  /** Where a warm registry 3 differs. */
  warm3?: Seen
  cold: Seen
}

const everywhere = (...ids: string[]): Seen => ({ head: ids, probe: ids, full: ids })

const revision = (registry: RealRegistry, repository: string, digest: string) =>
  join(registry.repositoryPath(repository), '_manifests/revisions', digest.replace(':', '/'), 'link')
const layerLink = (registry: RealRegistry, repository: string, digest: string) =>
  join(registry.repositoryPath(repository), '_layers', digest.replace(':', '/'), 'link')
const layerOf = (image: Image) => {
  const layer = image.layers.at(-1)
  if (!layer) throw new Error('an image without layers')
  return layer
}

/** The experiment matrix: the registries' behaviour for each fault was measured; here the fault must be reported. */
const rows: MatrixRow[] = [
  {
    fault: 'the revision link of a child is removed',
    damage: (registry, repository, image) => rm(revision(registry, repository, image.manifest.digest)),
    warm: everywhere('orphaned-index'),
    // Registry 3 also caches the links of manifests, and serves the image until it is restarted.
    warm3: everywhere(),
    cold: everywhere('orphaned-index'),
  },
  {
    fault: 'the manifest blob of a child is removed',
    damage: (registry, _, image) => rm(registry.blobPath(image.manifest.digest)),
    warm: everywhere('orphaned-index'),
    cold: everywhere('orphaned-index'),
  },
  {
    fault: 'the data of a layer is removed, its link is kept',
    damage: (registry, _, image) => rm(registry.blobPath(layerOf(image).digest)),
    warm: { head: [], probe: ['stale-blob-cache'], full: ['stale-blob-cache'] },
    cold: everywhere('layer-missing'),
  },
  {
    fault: 'a layer is cut to half',
    damage: (registry, _, image) =>
      truncate(registry.blobPath(layerOf(image).digest), Math.floor(layerOf(image).bytes.length / 2)),
    warm: { head: [], probe: ['blob-truncated'], full: ['blob-truncated'] },
    cold: everywhere('blob-truncated'),
  },
  {
    fault: 'a layer is cut to nothing',
    damage: (registry, _, image) => truncate(registry.blobPath(layerOf(image).digest), 0),
    warm: { head: [], probe: ['stale-blob-cache'], full: ['stale-blob-cache'] },
    cold: everywhere('blob-empty'),
  },
  {
    fault: 'the revision link of a child is empty',
    damage: (registry, repository, image) =>
      writeFile(revision(registry, repository, image.manifest.digest), ''),
    warm: everywhere('registry-metadata-corrupt'),
    warm3: everywhere(),
    cold: everywhere('registry-metadata-corrupt'),
  },
  {
    fault: 'the link of a layer is empty',
    damage: (registry, repository, image) =>
      writeFile(layerLink(registry, repository, layerOf(image).digest), ''),
    // The cache answers from memory, and correctly: the data exists.
    warm: everywhere(),
    cold: everywhere('registry-metadata-corrupt'),
  },
  {
    fault: 'a manifest rots and stays valid JSON',
    damage: async (registry, _, image) => {
      const { digest } = layerOf(image)
      const rotten = `${digest.slice(0, -1)}${digest.endsWith('0') ? '1' : '0'}`
      const text = image.manifest.bytes.toString('utf8').replace(digest, rotten)
      await overwrite(registry.blobPath(image.manifest.digest), text)
    },
    warm: everywhere('manifest-corrupt'),
    cold: everywhere('manifest-corrupt'),
  },
  {
    fault: 'a layer rots and keeps its size',
    damage: async (registry, _, image) => {
      const bytes = Buffer.from(layerOf(image).bytes)
      bytes.writeUInt8(bytes.readUInt8(40) ^ 0xff, 40)
      await overwrite(registry.blobPath(layerOf(image).digest), bytes)
    },
    // Only reading every byte finds this one.
    warm: { head: [], probe: [], full: ['blob-corrupt'] },
    cold: { head: [], probe: [], full: ['blob-corrupt'] },
  },
]

for (const generation of generations) {
  generation.suite()(`the experiment matrix on ${generation.name}`, () => {
    let registry: RealRegistry
    const images = new Map<MatrixRow, { image: Image; repository: string }>()

    beforeAll(async () => {
      registry = await generation.start()
      for (const [at, row] of rows.entries()) {
        const repository = `matrix/row${at}`
        const { images: built, contents } = multiPlatform({ seed: row.fault })
        await push(registry.host, repository, contents, { tag: '1' })
        // A pull through every depth fills the registry's cache, as a push followed by a pull does.
        expect(causeIds(await verifyImages([`${registry.host}/${repository}:1`]))).toEqual([])
        const image = built[1]
        if (!image) throw new Error('the fixture has one image only')
        await row.damage(registry, repository, image)
        images.set(row, { image, repository })
      }
    })
    afterAll(() => registry?.stop())

    const causesOf = async (row: MatrixRow, depth: Depth) => {
      const report = await verifyImages([`${registry.host}/${images.get(row)?.repository}:1`], {
        settings: { depth },
      })
      const ids = causeIds(report)
      expect(report.exitCode).toBe(ids.length > 0 ? 1 : 0)
      return ids
    }

    describe.each(rows)('$fault', (row) => {
      const warm = generation === registry3 ? (row.warm3 ?? row.warm) : row.warm
      test.each(Object.entries(warm))('on a warm registry, depth %s reports %j', async (depth, ids) => {
        expect(await causesOf(row, depth as Depth)).toEqual(ids)
      })
    })

    const shown = async (row: string, headers: Record<string, string> = {}, method = 'GET') => {
      const found = rows.find(({ fault }) => fault === row)
      const { repository = '', image } = (found && images.get(found)) ?? {}
      const layer = image && layerOf(image)
      const url = `http://${registry.host}/v2/${repository}/blobs/${layer?.digest}`
      const answer = await fetch(url, { method, headers })
      const read = await answer.text().then(
        (text) => text.length,
        () => 'cut off',
      )
      return {
        status: answer.status,
        length: Number(answer.headers.get('content-length')) - (layer?.bytes.length ?? 0),
        range: answer.headers.get('content-range'),
        read,
      }
    }
    const lastByte = { range: 'bytes=1000-1000' }

    test.each(['the data of a layer is removed, its link is kept', 'a layer is cut to half'])(
      'when %s, a warm registry answers HEAD with the right length, and a range request without data',
      async (row) => {
        expect(await shown(row, {}, 'HEAD')).toMatchObject({ status: 200, length: 0 })
        expect(await shown(row, lastByte)).toMatchObject({ status: 206, read: 'cut off' })
      },
    )

    test('garbage-collect -m removes the children of a tagged index on registry 2.8, and keeps them on 3', async () => {
      const repository = 'collected'
      const { contents } = multiPlatform({ seed: 'collected', attestations: true })
      const own = await generation.start()
      try {
        await push(own.host, repository, contents, { tag: '1' })
        expect((await own.garbageCollect({ deleteUntagged: true })).exitCode).toBe(0)
        await own.restart()
        const report = await verifyImages([`${own.host}/${repository}:1`], { settings: { depth: 'full' } })
        const lost = generation === registry3 ? [] : ['orphaned-index', 'attestation-missing']
        expect(causeIds(report)).toEqual(lost)
      } finally {
        await own.stop()
      }
    })

    describe('after a restart', () => {
      beforeAll(() => registry.restart())

      test('the registry answers 404 for a missing layer, and the actual size of a truncated one', async () => {
        expect(await shown('the data of a layer is removed, its link is kept')).toMatchObject({ status: 404 })
        expect(await shown('a layer is cut to half', lastByte)).toMatchObject({
          status: 416,
          range: 'bytes */600',
        })
      })

      describe.each(rows)('$fault', (row) => {
        test.each(Object.entries(row.cold))('depth %s reports %j', async (depth, ids) => {
          expect(await causesOf(row, depth as Depth)).toEqual(ids)
        })
      })
    })
  })
}

/** Replaces the file instead of changing it: the registry may have the old one open. */
async function overwrite(path: string, content: string | Buffer): Promise<void> {
  await writeFile(`${path}.new`, content)
  await rename(`${path}.new`, path)
}
