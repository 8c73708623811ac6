import type { RepositoryFact, TargetFact } from '../../facts/image.ts'
import { documentOf, manifestOf } from '../../facts/queries/image/graph.ts'
import { attestationsBelow, imagesBelow } from '../../facts/queries/image/members.ts'
import { isIndexType } from '../../oci/media-types.ts'
import { referenceName, repositoryName } from '../../oci/reference.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'attestation-not-listed',
  group: 'image',
  title: 'an image that was to be attested is',
  fault: 'The build was told to attest the image, and no attestation was pushed with it.',
  severity: 'warning',
  advice:
    'Look in the log of the build for the attestation; an output that goes through docker push loses it.',
  reads: ['image.manifests'],
  run: ({ image }, settings) => {
    const wanted = [asked('provenance', settings.provenance), asked('sbom', settings.sbom)].filter(Boolean)
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

/** `sbom: true`, where that asks for one; buildx takes `false` and `disabled=true` for no. */
function asked(name: string, value: string | undefined): string | undefined {
  const no = value === undefined || /^(?:false|0|no|off)$|(?:^|,)disabled=true(?:,|$)/i.test(value)
  return no ? undefined : `${name}: ${value}`
}

/** True for an image, or an index of images, that was seen to its ends and has no attestation. */
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
