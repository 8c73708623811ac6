import { collect } from '../../src/facts/queries/storage/forecast/collect.ts'
import { type CollectionOptions, gcVersions } from '../../src/facts/queries/storage/forecast/collection.ts'
import { type Trial, tryCollection } from './collection-trial.ts'
import type { Files } from './files.ts'
import { randomRoot } from './random-root.ts'
import { withRoot } from './root-on-disk.ts'

/** What came of many roots. */
export interface Tally {
  /** How many roots were tried, with each version and flag. */
  roots: number
  /** How many collections by version and flag, and of these those that stop, by the step. */
  ends: Record<string, number>
  removedFiles: number
  disagreements: string[]
}

/** Every version and flag. */
export const allOptions: CollectionOptions[] = gcVersions.flatMap((version) =>
  [false, true].map((deleteUntagged) => ({ version, deleteUntagged })),
)

/** How a command line names it. */
const nameOf = ({ version, deleteUntagged }: CollectionOptions): string =>
  `${version}${deleteUntagged ? ' --delete-untagged' : ''}`

/**
 * Tries the roots of these seeds with one version and flag. Those that the forecast lets through are put into one storage, each below a
 * folder of its own, because most of the time goes into starting the program; those that stop it are tried alone.
 */
export async function tryBatch(
  program: string,
  seeds: readonly number[],
  options: CollectionOptions,
  tally: Tally,
): Promise<void> {
  const together: number[] = []
  for (const seed of seeds) {
    if (!(await stopsIn(seed)).has(nameOf(options))) together.push(seed)
    else note(await tryCollection(program, randomRoot(seed), options), `seed ${seed}`, 1)
  }
  if (together.length > 0) {
    const trial = await tryCollection(program, mergedRoot(together), options)
    note(trial, `seeds ${together.join(' ')} together`, together.length)
  }

  function note(trial: Trial, what: string, roots: number): void {
    const key = `${nameOf(options)}, ${trial.end}`
    tally.ends[key] = (tally.ends[key] ?? 0) + roots
    tally.removedFiles += trial.removed
    tally.disagreements.push(...trial.disagreements.map((text) => `${what}, ${nameOf(options)}: ${text}`))
  }
}

/** The collections that the forecast says will stop in the root of a seed, by name. All of them ask, one after the other. */
function stopsIn(seed: number): Promise<Set<string>> {
  const asked = asking.get(seed)
  asking.delete(seed)
  if (asked && asked.left > 1) asking.set(seed, { ...asked, left: asked.left - 1 })
  if (asked) return asked.stops
  const stops = withRoot(
    mergedRoot([seed]),
    async ({ inventory }) =>
      new Set(allOptions.filter((one) => collect(inventory, one).aborts.length > 0).map(nameOf)),
  )
  asking.set(seed, { stops, left: allOptions.length - 1 })
  return stops
}
const asking = new Map<number, { stops: Promise<Set<string>>; left: number }>()

/** The roots of several seeds in one storage. */
function mergedRoot(seeds: readonly number[]): Files {
  const merged: Files = new Map()
  for (const seed of seeds)
    for (const [path, content] of randomRoot(seed))
      merged.set(path.replace(/^repositories(?=\/)/, `repositories/s${seed}`), content)
  return merged
}
