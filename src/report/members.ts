import type { BlobFact, Finding, ManifestFact, RepositoryFact, Status } from '../core/model.ts'
import { documentOf, platformOf } from '../facts/queries/image/graph.ts'
import { imagesBelow } from '../facts/queries/image/members.ts'
import { shortDigest } from '../oci/digest.ts'
import { platformName } from '../oci/platform.ts'
import type { ReportMember } from './schema.ts'

/** The platform images of a target, each with what was proven of it and what is wrong with it. */
export function membersOf(
  repository: RepositoryFact,
  root: ManifestFact,
  findings: Finding[],
): ReportMember[] {
  const blobs = new Map(repository.blobs.map((blob) => [blob.digest, blob]))
  return imagesBelow(repository, root).map((manifest) => memberOf(repository, manifest, blobs, findings))
}

function memberOf(
  repository: RepositoryFact,
  manifest: ManifestFact,
  blobs: Map<string, BlobFact>,
  findings: Finding[],
): ReportMember {
  const platform = platformOf(repository, manifest)
  const document = documentOf(manifest)
  const named = document?.kind === 'image' ? [document.config, ...document.layers] : []
  const digests = new Set(named.map(({ digest }) => digest))
  const own = [...digests].flatMap((digest) => blobs.get(digest) ?? [])
  const faults = findings.filter(
    ({ repository: name, digest, severity }) =>
      name === repository.name &&
      severity !== 'note' &&
      digest !== undefined &&
      (digest === manifest.digest || digests.has(digest)),
  )
  const size = manifest.sight.seen && 'sizeBytes' in manifest.sight.value ? manifest.sight.value.sizeBytes : 0
  return {
    platform: platform ? platformName(platform) : '',
    digest: manifest.digest,
    status: statusOf(manifest, own, faults),
    objects: 1 + own.length,
    sizeBytes: sumOf([size, ...own.map(({ descriptor }) => descriptor.size)]),
    proof: proofOf(own),
    faults: faults.map((finding) => faultLine(finding, manifest)),
  }
}

function statusOf(manifest: ManifestFact, own: BlobFact[], faults: Finding[]): Status {
  if (faults.some(({ severity }) => severity === 'error')) return 'fail'
  if (!manifest.sight.seen || own.some(({ sight }) => !sight.seen)) return 'unknown'
  if (manifest.sight.value.state === 'absent') return 'off'
  return faults.length > 0 ? 'warn' : 'pass'
}

function proofOf(own: BlobFact[]): ReportMember['proof'] {
  const count = (proof: string) =>
    own.filter(({ sight }) => sight.seen && sight.value.state === 'proven' && sight.value.proof === proof)
      .length
  return {
    listed: count('listed'),
    lastByte: count('last-byte'),
    whole: count('whole'),
    opened: count('opened'),
  }
}

function faultLine({ digest, message }: Finding, manifest: ManifestFact): string {
  const kind = digest === manifest.digest ? 'manifest' : 'blob'
  return `${kind} ${shortDigest(digest ?? '')} ${message}`
}

/** A sum that stays a safe integer, whatever sizes a hostile manifest names. */
export const sumOf = (sizes: number[]): number =>
  Math.min(
    Number.MAX_SAFE_INTEGER,
    sizes.reduce((sum, size) => sum + size, 0),
  )
