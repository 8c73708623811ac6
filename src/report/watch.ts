import { type FailureKind, failureKinds } from '../core/failure.ts'
import type { Severity } from '../core/finding.ts'
import { type Accepted, confirmedFaults, type PlacedFault } from '../facts/watch/faults.ts'
import type { LastRun, RegistryState } from '../facts/watch/state.ts'
import { pageUrl } from './page-url.ts'

/** A fault that is younger than this is new. */
const newMs = 24 * 3_600_000

/** One fault, as `/findings` has it. Times are in ISO 8601. */
export interface ReportedFault {
  id: string
  severity: Severity
  repository: string
  tags: string[]
  /** The digest that the tags refer to. */
  image?: string
  /** The object at fault. */
  digest?: string
  subject: string
  platforms: string[]
  message: string
  title: string
  advice: string
  page: string
  url?: string
  brokenSince: string
  lastSeen: string
  new: boolean
  accepted?: { reason: string; expires: string }
}

/** What could not be inspected in one repository for one reason. */
export interface ReportedUnseen {
  /** '' for the registry itself. */
  repository: string
  reason: FailureKind
  count: number
  /** The first of them: `team/app:1.0`, `team/app@sha256:…`, `team/app/tags/list`. */
  objects: string[]
  detail: string
}

/**
 * How a registry stands after the last run that finished. `accepted`: all that is broken is accepted; `partial`: nothing is broken, and
 * something could not be inspected or is too old to claim; `unchecked`: nothing is known of it; `waiting`: no run has finished yet.
 */
type WatchStatus = 'ok' | 'accepted' | 'partial' | 'findings' | 'unchecked' | 'waiting'

/** Whether the last run could inspect the registry, as a whole or in part. */
export const isInspected = ({ status }: Pick<WatchedRegistryReport, 'status'>): boolean =>
  status !== 'unchecked' && status !== 'waiting'

/** What is known of one registry. */
export interface WatchedRegistryReport {
  registry: string
  status: WatchStatus
  /** The run after the last one that finished: when and why it did not. */
  unfinished?: { at: string; why: string }
  /** Whether what is to be watched could be listed. */
  listed: boolean
  lastRun?: string
  lastSuccess?: string
  durationMs: number
  repositories: number
  tags: number
  indexes: number
  /** How many objects are proven, proven too long ago to claim anything, never proven to their end, or missing. */
  objects: { proven: number; stale: number; unproven: number; missing: number }
  oldestProof?: string
  /** What could not be inspected, by the kind of failure. */
  unknown: Partial<Record<FailureKind, number>>
  /** The same by repository, those with most first, and how many more there are. */
  unseen: ReportedUnseen[]
  unseenMore: number
  why?: string
  faults: ReportedFault[]
  /** For metrics alone. */
  counters: Pick<RegistryState, 'runs' | 'skipped' | 'requests' | 'bytes'>
  phases: LastRun['phases']
}

/** The report of a watch: the one model that metrics, `/findings` and the log read. */
export interface WatchReport {
  version: 1
  tool: { name: 'regguard'; version: string }
  /** The checks whose findings count, with their usual severity. */
  classes: readonly { id: string; severity: Severity }[]
  /** The part of the repositories that this process takes, if there are several. */
  shard?: number
  registries: WatchedRegistryReport[]
}

/** What the report of a registry is made with. */
export interface WatchReportOptions {
  accepted: readonly Accepted[]
  reproveMs: number
  now: number
  docsUrl: string | undefined
}

/** What is known of a registry now. */
export function registryReport(state: RegistryState, options: WatchReportOptions): WatchedRegistryReport {
  const { registry, lastRun, lastSuccess, unfinished, runs, skipped, requests, bytes } = state
  const { objects, oldestProof } = objectsOf(state, options)
  const faults = confirmedFaults(state, options.accepted, options.now).map((one) => reported(one, options))
  return {
    registry,
    status: statusOf(lastRun, faults, objects.stale),
    ...(unfinished ? { unfinished: { at: iso(unfinished.at), why: unfinished.why } } : {}),
    listed: lastRun?.listed ?? false,
    ...(lastRun ? { lastRun: iso(lastRun.at) } : {}),
    ...(lastSuccess === undefined ? {} : { lastSuccess: iso(lastSuccess) }),
    durationMs: lastRun?.ms ?? 0,
    repositories: lastRun?.repositories ?? 0,
    tags: lastRun?.tags ?? 0,
    indexes: lastRun?.indexes ?? 0,
    objects,
    ...(oldestProof === undefined ? {} : { oldestProof: iso(oldestProof) }),
    unknown: lastRun?.unknown ?? {},
    unseen: (lastRun?.unseen ?? []).map(({ kind: reason, objects: names, ...rest }) => ({
      ...{ ...rest, reason },
      objects: names.map((name) => `${rest.repository}${name}`),
    })),
    unseenMore: lastRun?.unseenMore ?? 0,
    ...(lastRun?.why === undefined ? {} : { why: lastRun.why }),
    faults,
    counters: { runs, skipped, requests, bytes },
    phases: lastRun?.phases ?? {},
  }
}

/** What is broken and accepted, or was seen since the last run that finished, is known only now. */
function statusOf(
  lastRun: LastRun | undefined,
  faults: readonly ReportedFault[],
  stale: number,
): WatchStatus {
  if (lastRun === undefined) return 'waiting'
  if (lastRun.outcome === 'unchecked') return 'unchecked'
  if (faults.some(({ accepted }) => accepted === undefined)) return 'findings'
  if (stale > 0 || Object.values(lastRun.unknown).some((count) => count > 0)) return 'partial'
  return faults.length > 0 ? 'accepted' : 'ok'
}

/** The kinds of failures for which something may not be inspected. */
export const unknownReasons = Object.keys(failureKinds) as FailureKind[]

function reported({ fault, accepted, ...place }: PlacedFault, options: WatchReportOptions): ReportedFault {
  const { firstSeen, lastSeen, confirmed: _confirmed, ...rest } = fault
  const { now, docsUrl } = options
  return {
    ...rest,
    ...place,
    page: `docs/findings/${fault.id}.md`,
    ...(docsUrl === undefined ? {} : { url: pageUrl(docsUrl, fault.id) }),
    brokenSince: iso(firstSeen),
    lastSeen: iso(lastSeen),
    new: now - firstSeen < newMs,
    ...(accepted ? { accepted: { reason: accepted.reason, expires: iso(accepted.expires) } } : {}),
  }
}

/** A proof of twice the time within which it should have been repeated claims nothing any more. */
function objectsOf({ repositories }: RegistryState, { reproveMs, now }: WatchReportOptions) {
  const objects = { proven: 0, stale: 0, unproven: 0, missing: 0 }
  let oldestProof: number | undefined
  for (const repository of repositories.values())
    for (const { firstBroken, lastProven } of repository.objects.values()) {
      if (firstBroken !== undefined) objects.missing += 1
      else if (lastProven === undefined) objects.unproven += 1
      else {
        objects[now - lastProven > 2 * reproveMs ? 'stale' : 'proven'] += 1
        oldestProof = Math.min(oldestProof ?? lastProven, lastProven)
      }
    }
  return { objects, oldestProof }
}

const iso = (at: number): string => new Date(at).toISOString()
