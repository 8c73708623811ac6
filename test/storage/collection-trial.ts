import { readFileSync, writeFileSync } from 'node:fs'
import { collect } from '../../src/facts/queries/storage/forecast/collect.ts'
import type {
  Collection,
  CollectionOptions,
  GcVersion,
} from '../../src/facts/queries/storage/forecast/collection.ts'
import { isDeleted } from '../../src/facts/queries/storage/forecast/collection.ts'
import { createDryRunReader } from '../../src/facts/queries/storage/forecast/dry-run.ts'
import { forecastRun } from '../../src/facts/queries/storage/forecast/forecast.ts'
import type { Inventory } from '../../src/facts/storage/inventory.ts'
import {
  blobFolder,
  type Files,
  layerFolder,
  readFiles,
  revisionFolder,
  tagFolder,
  writeFiles,
} from './files.ts'
import { pullable } from './pullable.ts'
import { withRoot } from './root-on-disk.ts'
import type { Shell } from './shell.ts'

/** A storage, and the collections to try with it. */
export interface Trial {
  files: Files
  options: readonly CollectionOptions[]
}

/** How one collection went: where the program and the forecast disagree, and what kind of case it was. */
export interface Outcome {
  options: CollectionOptions
  disagreements: string[]
  /** The step that it stopped in, or `through`. */
  end: Collection['aborts'][number]['at'] | 'through'
  removed: number
}

/**
 * Writes the storage, reads it as a scan does, and runs the real programs over it, once dry and once for good; each is compared with the
 * forecast. What a collection removed is written again before the next.
 */
export const tryCollections = (
  { files, options }: Trial,
  programs: Programs,
  shell: Shell,
): Promise<Outcome[]> =>
  withRoot(files, async ({ root, layout, inventory }) => {
    const before: Files = new Map(Array.from(files).filter(([, content]) => content !== undefined))
    writeFileSync(`${root}/config.yml`, JSON.stringify(configOf(root)))
    const outcomes: Outcome[] = []
    for (const one of options) {
      await shell.run(scriptOf(root, one, programs))
      const after = readFiles(layout)
      outcomes.push(compare(one, inventory, { root, before, after }))
      writeFiles(
        layout,
        new Map(Array.from(files).filter(([path, content]) => !isSame(content, after.get(path)))),
      )
    }
    return outcomes
  })

/** The program of each version. */
export type Programs = Partial<Record<GcVersion, string | undefined>>

function scriptOf(root: string, { version, deleteUntagged }: CollectionOptions, programs: Programs): string {
  const program = programs[version]
  if (program === undefined) throw new Error(`the registry ${version} is not installed`)
  const flags = deleteUntagged ? '--delete-untagged ' : ''
  return [
    `${program} garbage-collect --dry-run ${flags}${root}/config.yml >${root}/dry 2>/dev/null; echo $? >${root}/dry-code`,
    `${program} garbage-collect ${flags}${root}/config.yml 2>${root}/errors; echo $? >${root}/code`,
  ].join('\n')
}

function compare(
  options: CollectionOptions,
  inventory: Inventory,
  { root, before, after }: { root: string; before: Files; after: Files },
): Outcome {
  const text = (name: string): string => readFileSync(`${root}/${name}`, 'utf8')
  const failed = (name: string): boolean => text(name) !== '0\n'
  const collection = collect(inventory, options)
  const end = collection.aborts[0]?.at ?? 'through'
  const dryStops = collection.aborts.some(({ at }) => at === 'mark' || at === 'list')
  const disagreements = [
    ...mismatch('the dry run ends with an error', dryStops, failed('dry-code')),
    ...mismatch('the collection ends with an error', end !== 'through', failed('code')),
    ...removalDisagreements(collection, end, before, after),
    ...(end === 'through' ? breakDisagreements(inventory, options, before, after) : []),
    ...dryRunDisagreements(text('dry'), inventory, options, dryStops),
  ]
  if (disagreements.length > 0) disagreements.push(text('errors').slice(0, 300))
  return { options, disagreements, end, removed: before.size - after.size }
}

/** Compares the images that the forecast says will break with those that were whole before and are not after. */
function breakDisagreements(
  inventory: Inventory,
  options: CollectionOptions,
  before: Files,
  after: Files,
): string[] {
  const { breaks, referrers } = forecastRun(inventory, options, 'expected', {
    maxEntries: Number.POSITIVE_INFINITY,
  })
  const forecast = new Set(
    breaks.first.flatMap(({ repository, digest, platforms }) =>
      platforms.first.map((platform) => `${repository}@${digest}@${platform.digest}`),
    ),
  )
  const kept = pullable(after, options.version)
  const real = new Set(Array.from(pullable(before, options.version)).filter((image) => !kept.has(image)))
  return [
    ...Array.from(real)
      .filter((image) => !forecast.has(image) && !(referrers.total > 0 && isReferrer(before, image)))
      .map((image) => `${image} broke, and was not forecast to`),
    ...Array.from(forecast)
      .filter((image) => !real.has(image))
      .map((image) => `${image} was forecast to break, and did not`),
  ]
}

/** A lost referrer counts as that, not as a broken image. */
function isReferrer(files: Files, image: string): boolean {
  const data = files.get(`${blobFolder(image.split('@').at(-1) ?? '')}/data`)
  return data?.includes('"subject"') === true
}

/** What the program prints, read as the text of a dry run, is the forecast. */
function dryRunDisagreements(
  text: string,
  inventory: Inventory,
  options: CollectionOptions,
  stops: boolean,
): string[] {
  const reader = createDryRunReader(inventory)
  for (const line of text.split('\n')) reader.add(line)
  const compared = reader.compare(options)
  if (compared.state === 'unusable') return stops ? [] : [`the dry run cannot be compared: ${compared.why}`]
  return [...compared.onlyDryRun.first, ...compared.onlyForecast.first].map((entry) => `dry run: ${entry}`)
}

const configOf = (rootdirectory: string) => ({
  version: '0.1',
  log: { level: 'error' },
  storage: { filesystem: { rootdirectory }, cache: { blobdescriptor: 'inmemory' } },
})

const mismatch = (what: string, forecast: boolean, real: boolean): string[] =>
  forecast === real ? [] : [`${what}: forecast ${forecast}, program ${real}`]

const isSame = (one: Buffer | undefined, other: Buffer | undefined): boolean =>
  one !== undefined && other !== undefined && one.equals(other)

/** The paths that are not the same before and after. */
function differences(before: Files, after: Files): string[] {
  const changed = Array.from(before.keys()).filter((path) => {
    return !isSame(before.get(path), after.get(path))
  })
  return [...changed, ...Array.from(after.keys()).filter((path) => !before.has(path))]
}

function removalDisagreements(
  collection: Collection,
  end: Outcome['end'],
  before: Files,
  after: Files,
): string[] {
  const { revisions, blobs, layers } = forecastRemovals(collection, before)
  const gone = new Set(differences(before, after))
  const steps = ['mark', 'revisions', 'list', 'blobs', 'layers', 'through']
  const reached = steps.indexOf(end)
  const expectStep = (step: string, paths: Set<string>): string[] => {
    const at = steps.indexOf(step)
    // In the step where it stops, some of it is gone; which, is left to chance.
    if (reached === at) return []
    const should = reached > at
    return Array.from(paths)
      .filter((path) => gone.has(path) !== should)
      .map((path) => `${path}: forecast ${should ? 'removed' : 'kept'}, program the opposite`)
  }
  const all = new Set([...revisions, ...blobs, ...layers])
  return [
    ...expectStep('revisions', revisions),
    ...expectStep('blobs', blobs),
    ...expectStep('layers', layers),
    ...Array.from(gone)
      .filter((path) => !all.has(path))
      .map((path) => `${path}: forecast kept, program removed or changed`),
  ]
}

const foldersAbove = (path: string): string[] =>
  Array.from(path.matchAll(/\//g), ({ index }) => path.slice(0, index))

function forecastRemovals(collection: Collection, before: Files) {
  const { inventory, removedRevisions, removedLayers } = collection
  const paths = Array.from(before.keys())
  const below = (list: string[]) => {
    const folders = new Set(list)
    return new Set(paths.filter((path) => foldersAbove(path).some((folder) => folders.has(folder))))
  }
  const text = inventory.digests.text
  const revisions = removedRevisions.flatMap(({ repository, digest }) => [
    revisionFolder(repository.name, text(digest)),
    ...repository.tags.map(
      ({ name }) => `${tagFolder(repository.name, name)}/index/${text(digest).replace(':', '/')}`,
    ),
  ])
  const blobs = Array.from(inventory.blobs.all())
    .filter((digest) => isDeleted(collection, digest))
    .map((digest) => blobFolder(text(digest)))
  const layers = removedLayers.flatMap(({ repository, digests }) =>
    digests.map((digest) => `${layerFolder(repository.name, text(digest))}/link`),
  )
  return {
    revisions: below(revisions),
    blobs: below(blobs),
    layers: new Set(layers.filter((path) => before.has(path))),
  }
}
