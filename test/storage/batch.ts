import { collect } from '../../src/facts/queries/storage/forecast/collect.ts'
import { type CollectionOptions, gcVersions } from '../../src/facts/queries/storage/forecast/collection.ts'
import { type Programs, tryCollections } from './collection-trial.ts'
import type { Files } from './files.ts'
import { randomRoot } from './random-root.ts'
import { withRoot } from './root-on-disk.ts'
import type { Shell } from './shell.ts'

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
export const nameOf = ({ version, deleteUntagged }: CollectionOptions): string =>
  `${version}${deleteUntagged ? ' --delete-untagged' : ''}`

/**
 * Tries the roots of these seeds with the collections. Those that a collection goes through, by the forecast, are put into one storage, each
 * below a folder of its own, because most of the time goes into starting the programs; those that stop it are tried alone.
 */
export async function tryBatch(
  seeds: readonly number[],
  allOf: readonly CollectionOptions[],
  programs: Programs,
  shell: Shell,
  tally: Tally,
): Promise<void> {
  const roots = new Map(seeds.map((seed) => [seed, randomRoot(seed)]))
  const stops = await stopsIn(roots, allOf)
  const trials = new Map<string, { seeds: number[]; options: CollectionOptions[] }>()
  const plan = (some: number[], options: CollectionOptions): void => {
    if (some.length === 0) return
    const known = trials.get(some.join(' ')) ?? { seeds: some, options: [] }
    trials.set(some.join(' '), known)
    known.options.push(options)
  }
  const isThrough = (seed: number, options: CollectionOptions) => stops.get(options)?.has(seed) !== true
  const [always, sometimes] = [[], []] as [number[], number[]]
  for (const seed of seeds) (allOf.every((one) => isThrough(seed, one)) ? always : sometimes).push(seed)
  for (const options of allOf) {
    plan(always, options)
    plan(
      sometimes.filter((seed) => isThrough(seed, options)),
      options,
    )
    for (const seed of sometimes) if (!isThrough(seed, options)) plan([seed], options)
  }
  for (const trial of trials.values())
    for (const outcome of await tryCollections(
      { files: merged(roots, trial.seeds), options: trial.options },
      programs,
      shell,
    )) {
      const name = nameOf(outcome.options)
      const key = `${name}, ${outcome.end}`
      tally.ends[key] = (tally.ends[key] ?? 0) + trial.seeds.length
      tally.removedFiles += outcome.removed
      tally.disagreements.push(
        ...outcome.disagreements.map((text) => `seeds ${trial.seeds.join(' ')}, ${name}: ${text}`),
      )
    }
}

/** Which roots each collection will stop in, by the forecast: one scan of all of them finds the files, and these tell the root. */
async function stopsIn(
  roots: ReadonlyMap<number, Files>,
  allOf: readonly CollectionOptions[],
): Promise<Map<CollectionOptions, Set<number>>> {
  const seeds = [...roots.keys()]
  // In a merged storage the folder would come from others.
  const withoutBlobs = seeds.filter(
    (seed) => !Array.from(roots.get(seed)?.keys() ?? []).some((path) => path.startsWith('blobs')),
  )
  const found = new Map(allOf.map((options) => [options, new Set(withoutBlobs)]))
  await withRoot(merged(roots, seeds), async ({ inventory }) => {
    for (const options of allOf)
      for (const { path } of collect(inventory, options).aborts)
        for (const [seed, files] of roots) if (holds(files, seed, path)) found.get(options)?.add(seed)
  })
  return found
}

/** Whether a path of the merged storage comes from this root. */
function holds(files: Files, seed: number, path: string): boolean {
  const own = folderOf(seed)
  if (path.startsWith('repositories/')) return path === own || path.startsWith(`${own}/`)
  return files.has(path) || files.has(`${path}/data`)
}

const folderOf = (seed: number): string => `repositories/s${seed}`

/** The roots of several seeds in one storage. */
function merged(roots: ReadonlyMap<number, Files>, seeds: readonly number[]): Files {
  if (seeds.length === 1) return roots.get(seeds[0] ?? 0) ?? new Map()
  const all: Files = new Map()
  for (const seed of seeds)
    for (const [path, content] of roots.get(seed) ?? [])
      all.set(path.replace(/^repositories(?=\/)/, folderOf(seed)), content)
  return all
}
