import type { RepositoryFact, TargetFact } from '../../facts/image.ts'
import { documentOf, manifestOf } from '../../facts/queries/image/graph.ts'
import { attestationsBelow, imagesBelow } from '../../facts/queries/image/members.ts'
import { isIndexType } from '../../oci/media-types.ts'
import { referenceName, repositoryName } from '../../oci/reference.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'attestation-not-listed',
  group: 'image',
  title: 'an image built with attestations lists them',
  fault: 'Attestation not pushed: `provenance` or `sbom` is set, but the image lists no attestation.',
  severity: 'warning',
  advice:
    'Search the build log for “attestation manifest”; an output that goes through “docker push” loses attestations.',
  reads: ['image.manifests'],
  run: ({ image }, settings) => {
    const wanted = [requested('provenance', settings.provenance), requested('sbom', settings.sbom)].filter(
      Boolean,
    )
    if (wanted.length === 0 || settings.mirror) return []
    return image.targets.flatMap((fact) => {
      const repository = image.repositories.find(({ name }) => name === repositoryName(fact.target.reference))
      if (!repository || !hasNone(repository, fact)) return []
      return [
        {
          subject: referenceName(fact.target.reference),
          message: 'lists no attestation',
          expected: wanted.join(', '),
          actual: 'images only',
          cause: repository.name,
        },
      ]
    })
  },
})

/** The setting as `sbom: true` where it requests an attestation; buildx reads `false` and `disabled=true` as no. */
function requested(name: string, value: string | undefined): string | undefined {
  const disabled = value === undefined || /^(?:false|0|no|off)$|(?:^|,)disabled=true(?:,|$)/i.test(value)
  return disabled ? undefined : `${name}: ${value}`
}

/** True for an image, or an index of images, that was read completely and has no attestation. */
function hasNone(repository: RepositoryFact, { first }: TargetFact): boolean {
  if (!first.seen || first.value.state !== 'found') return false
  const root = manifestOf(repository, first.value.digest)
  const document = root && documentOf(root)
  if (!root || !document || document.kind === 'schema1') return false
  if (document.kind === 'image' && document.artifactType !== '') return false
  const unread = imagesBelow(repository, root).some(
    (manifest) => !documentOf(manifest) && isIndexType(manifest.descriptor?.mediaType ?? ''),
  )
  return !unread && attestationsBelow(repository, root) === 0
}
