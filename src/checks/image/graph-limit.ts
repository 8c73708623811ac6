import { count } from '../../core/units.ts'
import type { ManifestFact, RepositoryFact } from '../../facts/image.ts'
import { manifestOf, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { shortDigest } from '../../oci/digest.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'graph-limit',
  group: 'image',
  title: 'the image graph is of a size that can be walked',
  fault: 'The image graph goes beyond what any real image has; the rest of it was not looked at.',
  severity: 'error',
  advice: 'Push a plainer index: nested at most 8 deep, at most 1,024 children each.',
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) =>
      manifest.limit
        ? [
            {
              ...objectOf(repository, manifest),
              message: limitText(manifest.limit),
              evidence: [pathTo(repository, manifest)],
            },
          ]
        : [],
    ),
})

/** The way from the target down to a manifest, by the first who names each. */
function pathTo(repository: RepositoryFact, manifest: ManifestFact): string {
  const path = [manifest.digest]
  let above = manifest.uses[0]?.parent
  while (above && !path.includes(above)) {
    path.unshift(above)
    above = manifestOf(repository, above)?.uses[0]?.parent
  }
  return `path: ${path.map(shortDigest).join(' → ')}`
}

function limitText({ what, max, found }: NonNullable<ManifestFact['limit']>): string {
  if (what === 'cycle') return 'it contains itself'
  if (what === 'depth') return `indexes are nested more than ${max} deep`
  if (what === 'width') return `it lists ${count(found, 'child', 'children')}; ${max} were looked at`
  return `more than ${max} objects hang from the targets`
}
