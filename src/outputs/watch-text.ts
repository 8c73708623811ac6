import { count, durationText } from '../core/units.ts'
import type { ReportedFault, WatchedRegistryReport, WatchReport } from '../report/watch.ts'
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
    ...unknownLines(registry),
    ...staleLines(registry),
  ]
  return lines.length > 0 ? [...lines, ''] : []
}

/** What became broken, and what is whole again, since the last run: a watch logs nothing else. */
export function changeLines(before: WatchedRegistryReport, after: WatchedRegistryReport): string[] {
  // A run that could not inspect the registry says nothing of what is broken.
  const keys = (registry: WatchedRegistryReport) => new Set(registry.faults.map(keyOf))
  const [old, now] = [keys(before), keys(after)]
  const fresh = after.faults.filter((fault) => !old.has(keyOf(fault)) && fault.accepted === undefined)
  const gone = before.faults.filter((fault) => !now.has(keyOf(fault)))
  const [wasUnchecked, isUnchecked] = [before.status === 'unchecked', after.status === 'unchecked']
  return [
    ...causesOf(fresh).flatMap(causeLines),
    ...gone.map((fault) => `${mark('pass')} ${clean(fault.subject)}: ${fault.id} is over`),
    ...(isUnchecked && !wasUnchecked ? unknownLines(after) : []),
    ...(wasUnchecked && !isUnchecked && after.status !== 'stopped'
      ? [`${mark('pass')} ${clean(after.registry)} can be inspected again`]
      : []),
  ]
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

function unknownLines({ registry, unknown, why }: WatchedRegistryReport): string[] {
  const kinds = Object.entries(unknown)
  if (kinds.length === 0) return []
  const text = kinds.map(([kind, times]) => `${times} × ${kind}`).join(', ')
  return [
    `${mark('unknown')} ${paint.bold('unknown')} ${clean(registry)} could not be inspected as a whole: ${text}`,
    ...(why === undefined ? [] : [`${indent}${clean(why)}`]),
    `  ${paint.bold('more')}    ${paint.dim(`regguard-plugin explain ${kinds[0]?.[0]}`)}`,
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
  findings: 'FAILED',
  unchecked: 'UNCHECKED',
  stopped: 'STOPPED',
  waiting: 'NOT RUN',
} as const

function verdictLine(registry: WatchedRegistryReport, exitCode: number): string {
  const { status, objects, repositories, tags, indexes, durationMs, faults, unknown } = registry
  const broken = faults.filter(({ accepted }) => accepted === undefined).length
  const unseen = Object.values(unknown).reduce((sum, times) => sum + times, 0)
  return [
    `${words[status].padEnd(9)} ${clean(registry.registry)}`,
    `${broken} broken, ${unseen} unknown, ${objects.stale} too old`,
    `${count(repositories, 'repository', 'repositories')}, ${count(tags, 'tag')}, ${count(indexes, 'index', 'indexes')}, ${count(objects.proven, 'object')} proven`,
    `${durationText(durationMs)} · exit ${exitCode}`,
  ].join(' · ')
}
