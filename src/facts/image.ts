import * as z from 'zod'
import { observedSchema } from '../core/observed.ts'
import { proofs } from '../core/proof.ts'
import { compressions } from '../oci/compression.ts'
import { imageConfig } from '../oci/config.ts'
import { descriptor, manifestDocument } from '../oci/manifest.ts'
import { referenceSchema } from '../oci/reference.ts'

const depth = z.enum(['head', 'probe', 'full'])
/** How far a run proves each blob: listed, last byte served, or read and hashed, with layers unpacked. */
export type Depth = z.infer<typeof depth>

export const refusalSchema = z.object({
  status: z.number(),
  code: z.string(),
  message: z.string(),
  /** The host of the storage that answered, where the registry redirects to one. */
  storage: z.string().exactOptional(),
})
/** The error answer of a registry for an object that it does not serve. */
export type Refusal = z.infer<typeof refusalSchema>

const target = z.object({
  reference: referenceSchema,
  /** The digest that the push reported, from `expect_digest`, `metadata_file` or `digest_file`. */
  expected: z.object({ digest: z.string(), from: z.string() }).exactOptional(),
})
/** A tag or digest to verify. */
export type Target = z.infer<typeof target>

const otherTags = z.object({ tags: z.array(z.string()), more: z.boolean() })
/** The tags that a repository lists, requested only if a manifest is absent: even its own may be listed. */
export type OtherTags = z.infer<typeof otherTags>

const resolution = z.discriminatedUnion('state', [
  z.object({ state: z.literal('found'), digest: z.string(), sizeBytes: z.number() }),
  z.object({
    state: z.literal('absent'),
    refusal: refusalSchema,
    waitedMs: z.number(),
    otherTags: otherTags.exactOptional(),
  }),
])
/** What a tag or digest referred to when it was resolved. */
export type Resolution = z.infer<typeof resolution>

/** How a manifest answered HEAD, which is how runtimes resolve an image before they pull it. */
const manifestHead = z.object({
  status: z.number(),
  /** Without parameters, in lower case; '' if the header is missing. */
  contentType: z.string(),
  /** `Docker-Content-Digest` as it was sent; '' if the header is missing. */
  digest: z.string(),
  /** Absent without the header. */
  lengthBytes: z.number().exactOptional(),
  /** Set for an encoded body, whose length says nothing of the manifest. */
  encoded: z.literal(true).exactOptional(),
})
export type ManifestHead = z.infer<typeof manifestHead>

const targetFact = z.object({
  target,
  /** Its digest leads to the manifest in `manifests` of the repository. */
  first: observedSchema(resolution),
  /** The same at the end of the run; absent for a digest, and where `first` found nothing. */
  last: observedSchema(resolution).exactOptional(),
  /** How the tag answered HEAD at the end of the run; present wherever `last` is. */
  head: observedSchema(manifestHead).exactOptional(),
})
export type TargetFact = z.infer<typeof targetFact>

const use = z.object({
  /** The digest of the manifest that lists the object; '' for a target itself. */
  parent: z.string(),
  /** The field of the parent: `manifests[2]`, `config`, `layers[0]`, `subject`; for a target its reference. */
  field: z.string(),
  /** The size that the parent states, in bytes; undefined for a target. */
  sizeBytes: z.number().exactOptional(),
  mediaType: z.string().exactOptional(),
})
/** Where an object is listed, and how. */
export type Use = z.infer<typeof use>

const role = z.enum(['image', 'attestation', 'referrer', 'subject'])
/** What an object is for, which decides how severe its loss is. */
export type Role = z.infer<typeof role>

const manifestState = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('read'),
    sizeBytes: z.number(),
    contentType: z.string(),
    headerDigest: z.string(),
    document: manifestDocument,
  }),
  z.object({ state: z.literal('absent'), refusal: refusalSchema, elsewhere: z.array(z.string()) }),
  z.object({
    state: z.literal('altered'),
    sizeBytes: z.number(),
    actual: z.string(),
    headerDigest: z.string(),
  }),
  z.object({ state: z.literal('oversized'), limitBytes: z.number() }),
  z.object({
    state: z.literal('malformed'),
    sizeBytes: z.number(),
    contentType: z.string(),
    problem: z.string(),
  }),
])
/** What the registry served under a manifest's digest. */
export type ManifestState = z.infer<typeof manifestState>

const manifestFact = z.object({
  digest: z.string(),
  role,
  uses: z.array(use),
  /** The descriptor in the first parent; absent for the manifest of a target. */
  descriptor: descriptor.exactOptional(),
  observed: observedSchema(manifestState),
  /**
   * How the manifest of a target answered under its digest, which runtimes request after they resolved a tag. `get` is what a GET
   * was answered with; absent where the manifest was read by its digest in the first place, and HEAD found it.
   */
  byDigest: z
    .object({
      head: observedSchema(manifestHead),
      get: observedSchema(z.object({ state: z.enum(['served', 'absent', 'other']) })).exactOptional(),
    })
    .exactOptional(),
  /** Set where the walk stopped, with the limit that was reached. */
  limit: z
    .object({ what: z.enum(['depth', 'width', 'cycle', 'total']), max: z.number(), found: z.number() })
    .exactOptional(),
})
export type ManifestFact = z.infer<typeof manifestFact>

const blobState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('proven'), proof: z.enum(proofs), bytesRead: z.number() }),
  z.object({ state: z.literal('absent'), refusal: refusalSchema }),
  /** The registry announced `announcedBytes`, but its answer ended after `receivedBytes`, twice. */
  z.object({
    state: z.literal('cut'),
    announcedBytes: z.number(),
    receivedBytes: z.number(),
    atLeast: z.boolean(),
  }),
  /** The storage holds another length. `intact`: whether the bytes match the digest; undefined if they were too large to hash. */
  z.object({
    state: z.literal('length'),
    storedBytes: z.number(),
    intact: z.union([z.boolean(), z.undefined()]),
  }),
  z.object({ state: z.literal('altered'), actual: z.string(), sizeBytes: z.number() }),
])
/** What the registry served under a blob's digest. */
export type BlobState = z.infer<typeof blobState>

const blobFact = z.object({
  digest: z.string(),
  role,
  uses: z.array(use),
  descriptor,
  observed: observedSchema(blobState),
  /** The parsed configuration; configurations are read to their end at every depth. */
  config: z
    .discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), value: imageConfig }),
      z.object({ ok: z.literal(false), problem: z.string() }),
    ])
    .exactOptional(),
  /** The digest of the unpacked content, at depth `full`; the problem if it could not be computed. */
  diffId: z
    .discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), value: z.string() }),
      z.object({
        ok: z.literal(false),
        kind: z.enum(['broken', 'limit', 'unsupported']),
        problem: z.string(),
      }),
    ])
    .exactOptional(),
  /** Set if the layer was chosen to be read whole at depth `probe`, and whether the budget allowed it. */
  sample: z.enum(['read', 'over-budget']).exactOptional(),
  /** The last 8 bytes of a gzip layer, where these cannot be the trailer of its stream: checksum, and length modulo 2^32. */
  gzipTrailer: z.object({ crc32: z.number(), isize: z.number() }).exactOptional(),
  /** What was found while the content was unpacked, at depth `full`. */
  unpacked: z
    .object({
      compression: z.enum(compressions),
      /** How many bytes follow the gzip stream. */
      trailingBytes: z.number(),
      /** Whether Go's `archive/tar` can read all headers, and all entries are below the root; absent if the layer could not be decompressed. */
      archive: z.enum(['readable', 'cut', 'invalid', 'escaping']).exactOptional(),
    })
    .exactOptional(),
  /** Set if the descriptor embeds its content in `data` (image-spec, descriptor.md): whether it matches digest and size. */
  inline: z.enum(['matches', 'differs']).exactOptional(),
})
export type BlobFact = z.infer<typeof blobFact>

const repositoryFact = z.object({
  name: z.string(),
  registry: z.string(),
  manifests: z.array(manifestFact),
  blobs: z.array(blobFact),
  /** Whether the repository can be pulled without a login; only with `also_anonymous`. */
  anonymous: observedSchema(
    z.discriminatedUnion('state', [
      z.object({ state: z.literal('public') }),
      z.object({ state: z.literal('refused'), detail: z.string() }),
    ]),
  ).exactOptional(),
  referrers: observedSchema(
    z.object({ count: z.number(), api: z.enum(['referrers', 'tag-schema']) }),
  ).exactOptional(),
})
export type RepositoryFact = z.infer<typeof repositoryFact>

/** Everything observed of the images. */
export const imageSchema = z.object({
  depth,
  /** How far manifests were followed: down to every blob, or along one path each, which is enough to test the network path. */
  extent: z.enum(['whole', 'sample']),
  targets: z.array(targetFact),
  repositories: z.array(repositoryFact),
})
export type ImageFact = z.infer<typeof imageSchema>
