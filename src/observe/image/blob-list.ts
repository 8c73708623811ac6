import { unseen } from '../../core/observed.ts'
import type { BlobFact, ManifestFact, Role, Use } from '../../facts/image.ts'
import type { Descriptor } from '../../oci/manifest.ts'
import { isManifestEntry } from '../../oci/runnable.ts'

/** More blobs than any real image has. What a hostile manifest lists beyond this is ignored and reported. */
export const maxBlobs = 50_000

/** A blob to inspect, and whether it is the configuration of an image. */
export interface ListedBlob {
  fact: BlobFact
  isConfig: boolean
}

/** Every blob that the manifests list, each once and with all its uses, smallest first. */
export function listBlobs(manifests: Iterable<ManifestFact>, host: string): ListedBlob[] {
  const found = new Map<string, ListedBlob>()
  for (const manifest of manifests) {
    for (const { descriptor, field } of blobDescriptors(manifest)) {
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
      if (found.size >= maxBlobs) {
        manifest.limit ??= { what: 'total', max: maxBlobs, found: maxBlobs + 1 }
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

function blobDescriptors({ observed, role }: ManifestFact): { descriptor: Descriptor; field: string }[] {
  if (!observed.seen || observed.value.state !== 'read' || role === 'subject') return []
  const { document } = observed.value
  const indexed = (descriptors: Descriptor[], name: string) =>
    descriptors.map((descriptor, index) => ({ descriptor, field: `${name}[${index}]` }))
  if (document.kind === 'image') {
    return [{ descriptor: document.config, field: 'config' }, ...indexed(document.layers, 'layers')]
  }
  if (document.kind === 'index')
    return indexed(document.children, 'manifests').filter(({ descriptor }) => !isManifestEntry(descriptor))
  return document.kind === 'artifact' ? indexed(document.blobs, 'blobs') : []
}

function blobFact(descriptor: Descriptor, role: Role, use: Use, host: string): BlobFact {
  const why = {
    kind: 'run-stopped' as const,
    host,
    phase: 'request' as const,
    detail: 'the run ended before it was requested',
    evidence: [],
  }
  return { digest: descriptor.digest, role, uses: [use], descriptor, observed: unseen(why) }
}
