import type { BlobFact, ManifestFact, RepositoryFact } from '../../image.ts'
import { documentOf, manifestOf } from './graph.ts'

/**
 * The image manifests that a manifest leads to, in the order an index lists them: itself, or what its index and the
 * indexes in it list; also those that are gone, because their platform is known all the same.
 */
export function imagesBelow(repository: RepositoryFact, manifest: ManifestFact): ManifestFact[] {
  return [...below(repository, manifest, new Set())].filter(({ role }) => role === 'image')
}

/** Everything that a manifest leads to, itself included: each manifest and each blob once. */
export function objectsBelow(
  repository: RepositoryFact,
  root: ManifestFact,
): { manifests: ManifestFact[]; blobs: BlobFact[] } {
  const visited = new Set<string>()
  for (const _ of below(repository, root, visited));
  const manifests = repository.manifests.filter(({ digest }) => visited.has(digest))
  const blobs = repository.blobs.filter(({ uses }) => uses.some(({ parent }) => visited.has(parent)))
  return { manifests, blobs }
}

/** How many attestations a manifest leads to. */
export function attestationsBelow(repository: RepositoryFact, manifest: ManifestFact): number {
  return [...below(repository, manifest, new Set())].filter(({ role }) => role === 'attestation').length
}

/** Each manifest once, however often indexes list it: a hostile graph of few manifests has many ways through it. */
function* below(
  repository: RepositoryFact,
  manifest: ManifestFact,
  met: Set<string>,
): Generator<ManifestFact> {
  if (met.has(manifest.digest)) return
  met.add(manifest.digest)
  const document = documentOf(manifest)
  if (document?.kind !== 'index') {
    yield manifest
    return
  }
  for (const { digest } of document.children) {
    const child = manifestOf(repository, digest)
    if (child) yield* below(repository, child, met)
  }
}
