import * as z from 'zod'
import { type Finding, type Status, statuses } from '../../core/finding.ts'
import { type Proof, proofWords } from '../../core/proof.ts'
import type { BlobFact, ManifestFact, RepositoryFact } from '../../facts/image.ts'
import { blobOf, documentOf, platformNames } from '../../facts/queries/image/graph.ts'
import { imagesBelow } from '../../facts/queries/image/members.ts'
import { isWhole, type UnpackedLayers, unpackedLayers } from '../../facts/queries/image/unpacked.ts'
import { shortDigest } from '../../oci/digest.ts'
import { manifestStateOf, manifestStates, objectSchema, objectsOf } from './objects.ts'

const blobs = (proof: Proof) =>
  z.int().describe(`Blobs that were ${proofWords[proof].one}: ${proofWords[proof].means}.`)

export const proofSchema = z.object({
  listed: blobs('listed'),
  opened: blobs('opened'),
  lastByte: blobs('last-byte'),
  whole: blobs('whole'),
  sampled: z.int().describe('Layers among them that were read whole as a sample (`sample`).'),
  notSampled: z
    .int()
    .describe('Layers chosen as a sample that were not read whole: they exceed `probe_budget`.'),
  layers: z.int().describe('How many of the blobs that were read and hashed are layers of an image.'),
  unpacked: z
    .int()
    .describe(`Layers among them that were ${proofWords.unpacked.one}: ${proofWords.unpacked.means}.`),
  unread: z
    .int()
    .describe('Blobs that were not read: hosted elsewhere, absent, damaged, or without an answer.'),
})

export const memberSchema = z.object({
  platform: z.string(),
  digest: z.string(),
  status: z.enum(statuses),
  objects: z.int(),
  sizeBytes: z.int().min(0).describe('Manifest, configuration and layers, as the registry stores them.'),
  proof: proofSchema,
  faults: z.array(z.string()),
  manifest: z.enum(manifestStates).optional().describe('How its manifest stands.'),
  contents: z
    .array(objectSchema)
    .optional()
    .describe(
      'Its configuration and layers; at most 40, and 300 in a report, those of images that are not well first.',
    ),
})
export type ReportMember = z.infer<typeof memberSchema>

/** The platform images of a target, each with what was proven of it and what is wrong with it, by what was found in its repository that is more than a note. */
export function membersOf(
  repository: RepositoryFact,
  root: ManifestFact,
  findings: readonly Finding[],
): ReportMember[] {
  return imagesBelow(repository, root).map((manifest) => memberOf(repository, manifest, findings))
}

function memberOf(
  repository: RepositoryFact,
  manifest: ManifestFact,
  findings: readonly Finding[],
): ReportMember {
  const document = documentOf(manifest)
  const named = document?.kind === 'image' ? [document.config, ...document.layers] : []
  const digests = new Set(named.map(({ digest }) => digest))
  const own = [...digests].flatMap((digest) => blobOf(repository, digest) ?? [])
  const faults = findings.filter(
    ({ digest }) => digest !== undefined && (digest === manifest.digest || digests.has(digest)),
  )
  return {
    platform: platformNames(repository, manifest).join(', '),
    digest: manifest.digest,
    status: statusOf(manifest, own, faults),
    objects: 1 + own.length,
    sizeBytes: sumOf([sizeOf(manifest), ...own.map(({ descriptor }) => descriptor.size)]),
    proof: proofOf(own, unpackedLayers(repository, [manifest])),
    faults: faults.map((finding) => faultLine(finding, manifest)),
    manifest: manifestStateOf(manifest),
    contents: objectsOf(document?.kind === 'image' ? document.config.digest : undefined, own),
  }
}

function statusOf(manifest: ManifestFact, own: BlobFact[], faults: Finding[]): Status {
  if (faults.some(({ severity }) => severity === 'error')) return 'fail'
  if (!manifest.observed.seen || own.some(({ observed }) => !observed.seen)) return 'unknown'
  if (manifest.observed.value.state === 'absent') return 'off'
  return faults.length > 0 ? 'warn' : 'pass'
}

/** How many of these blobs were proven, by how, and how many layers were unpacked. */
export function proofOf(
  own: readonly BlobFact[],
  { layers, unpacked }: UnpackedLayers,
): ReportMember['proof'] {
  const count = (proof: Proof) =>
    own.filter(
      ({ observed }) => observed.seen && observed.value.state === 'proven' && observed.value.proof === proof,
    ).length
  const proofs = {
    listed: count('listed'),
    opened: count('opened'),
    lastByte: count('last-byte'),
    whole: count('whole'),
  }
  const unread = own.length - Object.values(proofs).reduce((sum, some) => sum + some, 0)
  const sampled = own.filter((blob) => blob.sample === 'read' && isWhole(blob)).length
  const notSampled = own.filter(({ sample }) => sample === 'over-budget').length
  return { ...proofs, sampled, notSampled, layers, unpacked, unread }
}

function faultLine({ digest, message }: Finding, manifest: ManifestFact): string {
  const kind = digest === manifest.digest ? 'manifest' : 'blob'
  return `${kind} ${shortDigest(digest ?? '')} ${message}`
}

/** What a manifest takes, in bytes; 0 where it was not read. */
export const sizeOf = ({ observed }: ManifestFact): number =>
  observed.seen && 'sizeBytes' in observed.value ? observed.value.sizeBytes : 0

/** A sum that stays a safe integer, whatever sizes a hostile manifest names. */
export const sumOf = (sizes: number[]): number =>
  Math.min(
    Number.MAX_SAFE_INTEGER,
    sizes.reduce((sum, size) => sum + size, 0),
  )
