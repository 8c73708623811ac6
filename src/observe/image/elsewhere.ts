import { seen } from '../../core/observed.ts'
import type { ManifestFact } from '../../facts/image.ts'
import { acceptedManifests } from '../../oci/media-types.ts'
import type { Registry } from '../registry/registry.ts'

/** How many missing manifests are searched for in how many repositories; the others then only where one of these was found. */
const sampleSize = { manifests: 4, repositories: 16 }

/**
 * Searches the other repositories of a run for missing manifests. A manifest that another repository serves is not lost, only
 * its link in this repository.
 */
export async function findElsewhere(
  registry: Registry,
  manifests: ManifestFact[],
  others: () => string[],
): Promise<void> {
  const absent = manifests.flatMap((fact) => {
    const observed = fact.observed.seen ? fact.observed.value : undefined
    return observed?.state === 'absent' ? [{ digest: fact.digest, observed }] : []
  })
  if (absent.length === 0) return
  const repositories = others()
  const search = (wanted: typeof absent, among: string[]) =>
    Promise.all(
      wanted.flatMap(({ digest, observed }) =>
        among.map(async (repository) => {
          if (await serves(registry, repository, digest)) observed.elsewhere.push(repository)
        }),
      ),
    )
  const sample = absent.slice(0, sampleSize.manifests)
  await search(sample, repositories.slice(0, sampleSize.repositories))
  const holders = [...new Set(sample.flatMap(({ observed }) => observed.elsewhere))]
  await search(absent.slice(sampleSize.manifests), holders)
}

async function serves(registry: Registry, repository: string, digest: string): Promise<boolean> {
  const request = {
    method: 'HEAD',
    path: `manifests/${digest}`,
    headers: { accept: acceptedManifests },
  } as const
  const answer = await registry.request(repository, request, async (response) => {
    response.discard()
    return seen(response.status === 200)
  })
  return answer.seen && answer.value
}
