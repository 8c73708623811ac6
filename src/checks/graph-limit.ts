import { defineCheck, type ManifestFact } from '../model.ts'
import { count } from '../oci/units.ts'
import { manifestsIn, objectOf } from './graph.ts'

export default defineCheck({
  id: 'graph-limit',
  group: 'image',
  title: 'the image graph is of a size that can be walked',
  fault: 'The image graph goes beyond what any real image has; the rest of it was not looked at.',
  severity: 'error',
  advice: 'Push a plainer index: nested at most 8 deep, at most 1,024 children each.',
  needs: ['image'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) =>
      manifest.limit ? [{ ...objectOf(repository, manifest), message: limitText(manifest.limit) }] : [],
    ),
})

function limitText({ what, max, found }: NonNullable<ManifestFact['limit']>): string {
  if (what === 'cycle') return 'it contains itself'
  if (what === 'depth') return `indexes are nested more than ${max} deep`
  if (what === 'width') return `it lists ${count(found, 'child', 'children')}; ${max} were looked at`
  return `more than ${max} objects hang from the targets`
}
