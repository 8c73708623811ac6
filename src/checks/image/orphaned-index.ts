import type { Fault } from '../../core/finding.ts'
import type { ManifestFact, RepositoryFact } from '../../facts/image.ts'
import { documentOf, manifestOf, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { shortDigest } from '../../oci/digest.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'orphaned-index',
  group: 'image',
  title: 'every platform image listed by an index exists',
  fault: 'Orphaned index: the index exists, but platform images it lists are gone.',
  severity: 'error',
  advice:
    'Rebuild and push again: nothing left on the registry can restore them. Then stop what deletes them.',
  reads: ['image.manifests'],
  run: ({ image }, { mirror }) => {
    if (mirror) return []
    return [...manifestsIn(image)].flatMap(({ repository, manifest }) => faults(repository, manifest))
  },
})

function faults(repository: RepositoryFact, manifest: ManifestFact): Fault[] {
  const { observed, role, uses } = manifest
  if (role !== 'image' || !observed.seen || observed.value.state !== 'absent') return []
  const { refusal, elsewhere } = observed.value
  const parent = uses.find(({ field }) => field.startsWith('manifests['))?.parent
  if (parent === undefined || elsewhere.length > 0) return []
  return [
    {
      ...objectOf(repository, manifest),
      message: `${refusal.status} ${refusal.code}`.trimEnd(),
      expected: `a manifest (listed by the index ${shortDigest(parent)})`,
      actual: 'no such manifest in this repository',
      absent: true,
      cause: `${repository.name}@${parent}`,
      title: titleOf(repository, parent),
      because:
        'registry 2.x leaves this behind after “garbage-collect --delete-untagged”; so do cleanup jobs that delete untagged versions.',
    },
  ]
}

function titleOf(repository: RepositoryFact, parent: string): string {
  const index = manifestOf(repository, parent)
  const document = index && documentOf(index)
  const children = document?.kind === 'index' ? document.children : []
  const images = children
    .map(({ digest }) => manifestOf(repository, digest))
    .filter((child) => child?.role === 'image')
  const gone = images.filter((child) => child?.observed.seen && child.observed.value.state === 'absent')
  return `Orphaned index: the index exists, ${gone.length} of ${images.length} platform images are gone.`
}
