import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  artifact,
  attestation,
  blob,
  bodyOf,
  contentsOf,
  descriptorOf,
  emptyConfig,
  image,
  index,
  inlineDescriptorOf,
  referrer,
  rewrite,
  schema1,
  underUnknownAlgorithm,
  withdrawnArtifact,
} from '../../src/fake-registry/images/images.ts'
import { sha256 } from './hash.ts'

describe('unusual documents', () => {
  const child = image('linux/amd64')

  test('nested indexes list indexes', () => {
    const nested = index([index([child]), image('linux/arm64')])
    expect(bodyOf(nested.manifest).manifests?.[0]?.mediaType).toBe('application/vnd.oci.image.index.v1+json')
    expect(contentsOf(nested).filter(({ kind }) => kind === 'manifest')).toHaveLength(4)
  })

  test('an image in Docker format has only Docker media types', () => {
    const made = index([image('linux/amd64', { format: 'docker' })], { format: 'docker' })
    const types = contentsOf(made).map(({ mediaType }) => mediaType)
    expect(types.every((type) => type.startsWith('application/vnd.docker.'))).toBe(true)
  })

  test('a manifest may have a sha512 digest', () => {
    const { manifest } = image('linux/amd64', { algorithm: 'sha512' })
    expect(manifest.digest).toBe(`sha512:${createHash('sha512').update(manifest.bytes).digest('hex')}`)
    expect(rewrite(manifest, (body) => body).digest).toBe(manifest.digest)
  })

  test('an attestation has an old form and a new one', () => {
    expect(attestation(child).config.mediaType).toBe('application/vnd.oci.image.config.v1+json')
    expect(attestation(child, { config: 'empty' }).config).toBe(emptyConfig)
  })

  test('the empty config is the one of the specification', () => {
    expect(emptyConfig.digest).toBe('sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a')
    expect(bodyOf(artifact().manifest).config?.digest).toBe(emptyConfig.digest)
  })

  test('a referrer names its subject, a withdrawn artifact its blobs', () => {
    expect(bodyOf(referrer(child.manifest).manifest).subject).toEqual(descriptorOf(child.manifest))
    expect(bodyOf(withdrawnArtifact().manifest).blobs).toHaveLength(1)
  })

  test('the digest of a schema 1 manifest does not cover its signatures', () => {
    const { bytes, digest } = schema1('library/old', 'v1', child.layers)
    const { signatures, ...payload } = JSON.parse(bytes.toString())
    expect(signatures).toHaveLength(1)
    expect(digest).toBe(sha256(Buffer.from(JSON.stringify(payload, undefined, 3))))
  })

  test('descriptors can be wrong, embed content and use an unknown algorithm', () => {
    const some = blob('text/plain', 'abc')
    expect(descriptorOf(some, { size: 4 })).toEqual({ mediaType: 'text/plain', digest: some.digest, size: 4 })
    expect(inlineDescriptorOf(some).data).toBe('YWJj')
    expect(underUnknownAlgorithm(some).digest).toMatch(/^x-whirl-9:[0-9a-f]{64}$/)
  })

  test('a rewritten manifest has the digest of its new bytes', () => {
    const changed = rewrite(child.manifest, (body) => ({ ...body, layers: [] }))
    expect(changed.digest).toBe(sha256(changed.bytes))
    expect(changed.digest).not.toBe(child.manifest.digest)
  })
})
