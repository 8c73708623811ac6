import type { Target } from '../../facts/image.ts'
import type { Reference } from '../../oci/reference.ts'
import { inTurn } from '../http/limit.ts'
import type { Registry } from '../registry/registry.ts'

/**
 * Begins a repository more where those before it leave requests to spare, so that a registry of thousands is not held in memory as what is
 * yet to do. No registry waits for another. Gives the results in the order of the repositories.
 */
export async function byTurns<R>(
  repositories: readonly Target[][],
  registryOf: (reference: Reference) => Registry,
  observe: (targets: Target[]) => Promise<R>,
): Promise<R[]> {
  const results = new Map<Target[], R>()
  const registries = Map.groupBy(repositories, ([first]) => first && registryOf(first.reference))
  await Promise.all(
    [...registries].map(([registry, own]) =>
      inTurn(
        async () => registry?.room(true),
        own,
        async (targets) => {
          results.set(targets, await observe(targets))
        },
      ),
    ),
  )
  return repositories.flatMap((targets) => results.get(targets) ?? [])
}

/** The repositories of each registry, in the order of their targets. */
export function repositoriesByRegistry(targets: readonly Target[]): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>()
  for (const { reference } of targets) {
    const known = names.get(reference.registry)
    if (known) known.add(reference.repository)
    else names.set(reference.registry, new Set([reference.repository]))
  }
  return names
}

/** The other repositories of the same registry. */
export const otherRepositories = (names: Map<string, Set<string>>, { reference }: Target): string[] =>
  [...(names.get(reference.registry) ?? [])].filter((repository) => repository !== reference.repository)
