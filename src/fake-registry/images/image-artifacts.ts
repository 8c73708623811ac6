import type { Image, Tree } from './image-build.ts'
import {
  blob,
  type Descriptor,
  descriptorOf,
  digestOf,
  type ManifestContent,
  manifest,
  platformOf,
} from './image-content.ts'
import type { Layer } from './image-layer.ts'
import { documentTypes, type Format, otherTypes } from './image-media-types.ts'

/** The blob `{}`, the config of an artifact without one. */
export const emptyConfig = blob(otherTypes.empty, '{}')

/** A BuildKit attestation of an image. `config: 'empty'` is the form of newer versions, an OCI artifact. */
export function attestation(of: Image, form: { config?: 'image' | 'empty' } = {}): Image {
  const statement = statementOf(of)
  const layers = [statement]
  const modern = form.config === 'empty'
  const config = modern
    ? emptyConfig
    : blob(
        documentTypes.oci.config,
        JSON.stringify({
          ...platformOf('unknown/unknown'),
          config: {},
          rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
        }),
      )
  const body = {
    schemaVersion: 2,
    mediaType: documentTypes.oci.manifest,
    ...(modern && { artifactType: otherTypes.attestation }),
    config: descriptorOf(config),
    layers: layers.map((each) =>
      descriptorOf(each, { annotations: { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v1' } }),
    ),
    ...(modern && { subject: descriptorOf(of.manifest) }),
  }
  return {
    manifest: manifest(documentTypes.oci.manifest, body),
    config,
    layers,
    blobs: [...layers, config],
    platform: platformOf('unknown/unknown'),
    descriptorAnnotations: {
      'vnd.docker.reference.type': 'attestation-manifest',
      'vnd.docker.reference.digest': of.manifest.digest,
    },
  }
}

/** The variable parts of an artifact. */
export type ArtifactOptions = {
  artifactType?: string
  content?: string
  contentType?: string
  subject?: Descriptor
  annotations?: Record<string, string>
}

/** An artifact as in OCI 1.1: an image manifest with an empty config. */
export function artifact(options: ArtifactOptions = {}): Image {
  const { subject, annotations } = options
  const content = blob(options.contentType ?? 'text/plain', options.content ?? 'an artifact\n')
  const body = {
    schemaVersion: 2,
    mediaType: documentTypes.oci.manifest,
    artifactType: options.artifactType ?? 'application/vnd.example.artifact',
    config: descriptorOf(emptyConfig),
    layers: [descriptorOf(content)],
    ...(subject && { subject }),
    ...(annotations && { annotations }),
  }
  const layers = [{ ...content, diffId: content.digest }]
  return {
    manifest: manifest(documentTypes.oci.manifest, body),
    config: emptyConfig,
    layers,
    blobs: [...layers, emptyConfig],
  }
}

/** An artifact that refers to another manifest: a signature or an SBOM. */
export function referrer(subject: ManifestContent, options: Omit<ArtifactOptions, 'subject'> = {}): Image {
  return artifact({ ...options, subject: descriptorOf(subject) })
}

/** An artifact with the artifact manifest, which OCI 1.1 proposed and then dropped. */
export function withdrawnArtifact(options: ArtifactOptions = {}): Tree {
  const content = blob(options.contentType ?? 'text/plain', options.content ?? 'an old artifact\n')
  const body = {
    mediaType: otherTypes.withdrawnArtifact,
    artifactType: options.artifactType ?? 'application/vnd.example.artifact',
    blobs: [descriptorOf(content)],
    ...(options.subject && { subject: options.subject }),
  }
  return { manifest: manifest(otherTypes.withdrawnArtifact, body), blobs: [content] }
}

/**
 * BuildKit's registry cache (cache/remotecache/export.go; compared with what 0.34.2 pushes): with `image-manifest=true` an image manifest, else an index that lists
 * the layers and their configuration directly.
 */
export function buildCache(layers: Layer[], form: { imageManifest: boolean; format?: Format }): Tree {
  const { imageManifest, format = 'oci' } = form
  const config = blob(
    otherTypes.cacheConfig,
    JSON.stringify({
      layers: layers.map(({ digest, diffId }, at) => ({
        blob: digest,
        parent: at - 1,
        annotations: { mediaType: layers[at]?.mediaType, diffID: diffId },
      })),
      records: [{ digest: digestOf(Buffer.from('a record')), layers: [{ layer: 0 }] }],
    }),
  )
  const listed = layers.map((each) =>
    descriptorOf(each, {
      annotations: {
        'buildkit/createdat': '2024-02-01T10:00:00Z',
        'containerd.io/uncompressed': each.diffId,
      },
    }),
  )
  const types = documentTypes[format]
  const mediaType = imageManifest ? types.manifest : types.index
  const body = imageManifest
    ? { schemaVersion: 2, mediaType, config: descriptorOf(config), layers: listed }
    : { schemaVersion: 2, mediaType, manifests: [...listed, descriptorOf(config)] }
  return { manifest: manifest(mediaType, body), blobs: [...layers, config] }
}

/** A signed schema 1 manifest. Its digest covers the payload only, without the signatures. */
export function schema1(name: string, tag: string, layers: Layer[]): ManifestContent {
  const payload = JSON.stringify(
    {
      schemaVersion: 1,
      name,
      tag,
      architecture: 'amd64',
      fsLayers: layers.map(({ digest }) => ({ blobSum: digest })),
      history: layers.map(() => ({ v1Compatibility: '{"architecture":"amd64","os":"linux"}' })),
    },
    undefined,
    3,
  )
  const tail = '\n}'
  const formatLength = payload.length - tail.length
  const guard = { formatLength, formatTail: Buffer.from(tail).toString('base64url') }
  const signatures = [
    {
      header: { alg: 'none' },
      signature: '',
      protected: Buffer.from(JSON.stringify(guard)).toString('base64url'),
    },
  ]
  const bytes = `${payload.slice(0, formatLength)},\n   "signatures": ${JSON.stringify(signatures)}${tail}`
  return {
    kind: 'manifest',
    digest: digestOf(Buffer.from(payload)),
    mediaType: otherTypes.schema1,
    bytes: Buffer.from(bytes),
  }
}

function statementOf(of: Image): Layer {
  const statement = blob(
    otherTypes.inToto,
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v0.1',
      predicateType: 'https://slsa.dev/provenance/v1',
      subject: [{ name: 'image', digest: { sha256: of.manifest.digest.replace(/^sha256:/, '') } }],
      predicate: {},
    }),
  )
  return { ...statement, diffId: statement.digest }
}
