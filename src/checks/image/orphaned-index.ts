import { defineCheck, type Fault, type ManifestFact, type RepositoryFact } from '../../core/model.ts'
import { documentOf, manifestOf, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { shortDigest } from '../../oci/digest.ts'

export default defineCheck({
  id: 'orphaned-index',
  group: 'image',
  title: 'every platform image of an index is there',
  fault: 'An index is there, and platform images that it lists are gone: orphaned index.',
  severity: 'error',
  advice:
    'Rebuild and push again: nothing left on the registry can restore them. Then stop what deletes them.',
  needs: ['image'],
  run: ({ image }, { mirror }) => {
    if (mirror) return []
    return [...manifestsIn(image)].flatMap(({ repository, manifest }) => faults(repository, manifest))
  },
})

function faults(repository: RepositoryFact, manifest: ManifestFact): Fault[] {
  const { sight, role, uses } = manifest
  if (role !== 'image' || !sight.seen || sight.value.state !== 'absent') return []
  const { refusal, elsewhere } = sight.value
  const parent = uses.find(({ field }) => field.startsWith('manifests['))?.parent
  if (parent === undefined || elsewhere.length > 0) return []
  return [
    {
      ...objectOf(repository, manifest),
      message: `${refusal.status} ${refusal.code}`.trimEnd(),
      expected: `a manifest, listed by the index ${shortDigest(parent)}`,
      actual: 'nothing in this repository',
      cause: `${repository.name}@${parent}`,
      title: titleOf(repository, parent),
      because:
        'registry 2.x leaves this after “garbage-collect --delete-untagged”; so do cleanup jobs that delete untagged versions.',
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
  const gone = images.filter((child) => child?.sight.seen && child.sight.value.state === 'absent')
  return `The index is there, ${gone.length} of ${images.length} platform images are gone: orphaned index.`
}
