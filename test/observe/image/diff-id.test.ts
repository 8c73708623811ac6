import { randomBytes } from 'node:crypto'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  contentsOf,
  image,
  type Layer,
  layer,
  randomLayer,
} from '../../../src/fake-registry/images/images.ts'
import { createDiffId } from '../../../src/observe/image/diff-id.ts'
import { createZstdUnpackers } from '../../../src/observe/image/unpack.ts'
import { useRegistries } from '../kit.ts'
import { proofOf, verdictOf, verifyApp } from './app.ts'
import { chunkLengths, chunksOf, gzipParts, packedOf, plainOf, sha256, zstdParts } from './frames.ts'

const zstd = createZstdUnpackers()
const start = useRegistries()

async function diffIdOf(chunks: Buffer[]) {
  const diffId = createDiffId(zstd)
  for (const chunk of chunks) await diffId.take(chunk)
  return (await diffId.end()).diffId
}

async function unpackedOf(chunks: Buffer[]) {
  const diffId = createDiffId(zstd)
  for (const chunk of chunks) await diffId.take(chunk)
  return (await diffId.end()).unpacked
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

describe('what is found while a layer is unpacked', () => {
  test('in a gzip stream of any members: bytes of 0 after the last one, as many as there are', async () => {
    const zeros = fc.integer({ min: 0, max: 3000 })
    await fc.assert(
      fc.asyncProperty(gzipParts, zeros, chunkLengths, async (parts, trailingBytes, lengths) => {
        const stream = Buffer.concat([packedOf(parts), Buffer.alloc(trailingBytes)])
        expect(await unpackedOf(chunksOf(stream, lengths))).toMatchObject({
          compression: 'gzip',
          trailingBytes,
        })
      }),
      { numRuns: 60 },
    )
  })

  test('in a gzip stream: a member after bytes of 0 is none', async () => {
    const stream = Buffer.concat([gzipSync('one'), Buffer.alloc(9), gzipSync('two')])
    const trailingBytes = stream.length - gzipSync('one').length
    for (const lengths of [[1], [10], [65_536]])
      expect(await unpackedOf(chunksOf(stream, lengths))).toMatchObject({ trailingBytes })
  })

  test('in a large one, across the buffer', async () => {
    const packed = gzipSync(randomBytes(600_000))
    const stream = Buffer.concat([packed, Buffer.alloc(400_000)])
    for (const lengths of [[65_536], [packed.length], [262_144, 1]])
      expect(await unpackedOf(chunksOf(stream, lengths))).toMatchObject({ trailingBytes: 400_000 })
  })

  test.each([
    ['garbage after it', Buffer.from('garbage')],
    ['half a header after it', Buffer.from([0x1f, 0x8b, 8])],
  ])('in a gzip stream with %s: no content', async (_, bytes) => {
    const stream = Buffer.concat([gzipSync('one'), bytes])
    expect(await diffIdOf([stream])).toMatchObject({ ok: false, kind: 'broken' })
  })

  test.each([
    ['xz', Buffer.from('fd377a585a000004', 'hex')],
    ['bzip2', Buffer.from('425a6839314159265359', 'hex')],
  ])('in a stream of %s: its name, and no claim that it is broken', async (compression, bytes) => {
    expect(await unpackedOf([bytes])).toEqual({ compression, trailingBytes: 0 })
    expect(await diffIdOf([bytes])).toEqual({
      ...{ ok: false, kind: 'unsupported' },
      problem: `compressed with ${compression}`,
    })
  })

  test.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
    ['none', (bytes: Buffer) => bytes],
  ] as const)('in %s: whether the archive can be read', async (compression, pack) => {
    const tar = layer({ 'etc/a': 'content' }, { compression: 'none' }).bytes
    expect(await unpackedOf([pack(tar)])).toEqual({ compression, trailingBytes: 0, archive: 'readable' })
    expect(await unpackedOf([pack(tar.subarray(0, 515))])).toMatchObject({ archive: 'cut' })
    expect(await unpackedOf([pack(Buffer.alloc(600, 'x'))])).toMatchObject({ archive: 'invalid' })
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

  const pushed = (made: Layer, bytes: Buffer, diffId = made.diffId): Layer => ({
    ...{ ...made, bytes, diffId },
    digest: sha256(bytes),
  })
  const gzipped = layer({ 'etc/a': 'content' })
  const plain = layer({ 'etc/a': 'content' }, { compression: 'none' })
  const cut = plain.bytes.subarray(0, 515)

  test.each<[string, Layer, string]>([
    [
      'followed by 512 bytes of 0',
      pushed(gzipped, Buffer.concat([gzipped.bytes, Buffer.alloc(512)])),
      'layer-trailing-bytes',
    ],
    ['whose archive is cut', pushed(gzipped, gzipSync(cut), sha256(cut)), 'layer-archive-invalid'],
    [
      'compressed with gzip under the type of a plain archive',
      { ...gzipped, mediaType: plain.mediaType },
      'layer-compression-unsupported',
    ],
    [
      'compressed with xz',
      pushed(gzipped, Buffer.from('fd377a585a0000041111', 'hex')),
      'layer-compression-unsupported',
    ],
  ])('%s is found, and never called unpacked', async (_, made, id) => {
    const registry = await start()
    registry.store.push(
      'app',
      contentsOf(image('linux/amd64', { layers: [made, layer({ 'etc/b': 'b' })] })),
      '1',
    )
    const report = await verifyApp(registry, { depth: 'full' })
    expect(verdictOf(report)).toEqual([1, [id], []])
    expect(proofOf(report)).toMatchObject({ layers: 2, unpacked: 1 })
  })
})
