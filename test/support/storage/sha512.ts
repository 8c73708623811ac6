import { createHash } from 'node:crypto'
import {
  type contentsOf,
  type Image,
  image,
  type ManifestContent,
  randomLayer,
  rewrite,
} from '../../../src/fake-registry/images/images.ts'

/** The SHA-512 digest of some bytes. */
export const sha512 = (bytes: Uint8Array): string =>
  `sha512:${createHash('sha512').update(bytes).digest('hex')}`

/** An image that names its configuration and its layer by SHA-512, and what a push of it sends. */
export interface Sha512Image {
  /** The same image with SHA-256 digests. */
  plain: Image
  manifest: ManifestContent
  contents: ReturnType<typeof contentsOf>
  /** The digests that the manifest names, by those under which a registry keeps their data. */
  names: Map<string, string>
}

/** Builds an image that names its blobs by SHA-512. */
export function sha512Image(seed: string): Sha512Image {
  const plain = image('linux/amd64', { layers: [randomLayer({ bytes: 1024, seed })] })
  const names = new Map(plain.blobs.map(({ digest, bytes }) => [digest, sha512(bytes)]))
  const named = <T extends { digest: string }>(one: T): T => ({
    ...one,
    digest: names.get(one.digest) ?? one.digest,
  })
  const manifest = rewrite(plain.manifest, (body) => ({
    ...body,
    ...(body.config ? { config: named(body.config) } : {}),
    layers: body.layers?.map(named) ?? [],
  }))
  return { plain, manifest, contents: [...plain.blobs.map(named), manifest], names }
}
