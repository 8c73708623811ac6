import type { Fault } from '../../core/finding.ts'
import { count } from '../../core/units.ts'
import { scanHint } from '../../explain/storage/hint.ts'
import type { ManifestFact, RepositoryFact, Use } from '../../facts/image.ts'
import { manifestOf, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { imagesBelow } from '../../facts/queries/image/members.ts'
import { shortDigest } from '../../oci/digest.ts'
import { isIndexType } from '../../oci/media-types.ts'
import { defineCheck } from '../define.ts'

const advice = 'Rebuild and push again, then stop what deletes them.'

export default defineCheck({
  id: 'orphaned-index',
  group: 'image',
  title: 'every platform image listed by an index exists',
  fault: 'Orphaned index: the index exists, but platform images it lists are gone.',
  severity: 'error',
  advice,
  reads: ['image.manifests'],
  run: ({ image }, settings) => {
    if (settings.mirror) return []
    const titles = new Map<ManifestFact, string>()
    return [...manifestsIn(image)].flatMap(({ repository, manifest }) =>
      faults(repository, manifest, titles).map((fault) => ({
        ...fault,
        advice: `${advice}${scanHint(repository.registry, settings)}`,
      })),
    )
  },
})

/** `titles` keeps the title of each top index, which a lost image of a large one would otherwise count anew. */
function faults(
  repository: RepositoryFact,
  manifest: ManifestFact,
  titles: Map<ManifestFact, string>,
): Fault[] {
  const { observed, role, uses } = manifest
  if (role !== 'image' || !observed.seen || observed.value.state !== 'absent') return []
  const { refusal, elsewhere } = observed.value
  const parent = indexOf(uses)
  const top = parent === undefined ? undefined : topOf(repository, parent)
  if (parent === undefined || top === undefined || elsewhere.length > 0) return []
  const title = titles.get(top) ?? titleOf(repository, top)
  titles.set(top, title)
  return [
    {
      ...objectOf(repository, manifest),
      message: `${refusal.status} ${refusal.code}`.trimEnd(),
      expected: `a manifest (listed by the index ${shortDigest(parent)})`,
      actual: 'no such manifest in this repository',
      absent: true,
      cause: `${repository.name}@${top.digest}`,
      title,
      because:
        'registry 2.x leaves this behind after “garbage-collect --delete-untagged”; so do cleanup jobs that delete untagged versions.',
    },
  ]
}

/** The digest of an index that lists a manifest. */
const indexOf = (uses: Use[]): string | undefined =>
  uses.find(({ field }) => field.startsWith('manifests['))?.parent

/** The index that a target refers to, on the way up from an index. `passed` ends the way in a graph that contains itself. */
function topOf(
  repository: RepositoryFact,
  digest: string,
  passed = new Set<string>(),
): ManifestFact | undefined {
  const index = manifestOf(repository, digest)
  if (index === undefined || index.uses.some(({ parent }) => parent === '')) return index
  const above = indexOf(index.uses)
  passed.add(digest)
  return above === undefined || passed.has(above) ? index : (topOf(repository, above, passed) ?? index)
}

/** Counts the platform images of the whole tree, nested indexes included; how many images a lost index listed is unknown. */
function titleOf(repository: RepositoryFact, top: ManifestFact): string {
  const listed = imagesBelow(repository, top)
  const [indexes, images] = [listed.filter(isIndex), listed.filter((one) => !isIndex(one))]
  const goneIndexes = indexes.filter(isGone).length
  const gone = images.filter(isGone).length
  const parts = [
    ...(goneIndexes > 0 ? [`${count(goneIndexes, 'nested index', 'nested indexes')} with all images`] : []),
    ...(gone > 0 ? [`${gone} of ${images.length} platform images`] : []),
  ]
  const verb = goneIndexes + gone === 1 ? 'is' : 'are'
  return `Orphaned index: the index exists, ${parts.join(' and ')} ${verb} gone.`
}

const isGone = ({ observed }: ManifestFact): boolean => observed.seen && observed.value.state === 'absent'
const isIndex = ({ descriptor }: ManifestFact): boolean =>
  descriptor !== undefined && isIndexType(descriptor.mediaType)
