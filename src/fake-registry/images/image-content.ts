import { createHash } from 'node:crypto'

/** The digest algorithms of OCI that Node supports. */
export type Algorithm = 'sha256' | 'sha512'

/** Content under `/blobs/`: a config, a layer, an attestation statement. */
export type Blob = { kind: 'blob'; digest: string; mediaType: string; bytes: Buffer }

/** Content under `/manifests/`: an image, an index, an artifact. */
export type ManifestContent = { kind: 'manifest'; digest: string; mediaType: string; bytes: Buffer }

/** Content that can be pushed. */
export type Content = Blob | ManifestContent

/** The platform in a descriptor or a config. */
export type Platform = { os: string; architecture: string; variant?: string; 'os.version'?: string }

/** A reference from a manifest to other content. */
export type Descriptor = {
  mediaType: string
  digest: string
  size: number
  platform?: Platform
  annotations?: Record<string, string>
  artifactType?: string
  urls?: string[]
  data?: string
}

/** The fields of all manifests that are built here. */
export type ManifestBody = {
  schemaVersion?: number
  mediaType?: string
  artifactType?: string
  config?: Descriptor
  layers?: Descriptor[]
  manifests?: Descriptor[]
  blobs?: Descriptor[]
  subject?: Descriptor
  annotations?: Record<string, string>
}

/** The digest of bytes, as `ALGORITHM:HEX`. */
export function digestOf(bytes: Buffer, algorithm: Algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

/** A blob with its correct digest. */
export function blob(mediaType: string, content: Buffer | string, algorithm: Algorithm = 'sha256'): Blob {
  const bytes = Buffer.from(content)
  return { kind: 'blob', digest: digestOf(bytes, algorithm), mediaType, bytes }
}

/** A manifest with its correct digest, in indented JSON, as most builders write it. */
export function manifest(mediaType: string, body: object, algorithm: Algorithm = 'sha256'): ManifestContent {
  const bytes = Buffer.from(JSON.stringify(body, undefined, 2))
  return { kind: 'manifest', digest: digestOf(bytes, algorithm), mediaType, bytes }
}

/** The parsed JSON of a manifest. */
export function bodyOf(content: ManifestContent): ManifestBody {
  return JSON.parse(content.bytes.toString('utf8'))
}

/** A manifest with changed JSON, and the digest of the changed bytes. */
export function rewrite(
  content: ManifestContent,
  change: (body: ManifestBody) => object,
  mediaType: string = content.mediaType,
): ManifestContent {
  const algorithm = content.digest.startsWith('sha512:') ? 'sha512' : 'sha256'
  return manifest(mediaType, change(bodyOf(content)), algorithm)
}

/** The descriptor of content; `overrides` replace correct fields. */
export function descriptorOf(content: Content, overrides: Partial<Descriptor> = {}): Descriptor {
  const { mediaType, digest, bytes } = content
  return { mediaType, digest, size: bytes.length, ...overrides }
}

/** A descriptor with its content in `data`, which clients may use instead of a request. */
export function inlineDescriptorOf(content: Content, overrides: Partial<Descriptor> = {}): Descriptor {
  return descriptorOf(content, { data: content.bytes.toString('base64'), ...overrides })
}

/** The same content, with a digest of an unknown algorithm. */
export function underUnknownAlgorithm<T extends Content>(content: T): T {
  return { ...content, digest: content.digest.replace(/^[^:]+:/, 'x-whirl-9:') }
}

/** `linux/arm64/v8` as a platform. */
export function platformOf(text: string): Platform {
  const [os = 'linux', architecture = 'amd64', variant] = text.split('/')
  return variant === undefined ? { os, architecture } : { os, architecture, variant }
}
