import { count } from '../../core/units.ts'
import type { ManifestFact, RepositoryFact } from '../../facts/image.ts'
import { manifestOf, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { shortDigest } from '../../oci/digest.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'graph-limit',
  group: 'image',
  title: 'the image graph is within the limits',
  fault: 'Graph limit reached: the image graph exceeds what any real image has; the rest was not inspected.',
  severity: 'error',
  advice: 'Push a simpler index: nested at most 8 levels deep, with at most 1,024 children each.',
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

/** The path from the target down to a manifest, through the first parent of each. */
function pathTo(repository: RepositoryFact, manifest: ManifestFact): string {
  const path = [manifest.digest]
  let parent = manifest.uses[0]?.parent
  while (parent && !path.includes(parent)) {
    path.unshift(parent)
    parent = manifestOf(repository, parent)?.uses[0]?.parent
  }
  return `path: ${path.map(shortDigest).join(' → ')}`
}

function limitText({ what, max, found }: NonNullable<ManifestFact['limit']>): string {
  if (what === 'cycle') return 'the index contains itself'
  if (what === 'depth') return `indexes are nested more than ${max} levels deep`
  if (what === 'width')
    return `the index lists ${count(found, 'child', 'children')}; only ${max} were inspected`
  return `the targets lead to more than ${max} objects`
}
