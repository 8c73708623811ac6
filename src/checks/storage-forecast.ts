import type { Fault, Severity } from '../core/finding.ts'
import { firstOf } from '../core/names.ts'
import { bytesText, count } from '../core/units.ts'
import { plainCollection } from '../explain/storage/commands.ts'
import type { RepairPlace } from '../explain/storage/place.ts'
import type { ForecastRun, ImageLoss, PlatformLoss } from '../facts/storage/forecast.ts'
import type { StorageFact } from '../facts/storage.ts'
import { shortDigest } from '../oci/digest.ts'
import { withUnlisted } from './storage-damage.ts'

/** What checks of the forecast read of a storage. */
export type ForecastView = Pick<StorageFact, 'forecast' | 'unread'>

/**
 * The collections to report on. Of a storage that was read in part by an earlier version, which did not say what holds nevertheless,
 * nothing can be told.
 */
export function forecastRuns({ forecast, unread }: ForecastView): ForecastRun[] {
  const isWhole = unread.counts.blobs + unread.counts.repositories === 0
  return (forecast?.runs ?? []).filter(({ isPartial }) => isWhole || isPartial)
}

/** When what is lost as far as the storage was read is kept. */
const partialText =
  'unless a part of the storage that was not read needs the same data (storage-not-readable)'

const isCertain = (item: unknown): boolean => typeof item === 'object' && item !== null && 'isCertain' in item

/** Why something may not happen. */
export const conditionOf = ({ isConditional }: Foreseen<unknown>): string[] =>
  isConditional ? [partialText] : []

/** At most a warning for what may not happen. */
export const conditional = (severity: Severity, { isConditional }: Foreseen<unknown>): Severity =>
  isConditional && severity === 'error' ? 'warning' : severity

/** Something that one or several collections do. */
export interface Foreseen<T> {
  item: T
  runs: ForecastRun[]
  /** Something that was not read may need it, so that it is kept. */
  isConditional: boolean
}

/**
 * What the collections do that may be run, each thing once. What one does with `--delete-untagged` and also without is told of the
 * latter alone.
 */
export function foreseen<T>(
  runs: readonly ForecastRun[],
  listOf: (run: ForecastRun) => readonly T[],
  keyOf: (item: T) => string,
): Foreseen<T>[] {
  const found = new Map<string, Foreseen<T>>()
  for (const run of runs) {
    if (run.likelihood === 'comparison') continue
    for (const item of listOf(run)) {
      const known = found.get(keyOf(item))
      const isTold = known?.runs.some((one) => one.version === run.version && !one.deleteUntagged)
      const isConditional = run.isPartial === true && !isCertain(item)
      if (known === undefined) found.set(keyOf(item), { item, runs: [run], isConditional })
      else if (isTold !== true) {
        known.runs.push(run)
        known.isConditional ||= isConditional
      }
    }
  }
  return Array.from(found.values())
}

/** Whether it is known which generation of the registry collects. */
const isVersionKnown = (all: readonly ForecastRun[]): boolean =>
  new Set(all.map(({ version }) => version)).size === 1

/** What certainly happens is an error; what only one generation does, or only a flag that nobody named, a warning. */
export function forecastSeverity(runs: readonly ForecastRun[], all: readonly ForecastRun[]): Severity {
  const versions = new Set(
    runs.filter(({ likelihood }) => likelihood === 'expected').map(({ version }) => version),
  )
  return versions.size > 1 || (versions.size === 1 && isVersionKnown(all)) ? 'error' : 'warning'
}

/** The collections by name: “garbage-collect of registry 2.8 and 3 with --delete-untagged”. */
export function collectionName(runs: readonly ForecastRun[]): string {
  const names = [false, true].flatMap((flag) => {
    const versions = runs
      .filter(({ deleteUntagged }) => deleteUntagged === flag)
      .map(({ version }) => version)
    return versions.length > 0 ? [`${versions.join(' and ')}${flag ? ' with --delete-untagged' : ''}`] : []
  })
  return `garbage-collect of registry ${names.join(' or ')}`
}

/** So many names are listed; the evidence has all that a run lists. */
const maxNames = 10

/** How a check words what it reports. */
interface Harm<T> {
  faultOf: (one: Foreseen<T>) => Fault
  /** So many of something are harmed: `3 images would break`. */
  textOf: (number: number) => string
  /** The list of a run that it is taken from. */
  kind: 'breaks' | 'losesRepair' | 'emptied' | 'referrers'
  /** How bad it is where only `--delete-untagged` does it, of which the settings say nothing. */
  possible: Severity
  /** What one thing loses by that, in a few words. */
  shortOf?: (item: T) => string
}

/**
 * One finding for each thing that a collection does which is expected; and one for all that only `--delete-untagged` would do, of which
 * the settings say nothing, with the collections that do it.
 */
export function foreseenFaults<T>(
  found: readonly Foreseen<T>[],
  { all, place }: { all: readonly ForecastRun[]; place: RepairPlace },
  harm: Harm<T>,
): Fault[] {
  const isExpected = ({ runs }: Foreseen<T>) => runs.some(({ likelihood }) => likelihood === 'expected')
  const expected = found.filter(isExpected)
  const possible = found.filter((one) => !isExpected(one))
  return [
    ...withUnlisted(
      expected.map((one): Fault => {
        const fault = harm.faultOf(one)
        return {
          ...fault,
          ...(fault.severity === undefined ? {} : { severity: conditional(fault.severity, one) }),
          evidence: [...(fault.evidence ?? []), ...conditionOf(one)],
        }
      }),
      unlistedOf(expected, harm.kind),
    ),
    ...(possible.length > 0 ? [possibleFault(possible, { all, place }, harm)] : []),
  ]
}

/** How many more a collection harms than a run lists. */
export const unlistedOf = (
  found: readonly Foreseen<unknown>[],
  kind: Harm<unknown>['kind'] | 'unseen',
): number =>
  Math.max(0, ...found.flatMap(({ runs }) => runs.map((run) => run[kind].total - run[kind].first.length)))

function possibleFault<T>(
  possible: readonly Foreseen<T>[],
  { all, place }: { all: readonly ForecastRun[]; place: RepairPlace },
  { faultOf, textOf, kind, possible: severity, shortOf }: Harm<T>,
): Fault {
  const faults = possible.map(faultOf)
  const names = faults.slice(0, maxNames).map(({ subject }) => subject)
  const runs = Array.from(new Set(possible.flatMap((one) => one.runs)))
  const { number, isCut } = harmedBy(possible, runs, kind)
  const [least, rest] = [isCut ? 'at least ' : '', number - names.length]
  const isOne = new Set(faults.map(({ cause }) => cause)).size === 1
  const { title, because } = isOne ? (faults[0] ?? {}) : {}
  const isHarmless = runs.every((run) => harmlessWithout(run, all))
  const commands = isHarmless
    ? Array.from(new Set(runs.map(({ version }) => plainCollection(version, place))))
    : []
  return {
    subject: collectionName(runs),
    message: `${least}${textOf(number)}: ${names.join(', ')}${rest > 0 ? ` and ${least}${rest} more` : ''}`,
    severity,
    title: title ?? 'Garbage collection with --delete-untagged does harm to this storage.',
    ...(because === undefined ? {} : { because }),
    evidence: [
      ...(shortOf ? possible.map((one) => `${faultOf(one).subject}: ${shortOf(one.item)}`) : []),
      ...possible.flatMap(conditionOf).slice(0, 1),
      ...stopsFirst(runs),
    ],
    advice: `Leave --delete-untagged (-m) out of the job that runs garbage-collect; where it is not used, set “delete_untagged: false”, so that this is not reported again.${isHarmless ? ` ${harmlessText}` : ''}`,
    commands,
    cause: 'possible',
  }
}

/**
 * How many a collection harms, of which a run lists the first. The number of a run counts only if all that it lists is told here: the
 * others may be told elsewhere.
 */
function harmedBy(
  found: readonly Foreseen<unknown>[],
  runs: readonly ForecastRun[],
  kind: Harm<unknown>['kind'],
): { number: number; isCut: boolean } {
  const isAllOf = (run: ForecastRun) =>
    found.filter((one) => one.runs.includes(run)).length === run[kind].first.length
  return {
    number: Math.max(found.length, ...runs.filter(isAllOf).map((run) => run[kind].total)),
    isCut: runs.some((run) => run[kind].total > run[kind].first.length),
  }
}

/** The name of an image: with its first tag, or by its digest. */
export const lossName = ({ repository, digest, tags }: ImageLoss): string =>
  tags.first[0] === undefined ? `${repository}@${digest}` : `${repository}:${tags.first[0]}`

/** How much of an image breaks. */
export function partText({ platforms, of }: ImageLoss): string {
  if (of === 1) return 'it cannot be pulled'
  return platforms.total === of
    ? `none of its ${of} platform images can be pulled`
    : `${platforms.total} of its ${of} platform images cannot be pulled`
}

/** The same, with the platforms. */
export function partNames(image: ImageLoss): string {
  const names = image.platforms.first.map(({ platform }) => platform).filter(Boolean)
  return `${partText(image)}${names.length > 0 ? ` (${firstOf(names, image.platforms.total)})` : ''}`
}

export const brokenText = (number: number): string => `${count(number, 'image')} would break`

/** The finding that all losses of an image have in common. */
export function lossFault({ item, runs }: Foreseen<ImageLoss>, all: readonly ForecastRun[]) {
  const names = item.platforms.first.map(({ platform }) => platform).filter(Boolean)
  const more = item.tags.total - 1
  return {
    subject: lossName(item),
    ...{ repository: item.repository, digest: item.digest, platforms: names },
    severity: forecastSeverity(runs, all),
    evidence: [
      ...item.platforms.first.map(lossText),
      ...(more > 0
        ? [`${count(more, 'more tag')} of the same image: ${firstOf(item.tags.first.slice(1), more)}`]
        : []),
      ...stopsFirst(runs),
    ],
  } satisfies Partial<Fault>
}

/** `linux/arm64 sha256:0123…: the link of its manifest, its configuration and 7 layers (12 MiB)`. */
function lossText({ platform, digest, manifest, config, layers, bytes }: PlatformLoss): string {
  const parts = [
    ...(manifest ? ['its manifest'] : []),
    ...(config ? ['its configuration'] : []),
    ...(layers > 0 ? [count(layers, 'layer')] : []),
  ]
  const size = bytes > 0 ? ` (${bytesText(bytes)})` : ''
  return `${`${platform} ${shortDigest(digest)}`.trim()} loses ${listText(parts)}${size}`
}

/** `a, b and c`. */
const listText = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`

/** That a collection stops before it does anything, so that this happens once it no longer does. */
function stopsFirst(runs: readonly ForecastRun[]): string[] {
  const isStopped = runs.every(({ aborts }) => aborts.first[0]?.at === 'mark')
  return isStopped
    ? ['until the finding gc-will-abort is repaired, the collection stops before it does this']
    : []
}

/** What is said before the command of such a collection. Data that is being pushed has no manifest yet, so that it is deleted. */
export const harmlessText = 'Without it, this storage loses nothing; run it while nothing is pushed:'

/** What a collection may not do that is called harmless. */
const losses = ['aborts', 'breaks', 'losesRepair', 'emptied', 'unseen', 'referrers'] as const

/** Whether a collection of the same version without `--delete-untagged` harms nothing, which shows only where all was read. */
export const harmlessWithout = (run: ForecastRun, all: readonly ForecastRun[]): boolean =>
  all.some(
    (other) =>
      other.version === run.version &&
      !other.deleteUntagged &&
      !other.isPartial &&
      losses.every((list) => other[list].total === 0),
  )
