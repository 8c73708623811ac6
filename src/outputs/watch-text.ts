import { count, durationText } from '../core/units.ts'
import {
  isInspected,
  type ReportedFault,
  type ReportedUnseen,
  type WatchedRegistryReport,
  type WatchReport,
} from '../report/watch.ts'
import { clean } from './terminal/clean.ts'
import { mark, paint, severityMark } from './terminal/paint.ts'

const indent = '          '
/** So many faults of one kind are shown one by one; all of them are in the JSON report. */
const maxDetails = 4

/** The report of one run, as a person reads it: what is broken, what could not be inspected, what is too old to claim. */
export function watchLines(report: WatchReport, exitCode: number): string[] {
  return [
    `${report.tool.name} ${report.tool.version} · watch · ${report.registries.map(({ registry }) => clean(registry)).join(', ')}`,
    '',
    ...report.registries.flatMap(registryLines),
    ...report.registries.map((registry) => verdictLine(registry, exitCode)),
  ]
}

function registryLines(registry: WatchedRegistryReport): string[] {
  const counted = registry.faults.filter(({ accepted }) => accepted === undefined)
  const accepted = registry.faults.length - counted.length
  const lines = [
    ...causesOf(counted).flatMap(causeLines),
    ...(accepted > 0
      ? [
          `${severityMark('note')} ${paint.dim(`${clean(registry.registry)}: ${count(accepted, 'accepted fault')}`)}`,
        ]
      : []),
    ...unknownLines(registry, registry.unseen),
    ...staleLines(registry),
    ...unfinishedLines(registry),
  ]
  return lines.length > 0 ? [...lines, ''] : []
}

/** What became broken or unknown, and what is whole again, since the last run: a watch logs nothing else. */
export function changeLines(before: WatchedRegistryReport, after: WatchedRegistryReport): string[] {
  // A run that could not inspect the registry says nothing of what is broken.
  const keys = (registry: WatchedRegistryReport) => new Set(registry.faults.map(keyOf))
  const [old, now] = [keys(before), keys(after)]
  const fresh = after.faults.filter((fault) => !old.has(keyOf(fault)) && fault.accepted === undefined)
  const gone = before.faults.filter((fault) => !now.has(keyOf(fault)))
  return [
    ...causesOf(fresh).flatMap(causeLines),
    ...gone.map((fault) => `${mark('pass')} ${clean(fault.subject)}: ${fault.id} is over`),
    ...unknownChanges(before, after),
    ...collapseLines(before, after),
    ...(after.unfinished && after.unfinished.at !== before.unfinished?.at ? unfinishedLines(after) : []),
  ]
}

function unknownChanges(before: WatchedRegistryReport, after: WatchedRegistryReport): string[] {
  const [wasUnchecked, isUnchecked] = [before.status === 'unchecked', after.status === 'unchecked']
  if (isUnchecked) return wasUnchecked ? [] : unknownLines(after, after.unseen)
  const key = ({ repository, reason }: ReportedUnseen) => `${repository} ${reason}`
  const known = new Set(wasUnchecked ? [] : before.unseen.map(key))
  const still = new Set(after.unseen.map(({ repository }) => repository))
  const fresh = after.unseen.filter((one) => !known.has(key(one)))
  const again = before.unseen.map(({ repository }) => repository).filter((name) => !still.has(name))
  return [
    ...(wasUnchecked ? [`${mark('pass')} ${clean(after.registry)} can be inspected again`] : []),
    ...(fresh.length > 0 ? unknownLines(after, fresh) : []),
    ...(wasUnchecked || again.length === 0
      ? []
      : [`${mark('pass')} ${listed([...new Set(again)].map(nameOf))} can be inspected again`]),
  ]
}

const nameOf = (repository: string): string => (repository === '' ? 'the catalog' : repository)

/** More than half of them gone at once is more than a cleanup does. */
function collapseLines(before: WatchedRegistryReport, after: WatchedRegistryReport): string[] {
  if (!isInspected(before) || !isInspected(after)) return []
  const lost = (['repositories', 'tags'] as const).filter((what) => after[what] * 2 < before[what])
  return lost.map(
    (what) =>
      `${severityMark('warning')} ${clean(after.registry)} has ${after[what]} ${what}, and had ${before[what]} in the run before`,
  )
}

const keyOf = ({ id, repository, digest, subject }: ReportedFault): string =>
  `${id} ${repository} ${digest ?? subject}`

/** Faults that one title and advice explain are one cause. */
const causesOf = (faults: ReportedFault[]): ReportedFault[][] => [
  ...Map.groupBy(
    faults,
    ({ id, title, image, repository }) => `${id} ${title} ${repository} ${image}`,
  ).values(),
]

function causeLines(faults: ReportedFault[]): string[] {
  const [first] = faults
  if (!first) return []
  const more = faults.length - maxDetails
  const tags = [...new Set(faults.flatMap((fault) => fault.tags))]
  return [
    `${severityMark(first.severity)} ${paint.bold('cause  ')} ${clean(first.title)}`,
    `${indent}${clean(first.repository)}: ${clean(tags.slice(0, 8).join(', '))}${tags.length > 8 ? ' …' : ''} · since ${first.brokenSince}`,
    ...faults.slice(0, maxDetails).map(faultLine),
    ...(more > 0 ? [`${indent}and ${more} more of the same`] : []),
    `  ${paint.bold('do')}      ${clean(first.advice)}`,
    `  ${paint.bold('more')}    ${paint.dim(first.url ? clean(first.url) : `regguard-plugin explain ${first.id}`)}`,
  ]
}

function faultLine({ subject, platforms, message }: ReportedFault): string {
  const built = platforms.length > 0 ? ` (${clean(platforms.join(', '))})` : ''
  return `${indent}${clean(subject)}${built}: ${clean(message)}`
}

function unknownLines(
  { registry, unknown, why, status }: WatchedRegistryReport,
  unseen: ReportedUnseen[],
): string[] {
  const kinds = Object.entries(unknown)
  if (status !== 'unchecked' && kinds.length === 0) return []
  const text = kinds.map(([kind, times]) => `${times} × ${kind}`).join(', ')
  const [first] = unseen
  return [
    `${mark('unknown')} ${paint.bold('unknown')} ${clean(registry)} could not be inspected${status === 'unchecked' ? '' : ' as a whole'}${text && `: ${text}`}`,
    ...(status === 'unchecked' && why !== undefined ? [`${indent}${clean(why)}`] : []),
    ...(status === 'unchecked' ? [] : unseen.slice(0, maxDetails).map(unseenLine)),
    ...(status !== 'unchecked' && unseen.length > maxDetails
      ? [`${indent}and in ${count(unseen.length - maxDetails, 'more repository', 'more repositories')}`]
      : []),
    ...(first ? [`  ${paint.bold('more')}    ${paint.dim(`regguard-plugin explain ${first.reason}`)}`] : []),
  ]
}

function unseenLine({ objects, count: all, detail }: ReportedUnseen): string {
  return `${indent}${listed(objects, all)}: ${clean(detail)}`
}

/** The first names of a list, and how many more there are. */
function listed(names: readonly string[], all = names.length): string {
  const shown = names.slice(0, maxDetails)
  return `${clean(shown.join(', '))}${all > shown.length ? ` and ${all - shown.length} more` : ''}`
}

function unfinishedLines({ registry, unfinished, status }: WatchedRegistryReport): string[] {
  if (!unfinished) return []
  const before = status === 'waiting' ? 'there is none before it' : 'what is said here is from the one before'
  return [
    `${mark('unknown')} ${paint.bold('stopped')} ${clean(registry)}: the run did not finish, because ${clean(unfinished.why)}; ${before}`,
  ]
}

function staleLines({ registry, objects, oldestProof }: WatchedRegistryReport): string[] {
  if (objects.stale === 0) return []
  return [
    `${mark('unknown')} ${paint.bold('too old')} ${clean(registry)}: ${count(objects.stale, 'object')} not proven since ${oldestProof}`,
  ]
}

const words = {
  ok: 'OK',
  accepted: 'ACCEPTED',
  partial: 'PARTIAL',
  findings: 'FAILED',
  unchecked: 'UNCHECKED',
  waiting: 'NOT RUN',
} as const

function verdictLine(registry: WatchedRegistryReport, exitCode: number): string {
  const { objects, repositories, tags, indexes, durationMs, faults, unknown } = registry
  const counted = faults.filter(({ accepted }) => accepted === undefined)
  const accepted = faults.length - counted.length
  const unseen = Object.values(unknown).reduce((sum, times) => sum + times, 0)
  return [
    `${wordOf(registry, counted).padEnd(9)} ${clean(registry.registry)}`,
    `${counted.length} broken, ${accepted > 0 ? `${accepted} accepted, ` : ''}${unseen} unknown, ${objects.stale} too old`,
    `${count(repositories, 'repository', 'repositories')}, ${count(tags, 'tag')}, ${count(indexes, 'index', 'indexes')}, ${count(objects.proven, 'object')} proven`,
    `${durationText(durationMs)} · exit ${exitCode}`,
  ].join(' · ')
}

/** A warning fails nothing, and a run that did not finish has no verdict of its own. */
function wordOf({ status, unfinished }: WatchedRegistryReport, counted: readonly ReportedFault[]): string {
  if (unfinished) return 'STOPPED'
  const isWarning = status === 'findings' && counted.every(({ severity }) => severity !== 'error')
  return isWarning ? 'WARNED' : words[status]
}
