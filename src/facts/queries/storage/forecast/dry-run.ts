import type { DryRunComparison } from '../../../storage/forecast.ts'
import type { Inventory } from '../../../storage/inventory.ts'
import { collect } from './collect.ts'
import { type CollectionOptions, type GcVersion, gcVersions } from './collection.ts'
import { addTo, compareDeletions, deletionsOf, noDeletions } from './deletions.ts'

/** How many differences of each kind a report keeps. */
const maxDifferences = 50

/** What is known of the collection that will be run, or was run dry. */
export interface KnownOptions {
  version?: GcVersion | undefined
  deleteUntagged?: boolean | undefined
}

/** Reads the text of `registry garbage-collect --dry-run` line by line, and compares it with the forecast. */
export interface DryRunReader {
  add: (line: string) => void
  /** The text could not be read to its end. */
  fail: (why: string) => void
  /**
   * Where neither `known` nor the text says which version and flag it was, it is compared with the forecast that it agrees with most.
   */
  compare: (known: KnownOptions) => DryRunComparison
}

type Compared = Extract<DryRunComparison, { state: 'compared' }>

/** Makes a reader. What stands before the words of the program in a line, as in a log, is skipped. */
export function createDryRunReader(inventory: Inventory): DryRunReader {
  const { digests } = inventory
  const found = noDeletions()
  const unknown: string[] = []
  let unknownCount = 0
  let textVersion: GcVersion | undefined
  let isWhole = false
  let stopped: string | undefined
  let failed: string | undefined

  /** The number of a digest; one that nothing in the storage names is a difference by itself. */
  const numberOf = (what: string, digest: string): number | undefined => {
    const id = digests.find(digest)
    if (id !== undefined) return id
    unknownCount += 1
    if (unknown.length < maxDifferences) unknown.push(`${what} ${digest}`)
    return undefined
  }

  const add = (line: string): void => {
    const blob = /blob eligible for deletion: (\S+)/.exec(line)?.[1]
    if (blob !== undefined) {
      const id = numberOf('blob', blob)
      if (id !== undefined) found.blobs.add(id)
      return
    }
    const [, named = '', manifest] = /manifest eligible for deletion: (?:\{(\S+) )?([^\s{]+)/.exec(line) ?? []
    const [, repository = '', layer] = /(\S+): layer link eligible for deletion: (\S+)/.exec(line) ?? []
    if (manifest !== undefined) {
      if (named !== '') textVersion = '3'
      else textVersion ??= '2.8'
      const id = numberOf('manifest', manifest)
      if (id !== undefined) addTo(found.manifests, named, id)
    } else if (layer !== undefined) {
      textVersion = '3'
      const id = numberOf(`layer link ${repository}@`, layer)
      if (id !== undefined) addTo(found.layers, repository, id)
    } else if (/\d+ blobs marked, \d+ blobs and \d+ manifests eligible for deletion/.test(line))
      isWhole = true
    else stopped ??= /failed to garbage collect: .*/.exec(line)?.[0].slice(0, 300)
  }

  const compareWith = (options: CollectionOptions): Compared => {
    const forecast = deletionsOf(collect(inventory, options))
    const differences = () => {
      const list = { first: [] as string[], total: 0 }
      const note = (what: string) => {
        list.total += 1
        if (list.first.length < maxDifferences) list.first.push(what)
      }
      return { list, note }
    }
    const [dryRun, ours] = [differences(), differences()]
    const same = compareDeletions(found, forecast, inventory, dryRun.note)
    compareDeletions(forecast, found, inventory, ours.note)
    const onlyDryRun = {
      first: [...unknown, ...dryRun.list.first].slice(0, maxDifferences),
      total: unknownCount + dryRun.list.total,
    }
    return { state: 'compared', ...options, same, onlyDryRun, onlyForecast: ours.list }
  }

  return {
    add,
    fail: (why) => {
      failed = why
    },
    compare: ({ version = textVersion, deleteUntagged }) => {
      if (failed !== undefined) return { state: 'unusable', why: failed }
      if (stopped !== undefined) return { state: 'unusable', why: `the dry run stopped: ${stopped}` }
      if (!isWhole) return { state: 'unusable', why: `it has no line “${summaryLine}”` }
      return gcVersions
        .filter((each) => version === undefined || each === version)
        .flatMap((each) =>
          [false, true]
            .filter((flag) => deleteUntagged === undefined || flag === deleteUntagged)
            .map((flag) => compareWith({ version: each, deleteUntagged: flag })),
        )
        .reduce((best, next) => (differencesIn(next) < differencesIn(best) ? next : best))
    },
  }
}

const summaryLine = '… blobs marked, … blobs and … manifests eligible for deletion'

const differencesIn = ({ onlyDryRun, onlyForecast }: Compared): number =>
  onlyDryRun.total + onlyForecast.total
