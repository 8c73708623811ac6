import { zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createZstdUnpackers } from '../../../src/observe/image/unpack.ts'
import { followZstdFrames } from '../../../src/observe/image/zstd-frames.ts'
import { chunkLengths, chunksOf, packedOf, plainOf, skippable, zstdParts } from './frames.ts'

async function unpack(zstd: ReturnType<typeof createZstdUnpackers>, chunks: Buffer[]) {
  const plain: Buffer[] = []
  const unpacker = zstd((chunk) => plain.push(chunk))
  for (const chunk of chunks) await unpacker.write(chunk)
  return { failure: await unpacker.end(), plain: Buffer.concat(plain) }
}

/** A hand-written frame of three bytes that requires a window of a given size. */
const requiring = (window: number) =>
  Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, window, 0x19, 0, 0, 0x61, 0x62, 0x63])

describe('the frames of a zstd stream', () => {
  test('are found wherever it is cut into chunks', () => {
    fc.assert(
      fc.property(zstdParts, chunkLengths, (parts, lengths) => {
        const packed = packedOf(parts)
        const frames = followZstdFrames()
        const pieces = chunksOf(packed, lengths).flatMap((chunk) => frames.split(chunk))
        expect(Buffer.concat(pieces).equals(packed)).toBe(true)
        expect(frames.complete()).toBe(true)
        const cuts = new Set<number>()
        pieces.reduce((at, piece) => {
          cuts.add(at + piece.length)
          return at + piece.length
        }, 0)
        parts.reduce((at, part) => {
          expect(cuts).toContain(at + part.packed.length)
          return at + part.packed.length
        }, 0)
      }),
      { numRuns: 150 },
    )
  })

  test.each([
    [0x68, 8 * 1024 * 1024],
    [0x69, 9 * 1024 * 1024],
    [0x00, 1024],
    [0x07, 1024 + 7 * 128],
  ])('state the window they require: %i', (byte, window) => {
    const frames = followZstdFrames()
    frames.split(requiring(byte))
    expect(frames.windowBytes()).toBe(window)
  })

  test.each([10, 300, 70_000])('state the size of %i bytes if they are a single segment', (size) => {
    const frames = followZstdFrames()
    frames.split(zstdCompressSync(Buffer.alloc(size, 'abc')))
    expect(frames.windowBytes()).toBe(size)
  })
})

describe('unpacking a zstd stream', () => {
  test('yields what was packed, for any frames in any chunks', async () => {
    const zstd = createZstdUnpackers()
    await fc.assert(
      fc.asyncProperty(zstdParts, chunkLengths, async (parts, lengths) => {
        const { failure, plain } = await unpack(zstd, chunksOf(packedOf(parts), lengths))
        expect(failure).toBeUndefined()
        expect(plain.equals(plainOf(parts))).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  test('that ends too early fails, unless it ends between frames', async () => {
    const zstd = createZstdUnpackers()
    await fc.assert(
      fc.asyncProperty(zstdParts, chunkLengths, fc.nat(), async (parts, lengths, seed) => {
        const packed = packedOf(parts)
        const cut = seed % packed.length
        let at = 0
        const ends = new Set([0, ...parts.map((part) => (at += part.packed.length))])
        const { failure } = await unpack(zstd, chunksOf(packed.subarray(0, cut), lengths))
        expect(failure?.kind).toBe(ends.has(cut) ? undefined : 'broken')
      }),
      { numRuns: 60 },
    )
  })

  test('with other bytes after it fails', async () => {
    const zstd = createZstdUnpackers()
    const garbage = fc
      .uint8Array({ minLength: 1, maxLength: 20 })
      .filter(([first]) => first !== 0x28 && (first ?? 0) >> 4 !== 5)
    await fc.assert(
      fc.asyncProperty(zstdParts, garbage, chunkLengths, async (parts, bytes, lengths) => {
        const stream = Buffer.concat([packedOf(parts), bytes])
        expect((await unpack(zstd, chunksOf(stream, lengths))).failure?.kind).toBe('broken')
      }),
      { numRuns: 40 },
    )
  })

  test('with changed bytes never hangs, and does not affect the next stream', async () => {
    const zstd = createZstdUnpackers()
    await fc.assert(
      fc.asyncProperty(zstdParts, fc.nat(), fc.integer({ min: 1, max: 255 }), async (parts, seed, change) => {
        const packed = packedOf(parts)
        packed.writeUInt8(packed.readUInt8(seed % packed.length) ^ change, seed % packed.length)
        await unpack(zstd, [packed])
        const good = await unpack(zstd, [
          packedOf(parts.map(({ plain }) => ({ packed: skippable(plain), plain }))),
        ])
        expect(good).toEqual({ failure: undefined, plain: Buffer.alloc(0) })
      }),
      { numRuns: 40 },
    )
  })

  test('that requires more memory than a runner should spend is not unpacked, but not reported as broken', async () => {
    const zstd = createZstdUnpackers()
    expect(await unpack(zstd, [requiring(0x68)])).toEqual({ failure: undefined, plain: Buffer.from('abc') })
    expect((await unpack(zstd, [requiring(0x69)])).failure?.kind).toBe('limit')
    expect((await unpack(zstd, [requiring(0xff)])).failure?.kind).toBe('limit')
    expect((await unpack(zstd, [requiring(0x68), requiring(0x78)])).failure?.kind).toBe('limit')
    expect(await unpack(zstd, [requiring(0)])).toEqual({ failure: undefined, plain: Buffer.from('abc') })
  })

  test('waits for the previous one and never mixes their content', async () => {
    const zstd = createZstdUnpackers()
    await fc.assert(
      fc.asyncProperty(
        fc.array(zstdParts, { minLength: 2, maxLength: 4 }),
        chunkLengths,
        async (streams, lengths) => {
          const all = await Promise.all(
            streams.map((parts) => unpack(zstd, chunksOf(packedOf(parts), lengths))),
          )
          expect(all.map(({ plain }) => plain.length)).toEqual(streams.map((parts) => plainOf(parts).length))
          expect(all.every(({ plain }, at) => plain.equals(plainOf(streams[at] ?? [])))).toBe(true)
        },
      ),
      { numRuns: 15 },
    )
  })
})
