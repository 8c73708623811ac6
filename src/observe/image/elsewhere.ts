import { seen } from '../../core/observed.ts'
import type { ManifestFact } from '../../facts/image.ts'
import { acceptedManifests } from '../../oci/media-types.ts'
import type { Registry } from '../registry/registry.ts'

/** How many missing manifests are looked for in how many repositories; all of them then in those that had one. */
const most = { manifests: 4, repositories: 16 }

/**
 * Looks for missing manifests in the other repositories of a run. One that another repository serves is not
 * lost: only this repository's link to it is.
 */
export async function findElsewhere(
  registry: Registry,
  manifests: ManifestFact[],
  others: string[],
): Promise<void> {
  const absent = manifests.flatMap((fact) => {
    const observed = fact.observed.seen ? fact.observed.value : undefined
    return observed?.state === 'absent' ? [{ digest: fact.digest, observed }] : []
  })
  const look = (some: typeof absent, repositories: string[]) =>
    Promise.all(
      some.flatMap(({ digest, observed }) =>
        repositories.map(async (repository) => {
          if (await serves(registry, repository, digest)) observed.elsewhere.push(repository)
        }),
      ),
    )
  const sample = absent.slice(0, most.manifests)
  await look(sample, others.slice(0, most.repositories))
  const holders = [...new Set(sample.flatMap(({ observed }) => observed.elsewhere))]
  await look(absent.slice(most.manifests), holders)
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
