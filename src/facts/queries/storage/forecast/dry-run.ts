import type { DryRunComparison } from '../../../storage/forecast.ts'
import type { Inventory } from '../../../storage/inventory.ts'
import { collect, misplacedBlobs } from './collect.ts'
import {
  type Collection,
  type CollectionOptions,
  type GcVersion,
  gcVersions,
  isDeleted,
} from './collection.ts'

/** How many differences of each kind a report keeps. */
const maxDifferences = 50

/** What the text of a dry run says. */
interface DryRun {
  /** Only the output of version 3 names repositories. */
  version: GcVersion | undefined
  deletions: Set<string>
}

/** What is known of the collection whose dry run it is; the rest is taken from the text. */
export interface KnownOptions {
  version?: GcVersion | undefined
  deleteUntagged?: boolean | undefined
}

/**
 * Compares the text of `registry garbage-collect --dry-run` with the forecast. Where neither the settings nor the text say which version
 * and flag it was, it is compared with the forecast that it agrees with most.
 */
export function compareDryRun(text: string, inventory: Inventory, known: KnownOptions): DryRunComparison {
  const dryRun = readDryRun(text)
  if (typeof dryRun === 'string') return { state: 'unusable', why: dryRun }
  const version = known.version ?? dryRun.version
  const candidates = gcVersions
    .filter((each) => version === undefined || each === version)
    .flatMap((each) =>
      [false, true]
        .filter((flag) => known.deleteUntagged === undefined || flag === known.deleteUntagged)
        .map((flag) => compareWith(dryRun, inventory, { version: each, deleteUntagged: flag })),
    )
  return candidates.reduce((best, next) => (differencesIn(next) < differencesIn(best) ? next : best))
}

type Compared = Extract<DryRunComparison, { state: 'compared' }>

const differencesIn = ({ onlyDryRun, onlyForecast }: Compared): number =>
  onlyDryRun.total + onlyForecast.total

function compareWith(dryRun: DryRun, inventory: Inventory, options: CollectionOptions): Compared {
  const forecast = new Set(deletionsOf(collect(inventory, options)))
  const firstOf = (all: Set<string>, others: Set<string>) => {
    const list = Array.from(all).filter((entry) => !others.has(entry))
    return { first: list.slice(0, maxDifferences), total: list.length }
  }
  const onlyDryRun = firstOf(dryRun.deletions, forecast)
  return {
    state: 'compared',
    ...options,
    same: dryRun.deletions.size - onlyDryRun.total,
    onlyDryRun,
    onlyForecast: firstOf(forecast, dryRun.deletions),
  }
}

/** The lines of a dry run, without what stands before them in a log; or why it cannot be used. */
function readDryRun(text: string): DryRun | string {
  const deletions = new Set<string>()
  let version: GcVersion | undefined
  let isWhole = false
  let stopped: string | undefined
  for (const line of text.split(/\r?\n/)) {
    const blob = /blob eligible for deletion: (\S+)/.exec(line)?.[1]
    const [, named, manifest] = /manifest eligible for deletion: (?:\{(\S+) )?([^\s{]+)/.exec(line) ?? []
    const [, repository, layer] = /(\S+): layer link eligible for deletion: (\S+)/.exec(line) ?? []
    if (blob !== undefined) deletions.add(`blob ${blob}`)
    if (manifest !== undefined) {
      if (named !== undefined) version = '3'
      else version ??= '2.8'
      deletions.add(named === undefined ? `manifest ${manifest}` : `manifest ${named}@${manifest}`)
    }
    if (layer !== undefined) {
      version = '3'
      deletions.add(`layer link ${repository}@${layer}`)
    }
    if (/\d+ blobs marked, \d+ blobs and \d+ manifests eligible for deletion/.test(line)) isWhole = true
    stopped ??= /failed to garbage collect: .*/.exec(line)?.[0].slice(0, 300)
  }
  if (stopped !== undefined) return `the dry run stopped: ${stopped}`
  return isWhole
    ? { version, deletions }
    : 'it has no line "… blobs marked, … blobs and … manifests eligible for deletion"'
}

/** The deletions of a collection in the words of its dry run; version 2 does not say of which repository a manifest is. */
function* deletionsOf(collection: Collection): Iterable<string> {
  const { inventory, options } = collection
  const text = inventory.digests.text
  for (const digest of inventory.blobs.all()) if (isDeleted(collection, digest)) yield `blob ${text(digest)}`
  for (const digest of misplacedBlobs(collection)) yield `blob ${text(digest)}`
  for (const { repository, digest } of collection.removedRevisions)
    yield options.version === '2.8'
      ? `manifest ${text(digest)}`
      : `manifest ${repository.name}@${text(digest)}`
  for (const { repository, digests } of collection.removedLayers)
    for (const digest of digests) yield `layer link ${repository.name}@${text(digest)}`
}
