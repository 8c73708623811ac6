import type { ManifestFact } from '../../core/model.ts'
import { acceptedManifests } from '../../oci/media-types.ts'
import { seen } from '../http/failures.ts'
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
    const sight = fact.sight.seen ? fact.sight.value : undefined
    return sight?.state === 'absent' ? [{ digest: fact.digest, sight }] : []
  })
  const look = (some: typeof absent, repositories: string[]) =>
    Promise.all(
      some.flatMap(({ digest, sight }) =>
        repositories.map(async (repository) => {
          if (await serves(registry, repository, digest)) sight.elsewhere.push(repository)
        }),
      ),
    )
  const sample = absent.slice(0, most.manifests)
  await look(sample, others.slice(0, most.repositories))
  const holders = [...new Set(sample.flatMap(({ sight }) => sight.elsewhere))]
  await look(absent.slice(most.manifests), holders)
}

async function serves(registry: Registry, repository: string, digest: string): Promise<boolean> {
  const ask = { method: 'HEAD', path: `manifests/${digest}`, headers: { accept: acceptedManifests } } as const
  const answer = await registry.ask(repository, ask, async (reply) => {
    reply.discard()
    return seen(reply.status === 200)
  })
  return answer.seen && answer.value
}
