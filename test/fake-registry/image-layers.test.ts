import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { bodyOf, contentsOf, foreignLayer, image, layer } from '../../src/fake-registry/images/images.ts'
import { sha256 } from './hash.ts'

describe('a layer', () => {
  const files = { 'etc/motd': 'hello\n', 'opt/long/empty': '', 'opt/block': 'x'.repeat(512) }

  test.each(['gzip', 'zstd', 'none'] as const)(
    'packed with %s holds a tar that tar can read',
    async (compression) => {
      const made = layer(files, { compression })
      const unpack = { gzip: gunzipSync, zstd: zstdDecompressSync, none: (bytes: Buffer) => bytes }[
        compression
      ]
      const tar = unpack(made.bytes)
      expect(made.diffId).toBe(sha256(tar))
      expect(made.mediaType).toBe(
        `application/vnd.oci.image.layer.v1.tar${compression === 'none' ? '' : `+${compression}`}`,
      )
      const listed = await execa('tar', ['-tf', '-'], { input: tar })
      expect(listed.stdout.split('\n')).toEqual(Object.keys(files))
      const read = await execa('tar', ['-xOf', '-', 'etc/motd'], { input: tar, stripFinalNewline: false })
      expect(read.stdout).toBe('hello\n')
    },
  )

  test('that is foreign is listed with its URLs, and not pushed', () => {
    const far = foreignLayer(files, ['https://example.com/layer'])
    const made = image('windows/amd64', { layers: [far] })
    expect(bodyOf(made.manifest).layers?.[0]?.urls).toEqual(['https://example.com/layer'])
    expect(contentsOf(made).map(({ digest }) => digest)).not.toContain(far.digest)
  })
})
