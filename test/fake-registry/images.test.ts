import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import {
  bodyOf,
  type Descriptor,
  type ManifestContent,
  multiPlatform,
} from '../../src/fake-registry/images/images.ts'
import { sha256 } from './hash.ts'

function referencesOf(manifest: ManifestContent): Descriptor[] {
  const { config, layers = [], manifests = [], blobs = [] } = bodyOf(manifest)
  return [...(config ? [config] : []), ...layers, ...manifests, ...blobs]
}

describe('a healthy multi-platform image', () => {
  const whole = multiPlatform({
    platforms: ['linux/amd64', 'linux/arm64', 'linux/arm/v7'],
    layersPer: 3,
    attestations: true,
    sharedBase: true,
  })

  test('has the correct digest for all content', () => {
    for (const { digest, bytes } of whole.contents) expect(digest).toBe(sha256(bytes))
  })

  test('pushes referenced content first, and nothing twice', () => {
    const seen = new Map<string, number>()
    for (const content of whole.contents) {
      expect(seen.has(content.digest)).toBe(false)
      if (content.kind === 'manifest') {
        for (const { digest, size } of referencesOf(content)) expect(seen.get(digest)).toBe(size)
      }
      seen.set(content.digest, content.bytes.length)
    }
    expect(whole.contents.at(-1)).toBe(whole.index.manifest)
  })

  test('is the same for the same seed, and differs for another', () => {
    const options = { layersPer: 1, seed: 'a' }
    expect(multiPlatform(options)).toEqual(multiPlatform(options))
    expect(multiPlatform({ ...options, seed: 'b' }).index.manifest.digest).not.toBe(
      multiPlatform(options).index.manifest.digest,
    )
  })

  test('has configs that agree with the layers and with the index', () => {
    const children = bodyOf(whole.index.manifest).manifests ?? []
    expect(children.map(({ platform }) => platform)).toEqual([
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64' },
      { os: 'linux', architecture: 'arm', variant: 'v7' },
      ...Array(3).fill({ os: 'unknown', architecture: 'unknown' }),
    ])
    for (const { config, layers, platform } of whole.images) {
      const stated = JSON.parse(config.bytes.toString())
      expect(stated).toMatchObject(platform ?? {})
      expect(stated.rootfs.diff_ids).toEqual(layers.map(({ bytes }) => sha256(gunzipSync(bytes))))
    }
  })

  test('has an attestation for each platform', () => {
    const children = bodyOf(whole.index.manifest).manifests ?? []
    expect(children.slice(3).map(({ annotations }) => annotations)).toEqual(
      whole.images.map(({ manifest }) => ({
        'vnd.docker.reference.type': 'attestation-manifest',
        'vnd.docker.reference.digest': manifest.digest,
      })),
    )
  })
})
