import { randomBytes } from 'node:crypto'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contentsOf, image, randomLayer } from '../../../src/fake-registry/images/images.ts'
import { createDiffId } from '../../../src/observe/image/diff-id.ts'
import { createZstdUnpackers } from '../../../src/observe/image/unpack.ts'
import { useRegistries } from '../kit.ts'
import { verdictOf, verifyApp } from './app.ts'
import { chunkLengths, chunksOf, gzipParts, packedOf, plainOf, sha256, zstdParts } from './frames.ts'

const zstd = createZstdUnpackers()
const start = useRegistries()

async function diffIdOf(chunks: Buffer[]) {
  const diffId = createDiffId(zstd)
  for (const chunk of chunks) await diffId.take(chunk)
  return diffId.end()
}

describe('a diff id', () => {
  test.each([
    ['gzip with any members', gzipParts],
    ['zstd with any frames', zstdParts],
  ])('of %s is the digest of what it unpacks to', async (_, streams) => {
    await fc.assert(
      fc.asyncProperty(streams, chunkLengths, async (parts, lengths) => {
        const value = sha256(plainOf(parts))
        expect(await diffIdOf(chunksOf(packedOf(parts), lengths))).toEqual({ ok: true, value })
      }),
      { numRuns: 60 },
    )
  })

  test('of a plain layer is its own digest', async () => {
    const plain = fc.uint8Array({ maxLength: 5000 }).map((bytes) => Buffer.from(bytes))
    const packed = (bytes: Buffer) => bytes[0] === 0x1f || bytes[0] === 0x28 || (bytes[0] ?? 0) >> 4 === 5
    await fc.assert(
      fc.asyncProperty(
        plain.filter((bytes) => !packed(bytes)),
        chunkLengths,
        async (bytes, lengths) => {
          expect(await diffIdOf(chunksOf(bytes, lengths))).toEqual({ ok: true, value: sha256(bytes) })
        },
      ),
      { numRuns: 60 },
    )
  })

  const large = randomBytes(3_000_000)

  test.each([
    ['gzip', gzipSync(large)],
    ['zstd', zstdCompressSync(large)],
    ['nothing', large],
  ])('of %s is the same for content larger than the buffer', async (_, packed) => {
    for (const lengths of [[1000], [65_536], [4_000_000], [262_144, 1]]) {
      expect(await diffIdOf(chunksOf(packed, lengths))).toEqual({ ok: true, value: sha256(large) })
    }
  })

  test.each([
    ['gzip', gzipSync(large)],
    ['zstd', zstdCompressSync(large)],
  ])('of a truncated %s layer is broken', async (_, packed) => {
    for (const length of [20, 1000, 300_000, packed.length - 1]) {
      expect(await diffIdOf(chunksOf(packed.subarray(0, length), [65_536]))).toMatchObject({
        ok: false,
        kind: 'broken',
      })
    }
  })

  test('of bytes that only begin like gzip is broken', async () => {
    const fake = Buffer.concat([Buffer.from([0x1f, 0x8b]), large])
    expect(await diffIdOf(chunksOf(fake, [65_536]))).toMatchObject({ ok: false, kind: 'broken' })
  })
})

describe('a layer at depth full', () => {
  test.each(['gzip', 'zstd', 'none'] as const)(
    'packed with %s matches its configuration, whether small or large',
    async (compression) => {
      const registry = await start()
      const layers = [500, 300_000, 900_000, 700_000].map((bytes, at) =>
        randomLayer({ bytes, seed: `${at}`, compression }),
      )
      registry.store.push('app', contentsOf(image('linux/amd64', { layers })), '1')
      expect(verdictOf(await verifyApp(registry, { depth: 'full' }))).toEqual([0, [], []])
    },
  )

  test.each(['gzip', 'zstd', 'none'] as const)(
    'packed with %s that does not match its diff id is found',
    async (compression) => {
      const registry = await start()
      const layers = [randomLayer({ bytes: 400_000, seed: 'x', compression })]
      const wrong = image('linux/amd64', { layers, diffIds: [sha256(Buffer.from('other'))] })
      registry.store.push('app', contentsOf(wrong), '1')
      expect(verdictOf(await verifyApp(registry, { depth: 'full' }))).toEqual([1, ['diff-id-mismatch'], []])
      expect(verdictOf(await verifyApp(registry))).toEqual([0, [], []])
    },
  )

  test('packed with gzip whose download breaks off once is read again and matches', async () => {
    const registry = await start()
    const layers = [1_000_000, 900_000].map((bytes, at) =>
      randomLayer({ bytes, seed: `${at}`, compression: 'gzip' }),
    )
    registry.store.push('app', contentsOf(image('linux/amd64', { layers })), '1')
    registry.faults.add({ digest: layers[0]?.digest ?? '', times: 1 }, { cutBodyAfter: 600_000 })
    expect((await verifyApp(registry, { depth: 'full' })).exitCode).toBe(0)
  })
})
