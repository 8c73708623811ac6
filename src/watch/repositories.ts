import { count } from '../core/units.ts'
import { matchesAny, shardOf, triggerOf } from '../facts/watch/plan.ts'
import { failure } from '../observe/http/failures.ts'
import { listRepositories } from '../observe/watch/list.ts'
import type { Run } from './context.ts'

/** The catalog walks the whole storage of a registry, so it is listed at most so often. */
const catalogMs = 3_600_000

/**
 * The repositories of this run. The list of the catalog is used again until it is an hour old, and while the catalog cannot be listed.
 * Undefined where it is empty all at once: nothing is looked at until a second run agrees.
 */
export async function repositoriesOf(run: Run): Promise<string[] | undefined> {
  const { state, scope, plan, tally, watched, access, only } = run
  const now = access.now()
  const isMine = (name: string) =>
    shardOf(name, plan.shard.total) === plan.shard.index && matchesAny(name, scope.repositories)
  if (!scope.catalog) {
    const names = scope.repositories.filter((name) => shardOf(name, plan.shard.total) === plan.shard.index)
    for (const name of state.repositories.keys()) if (!names.includes(name)) state.repositories.delete(name)
    return names.filter((name) => only?.has(name) ?? true)
  }
  const { catalog } = state
  const isFresh = catalog !== undefined && catalog.at <= now && now - catalog.at < catalogMs
  if (!isFresh && !only) {
    const listed = await listRepositories(watched.registry)
    // An empty list is also what a registry answers that lost its storage, or that stands in for another one.
    if (
      listed.seen &&
      listed.value.names.length === 0 &&
      catalog !== undefined &&
      catalog.names.length > 0 &&
      catalog.emptied === undefined
    ) {
      state.catalog = { ...catalog, emptied: now }
      tally.listed = false
      const detail = `its catalog is empty, and had ${count(catalog.names.length, 'repository', 'repositories')} before`
      tally.unknown(failure('answer-invalid', watched.registry.host, 'body', detail))
      return undefined
    }
    if (listed.seen) {
      state.catalog = { at: now, names: listed.value.names }
      tally.listed = true
      if (listed.value.invalid > 0)
        run.debug(`${listed.value.invalid} listed names are no names of repositories, and are left out`)
    } else {
      tally.listed = false
      tally.unknown(listed.why)
    }
  }
  const names = (state.catalog?.names ?? []).filter(isMine)
  const known = new Set(names)
  const vanished = [...state.repositories.keys()].filter((name) => !known.has(name))
  for (const name of vanished) state.repositories.delete(name)
  run.trigger = triggerOf(state, state.lastRun === undefined ? [] : vanished, access.settings.reprove, now)
  // A repository that was pushed a moment ago is not in the list yet.
  const pushed = [...(only ?? [])].filter((name) => isMine(name) && !known.has(name))
  return only ? [...names.filter((name) => only.has(name)), ...pushed] : names
}
