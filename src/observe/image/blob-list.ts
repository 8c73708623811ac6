import { unseen } from '../../core/observed.ts'
import type { BlobFact, ManifestFact, Role, Use } from '../../facts/image.ts'
import type { Descriptor } from '../../oci/manifest.ts'

/** More blobs than any image has; what a hostile manifest names beyond is cut off and reported. */
export const blobLimit = 50_000

/** A blob to look at, and whether it is an image's configuration. */
export interface ListedBlob {
  fact: BlobFact
  isConfig: boolean
}

/** Every blob that the manifests name, once, smallest first; with all who name it. */
export function listBlobs(manifests: Iterable<ManifestFact>, host: string): ListedBlob[] {
  const found = new Map<string, ListedBlob>()
  for (const manifest of manifests) {
    for (const { descriptor, field } of namedBlobs(manifest)) {
      const use: Use = {
        parent: manifest.digest,
        field,
        sizeBytes: descriptor.size,
        mediaType: descriptor.mediaType,
      }
      const known = found.get(descriptor.digest)
      if (known) {
        known.fact.uses.push(use)
        known.isConfig ||= field === 'config'
        if (manifest.role === 'image') known.fact.role = 'image'
        continue
      }
      if (found.size >= blobLimit) {
        manifest.limit ??= { what: 'total', max: blobLimit, found: blobLimit + 1 }
        break
      }
      found.set(descriptor.digest, {
        fact: blobFact(descriptor, manifest.role, use, host),
        isConfig: field === 'config',
      })
    }
  }
  return [...found.values()].sort((a, b) => a.fact.descriptor.size - b.fact.descriptor.size)
}

function namedBlobs({ observed, role }: ManifestFact): { descriptor: Descriptor; field: string }[] {
  if (!observed.seen || observed.value.state !== 'read' || role === 'subject') return []
  const { document } = observed.value
  const numbered = (descriptors: Descriptor[], name: string) =>
    descriptors.map((descriptor, at) => ({ descriptor, field: `${name}[${at}]` }))
  if (document.kind === 'image') {
    return [{ descriptor: document.config, field: 'config' }, ...numbered(document.layers, 'layers')]
  }
  return document.kind === 'artifact' ? numbered(document.blobs, 'blobs') : []
}

function blobFact(descriptor: Descriptor, role: Role, use: Use, host: string): BlobFact {
  const why = {
    kind: 'run-stopped' as const,
    host,
    phase: 'request' as const,
    detail: 'the run ended before it was asked for',
    evidence: [],
  }
  return { digest: descriptor.digest, role, uses: [use], descriptor, observed: unseen(why) }
}
