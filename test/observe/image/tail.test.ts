import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededBytes } from '../../../src/fake-registry/images/images.ts'
import { doubtOf, impossibleTrailer, tailOf } from '../../../src/observe/image/tail.ts'
import recorded from '../../recorded/layer-tails.json' with { type: 'json' }
import { gzipParts, packedOf, zstdParts } from './frames.ts'

const layerType = (compression: string) => `application/vnd.oci.image.layer.v1.tar+${compression}`
const doubt = (compression: string, stream: Buffer) =>
  doubtOf(layerType(compression), stream.subarray(-512), stream.length)

describe('the end of a healthy layer raises no doubt', () => {
  test.each(recorded)('$name ($origin)', ({ compression, size, tail }) => {
    expect(doubtOf(layerType(compression), Buffer.from(tail, 'hex'), size)).toBeUndefined()
  })

  test.each([
    ['gzip', gzipParts],
    ['zstd', zstdParts],
  ])('any %s stream of several parts', (compression, parts) => {
    fc.assert(
      fc.property(parts, (all) => {
        expect(doubt(compression, packedOf(all))).toBeUndefined()
      }),
      { numRuns: 200 },
    )
  })

  test('the highest ratio that deflate reaches', () => {
    expect(doubt('gzip', gzipSync(Buffer.alloc(50_000_000)))).toBeUndefined()
  })

  test('a plain layer ends in zeros', () => {
    const type = 'application/vnd.oci.image.layer.v1.tar'
    expect(doubtOf(type, Buffer.alloc(512), 10_240)).toBeUndefined()
  })
})

describe('the end of a gzip layer is impossible', () => {
  const layer = gzipSync(seededBytes('layer', 20_000))
  const ending = (trailer: Buffer) => Buffer.concat([layer.subarray(0, -8), trailer])
  const states = (crc32: number, isize: number) => {
    const trailer = Buffer.alloc(8)
    trailer.writeUInt32LE(crc32, 0)
    trailer.writeUInt32LE(isize, 4)
    return trailer
  }
  const most = 1032 * layer.length

  test.each<[string, Buffer, { crc32: number; isize: number }]>([
    ['with a trailer of zeros', ending(Buffer.alloc(8)), { crc32: 0, isize: 0 }],
    ['with all of the tail zeros', Buffer.concat([layer, Buffer.alloc(512)]), { crc32: 0, isize: 0 }],
    ['with a checksum of no content', ending(states(7, 0)), { crc32: 7, isize: 0 }],
    ['with more content than it can hold', ending(states(7, most + 1)), { crc32: 7, isize: most + 1 }],
    ['after an empty member', Buffer.concat([gzipSync(''), Buffer.alloc(8)]), { crc32: 0, isize: 0 }],
    ['of 19 bytes', gzipSync('').subarray(0, 19), { crc32: 3, isize: 0 }],
    ['of 7 bytes', layer.subarray(0, 7), { crc32: 0, isize: 0 }],
  ])('%s', (_, stream, trailer) => {
    expect(doubt('gzip', stream)?.what).toBe('gzip')
    if (stream.length !== 19) expect(doubt('gzip', stream)).toEqual({ what: 'gzip', trailer })
  })

  test('but possible with as much content as it can hold', () => {
    expect(doubt('gzip', ending(states(7, most)))).toBeUndefined()
  })

  test('of 5 MiB, where 4 GiB of content fit: a length of 0 is possible with a checksum, and without one it is not', () => {
    const size = 5 * 1024 * 1024
    expect(impossibleTrailer(states(7, 0), size)).toBeUndefined()
    expect(impossibleTrailer(states(0, 0), size)).toEqual({ crc32: 0, isize: 0 })
  })

  test('under the type of Docker, too', () => {
    const type = 'application/vnd.docker.image.rootfs.diff.tar.gzip'
    expect(doubtOf(type, Buffer.alloc(512), 10_240)?.what).toBe('gzip')
  })
})

describe('the end of a zstd layer is suspicious', () => {
  const layer = zstdCompressSync(seededBytes('layer', 20_000))

  test('if all of the tail is zeros, and not if only the last 8 bytes are: a skippable frame may end in them', () => {
    expect(doubt('zstd', Buffer.concat([layer, Buffer.alloc(512)]))).toEqual({ what: 'zeros' })
    expect(doubt('zstd', Buffer.concat([layer.subarray(0, -8), Buffer.alloc(8)]))).toBeUndefined()
  })
})

test.each([
  [1, { first: 0, last: 0 }],
  [512, { first: 0, last: 511 }],
  [513, { first: 1, last: 512 }],
])('the tail of %i bytes is the last 512 of them', (size, range) => {
  expect(tailOf(size)).toEqual(range)
})
