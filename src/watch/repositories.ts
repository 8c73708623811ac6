import { count } from '../core/units.ts'
import { isNamedInFull, matchesAny, shardOf, triggerOf } from '../facts/watch/plan.ts'
import { listRepositories } from '../observe/watch/list.ts'
import type { Run } from './context.ts'

/** The catalog walks the whole storage of a registry, so it is listed at most so often. */
const catalogMs = 3_600_000

const repositories = (n: number): string => count(n, 'repository', 'repositories')

/** The repositories of this run; undefined where there is nothing to inspect, which `tally.nothing` explains. */
export async function repositoriesOf(run: Run): Promise<string[] | undefined> {
  const { state, scope, access, only } = run
  const names = scope.catalog ? await listed(run) : []
  if (names === undefined) return undefined
  const named = scope.repositories.filter((name) => isNamedInFull(scope, name))
  const mine = [...new Set([...names, ...named])].filter((name) => isMine(run, name))
  if (only) return partOf(run, mine)
  const known = new Set(mine)
  const vanished = [...state.repositories.keys()].filter((name) => !known.has(name))
  for (const name of vanished) state.repositories.delete(name)
  const gone = scope.catalog && state.lastRun !== undefined ? vanished : []
  run.trigger = state.pending ?? triggerOf(state, gone, access.settings.reprove, access.now())
  return mine
}

const isMine = ({ plan, scope }: Run, name: string): boolean =>
  shardOf(name, plan.shard.total) === plan.shard.index && matchesAny(name, scope.repositories)

/** Those that a notification named. One that was pushed a moment ago is not in the list of the catalog yet. */
function partOf(run: Run, mine: string[]): string[] {
  const named = [...(run.only ?? [])].filter((name) => isMine(run, name))
  return run.scope.catalog ? named : named.filter((name) => mine.includes(name))
}

/** The list of the catalog, which is used again until it is an hour old, and while the catalog cannot be listed. */
async function listed(run: Run): Promise<string[] | undefined> {
  const { state, tally, watched, access, only } = run
  const of = run.scope.repositories
  // Of other repositories nothing is known.
  if (state.catalog && state.catalog.of.join() !== of.join()) delete state.catalog
  const { catalog } = state
  const now = access.now()
  const isFresh = catalog !== undefined && catalog.at <= now && now - catalog.at < catalogMs
  if (isFresh || only) return catalog?.names ?? []
  let matching = 0
  const answer = await listRepositories(watched.registry, (name) => {
    if (matchesAny(name, of)) matching += 1
    return isMine(run, name)
  })
  tally.listed = answer.seen
  if (!answer.seen) {
    tally.unknown(answer.why, '', '_catalog')
    return catalog?.names ?? []
  }
  const { names, valid, invalid } = answer.value
  if (invalid > 0) run.debug(`${invalid} listed names are no names of repositories, and are left out`)
  if (valid === 0) return emptied(run, now)
  state.catalog = { at: now, names, of }
  const isAnyNamed = of.some((name) => isNamedInFull(run.scope, name))
  return matching > 0 || isAnyNamed ? names : nothing(run, `none of its ${repositories(valid)} matches repo`)
}

/**
 * An empty list is also what a registry answers that lost its storage, or that stands in for another one. What was known is kept until a
 * second run agrees; that all is well is never said of it.
 */
function emptied(run: Run, now: number): undefined {
  const { state, tally } = run
  const { catalog } = state
  if (catalog === undefined) return nothing(run, 'its catalog is empty, so there is nothing to inspect')
  tally.listed = false
  if (catalog.emptied !== undefined) state.repositories.clear()
  state.catalog = { ...catalog, emptied: catalog.emptied ?? now }
  return nothing(run, `its catalog is empty, and had ${repositories(catalog.names.length)} before`)
}

function nothing({ tally, watched }: Run, why: string): undefined {
  tally.nothing = `${watched.registry.host}: ${why}`
}
