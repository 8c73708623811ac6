import * as z from 'zod'
import { observedSchema } from '../core/observed.ts'
import { imageConfig } from '../oci/config.ts'
import { descriptor, manifestDocument } from '../oci/manifest.ts'
import { referenceSchema } from '../oci/reference.ts'

const depth = z.enum(['head', 'probe', 'full'])
/** How much a run reads of each blob: that it is listed, that its last byte is served, or all of it. */
export type Depth = z.infer<typeof depth>

export const refusalSchema = z.object({ status: z.number(), code: z.string(), message: z.string() })
/** A registry's own error answer for something it does not serve. */
export type Refusal = z.infer<typeof refusalSchema>

const target = z.object({
  reference: referenceSchema,
  /** The digest that the push reported, from `expect_digest`, `metadata_file` or `digest_file`. */
  expected: z.object({ digest: z.string(), from: z.string() }).exactOptional(),
})
/** A tag or digest to verify. */
export type Target = z.infer<typeof target>

const neighbours = z.object({ tags: z.array(z.string()), more: z.boolean() })
/** What else a repository holds, asked only when a tag is absent. */
export type Neighbours = z.infer<typeof neighbours>

const resolution = z.discriminatedUnion('state', [
  z.object({ state: z.literal('found'), digest: z.string(), sizeBytes: z.number() }),
  z.object({
    state: z.literal('absent'),
    refusal: refusalSchema,
    waitedMs: z.number(),
    neighbours: neighbours.exactOptional(),
  }),
])
/** What a tag or digest named when it was asked. */
export type Resolution = z.infer<typeof resolution>

const targetFact = z.object({
  target,
  /** The fact of the manifest the target named, by its digest, is in the repository's `manifests`. */
  first: observedSchema(resolution),
  /** The same question at the end of the walk; absent for a digest and where the first was not answered. */
  last: observedSchema(resolution).exactOptional(),
})
export type TargetFact = z.infer<typeof targetFact>

const use = z.object({
  /** The digest of the manifest that names it; '' for a target itself. */
  parent: z.string(),
  /** Which of the parent's fields: `manifests[2]`, `config`, `layers[0]`, `subject`, or the tag. */
  field: z.string(),
  /** The size that the parent says, in bytes; undefined for a target. */
  sizeBytes: z.number().exactOptional(),
  mediaType: z.string().exactOptional(),
})
/** Who names an object, and as what. */
export type Use = z.infer<typeof use>

const role = z.enum(['image', 'attestation', 'referrer', 'subject'])
/** What an object is for: it decides how bad its loss is. */
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
  /** The first parent's descriptor; absent for what a target names. */
  descriptor: descriptor.exactOptional(),
  observed: observedSchema(manifestState),
  /** Set where the walk went no further, with the limit that was reached. */
  limit: z
    .object({ what: z.enum(['depth', 'width', 'cycle', 'total']), max: z.number(), found: z.number() })
    .exactOptional(),
})
export type ManifestFact = z.infer<typeof manifestFact>

const proof = z.enum(['listed', 'last-byte', 'whole', 'opened'])
/** How a blob was proven: nothing is claimed beyond it. */
export type Proof = z.infer<typeof proof>

const blobState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('proven'), proof, bytesRead: z.number() }),
  z.object({ state: z.literal('absent'), refusal: refusalSchema }),
  /** The registry announced `announcedBytes` twice, and its answer ended after `receivedBytes`, twice. */
  z.object({
    state: z.literal('cut'),
    announcedBytes: z.number(),
    receivedBytes: z.number(),
    atLeast: z.boolean(),
  }),
  /** The storage holds another length. `intact`: its bytes have the right digest; undefined: too large to hash. */
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
  /** A configuration is always read whole. */
  config: z
    .discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), value: imageConfig }),
      z.object({ ok: z.literal(false), problem: z.string() }),
    ])
    .exactOptional(),
  /** The digest of the uncompressed content, at depth `full`; the problem where it could not be computed. */
  diffId: z
    .discriminatedUnion('ok', [
      z.object({ ok: z.literal(true), value: z.string() }),
      z.object({ ok: z.literal(false), kind: z.enum(['broken', 'limit']), problem: z.string() }),
    ])
    .exactOptional(),
  /** The descriptor carries the content itself; does it match? (image-spec, descriptor.md, `data`) */
  inline: z.enum(['matches', 'differs']).exactOptional(),
})
export type BlobFact = z.infer<typeof blobFact>

const repositoryFact = z.object({
  name: z.string(),
  registry: z.string(),
  manifests: z.array(manifestFact),
  blobs: z.array(blobFact),
  /** The same, asked without a login, where `also_anonymous` wants it. */
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
  /** How far manifests were followed: to the last blob, or along one way down each, which is all that the path needs. */
  extent: z.enum(['whole', 'sample']),
  targets: z.array(targetFact),
  repositories: z.array(repositoryFact),
})
export type ImageFact = z.infer<typeof imageSchema>
