import type { Descriptor } from '../../../oci/manifest.ts'
import type { BlobFact, ManifestFact, RepositoryFact } from '../../image.ts'
import { blobsListedBy, documentOf, manifestOf } from './graph.ts'

/**
 * The image manifests below a manifest, in the order of the index: the manifest itself if it is an image, or everything that the index
 * and its nested indexes list. Includes missing ones, because their platform is known from the index.
 */
export function imagesBelow(repository: RepositoryFact, manifest: ManifestFact): ManifestFact[] {
  return [...below(repository, manifest, new Set())].filter(({ role }) => role === 'image')
}

/** An image manifest below another, as an index lists it. A manifest that no index lists has no descriptor. */
export interface Entry {
  manifest: ManifestFact
  descriptor?: Descriptor
}

/** Every entry of an index and its nested indexes that is not itself an index that was read; the manifest itself if it is no index. */
export function entriesBelow(repository: RepositoryFact, root: ManifestFact): Entry[] {
  return [...entries(repository, { manifest: root }, new Set())]
}

function* entries(repository: RepositoryFact, entry: Entry, visited: Set<string>): Generator<Entry> {
  const document = documentOf(entry.manifest)
  if (document?.kind !== 'index') {
    yield entry
    return
  }
  if (visited.has(entry.manifest.digest)) return
  visited.add(entry.manifest.digest)
  for (const descriptor of document.children) {
    const manifest = manifestOf(repository, descriptor.digest)
    if (manifest) yield* entries(repository, { manifest, descriptor }, visited)
  }
}

/** Everything below a manifest, itself included: each manifest and each blob once. */
export function objectsBelow(
  repository: RepositoryFact,
  root: ManifestFact,
): { manifests: ManifestFact[]; blobs: BlobFact[] } {
  const visited = new Set<string>()
  for (const _ of below(repository, root, visited));
  const digests = [...visited]
  const manifests = digests.flatMap((digest) => manifestOf(repository, digest) ?? [])
  const blobs = new Set(digests.flatMap((digest) => blobsListedBy(repository, digest)))
  return { manifests, blobs: [...blobs] }
}

/** How many attestations there are below a manifest. */
export function attestationsBelow(repository: RepositoryFact, manifest: ManifestFact): number {
  return [...below(repository, manifest, new Set())].filter(({ role }) => role === 'attestation').length
}

/** Yields each manifest once, even if several indexes list it: a hostile graph has many paths through few manifests. */
function* below(
  repository: RepositoryFact,
  manifest: ManifestFact,
  visited: Set<string>,
): Generator<ManifestFact> {
  if (visited.has(manifest.digest)) return
  visited.add(manifest.digest)
  const document = documentOf(manifest)
  if (document?.kind !== 'index') {
    yield manifest
    return
  }
  for (const { digest } of document.children) {
    const child = manifestOf(repository, digest)
    if (child) yield* below(repository, child, visited)
  }
}
