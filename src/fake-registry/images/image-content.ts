import { createHash } from 'node:crypto'

/** A digest algorithm that both OCI and Node know. */
export type Algorithm = 'sha256' | 'sha512'

/** Bytes a registry serves under `/blobs/`: a config, a layer, an attestation statement. */
export type Blob = { kind: 'blob'; digest: string; mediaType: string; bytes: Buffer }

/** Bytes a registry serves under `/manifests/`: an image, an index, an artifact. */
export type ManifestContent = { kind: 'manifest'; digest: string; mediaType: string; bytes: Buffer }

/** One thing that can be pushed. */
export type Content = Blob | ManifestContent

/** What a descriptor or a config says it runs on. */
export type Platform = { os: string; architecture: string; variant?: string; 'os.version'?: string }

/** How a manifest points at other content. */
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

/** The members of any manifest JSON that the builders here write. */
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

/** The digest of some bytes in OCI notation. */
export function digestOf(bytes: Buffer, algorithm: Algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

/** A blob under its true digest. */
export function blob(mediaType: string, content: Buffer | string, algorithm: Algorithm = 'sha256'): Blob {
  const bytes = Buffer.from(content)
  return { kind: 'blob', digest: digestOf(bytes, algorithm), mediaType, bytes }
}

/** A manifest under its true digest, written as registries usually see it: indented JSON. */
export function manifest(mediaType: string, body: object, algorithm: Algorithm = 'sha256'): ManifestContent {
  const bytes = Buffer.from(JSON.stringify(body, undefined, 2))
  return { kind: 'manifest', digest: digestOf(bytes, algorithm), mediaType, bytes }
}

/** The JSON of a manifest. */
export function bodyOf(content: ManifestContent): ManifestBody {
  return JSON.parse(content.bytes.toString('utf8'))
}

/** A manifest with changed JSON, under the digest of the changed bytes. */
export function rewrite(
  content: ManifestContent,
  change: (body: ManifestBody) => object,
  mediaType: string = content.mediaType,
): ManifestContent {
  const algorithm = content.digest.startsWith('sha512:') ? 'sha512' : 'sha256'
  return manifest(mediaType, change(bodyOf(content)), algorithm)
}

/** The descriptor of some content; `lies` replace what is true. */
export function descriptorOf(content: Content, lies: Partial<Descriptor> = {}): Descriptor {
  const { mediaType, digest, bytes } = content
  return { mediaType, digest, size: bytes.length, ...lies }
}

/** A descriptor that carries its content in `data`, as clients may use instead of a request. */
export function inlineDescriptorOf(content: Content, lies: Partial<Descriptor> = {}): Descriptor {
  return descriptorOf(content, { data: content.bytes.toString('base64'), ...lies })
}

/** The same content under a digest whose algorithm no client knows. */
export function underUnknownAlgorithm<T extends Content>(content: T): T {
  return { ...content, digest: content.digest.replace(/^[^:]+:/, 'x-whirl-9:') }
}

/** `linux/arm64/v8` as a platform. */
export function platformOf(text: string): Platform {
  const [os = 'linux', architecture = 'amd64', variant] = text.split('/')
  return variant === undefined ? { os, architecture } : { os, architecture, variant }
}
