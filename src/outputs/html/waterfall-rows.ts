import type { Status } from '../../core/finding.ts'
import { durationText } from '../../core/units.ts'
import type { LegAddressFact, LegFact } from '../../facts/path/leg.ts'
import type { PhaseTimes } from '../../facts/path/phases.ts'
import { isUnused, legFailures, legState, phaseTimes } from '../../facts/queries/path/legs.ts'
import type { Report } from '../../report/schema.ts'
import { legStatus } from '../leg-status.ts'

type Request = NonNullable<Report['keyRequests']>[number]

export const phases = ['dns', 'connect', 'tls', 'headers', 'body'] as const
export type Phase = (typeof phases)[number]

/** One bar of a waterfall: what was asked where, the phases one after the other, and what it was lost to. */
export interface Row {
  name: string
  /** The address, and what else tells it from other rows. */
  place: string
  /** When it began, in milliseconds since the beginning of the picture. */
  from: number
  segments: { phase: Phase; ms: number }[]
  /** How long it waited in vain, and for what; absent where there was an answer. */
  lost?: { ms: number; why: string }
  status: Status
  /** The answer, in a word or two. */
  end: string
  /** How often it failed, of several attempts; '' for one. */
  often: string
  /** Each attempt, where there were several. */
  attempts: boolean[]
}

/** So many rows are drawn; those that failed stay. */
const most = 24

/** The legs that were probed, address by address; without any, the requests that show where the time went. */
export function waterfallRows(report: Report): Row[] {
  const { legs = [], keyRequests = [] } = report
  const rows =
    legs.length > 0
      ? legs.flatMap(legRows)
      : keyRequests.map((request) => requestRow(request, Math.min(...keyRequests.map(({ at }) => at))))
  if (rows.length <= most) return rows
  const chosen = new Set(
    [...rows.filter(({ status }) => status === 'fail' || status === 'warn'), ...rows].slice(0, most),
  )
  return rows.filter((row) => chosen.has(row))
}

function legRows(leg: LegFact): Row[] {
  if (legState(leg) === 'proxied') return []
  const name = leg.step === 'endpoint' ? leg.host : `${leg.step} ${leg.host}`
  const dns = phaseTimes(leg, 'dns')
  const lookup = legFailures(leg).find(({ address }) => address === undefined)
  if (leg.addresses.length === 0) {
    const ms = lookup?.why.ms ?? dns?.median ?? 0
    return [
      {
        ...{ name, place: 'name not resolved', from: 0, segments: [], often: '', attempts: [] },
        lost: { ms, why: 'name' },
        status: lookup ? 'fail' : 'unknown',
        end: lookup ? 'no address' : 'not finished',
      },
    ]
  }
  return leg.addresses
    .filter((one) => !isUnused(leg, one))
    .map((one) => addressRow(leg, one, name, dns?.median))
}

function addressRow(leg: LegFact, one: LegAddressFact, name: string, dns: number | undefined): Row {
  const alone: LegFact = { ...leg, lookups: [], addresses: [one] }
  const [failure] = legFailures(alone)
  const state = legState(alone)
  const medians: PhaseTimes = {}
  if (dns !== undefined) medians.dns = dns
  for (const phase of ['connect', 'tls', 'headers', 'body'] as const) {
    const found = phaseTimes(alone, phase)
    if (found && failure?.phase !== phase) medians[phase] = found.median
  }
  const codes = [...new Set(one.attempts.flatMap(({ status: code }) => code ?? []))]
  const attempts = one.attempts.map(({ failure: why, status: code = 0 }) => why === undefined && code < 500)
  const often = failure && failure.of > 1 ? `${failure.failed} of ${failure.of} failed` : ''
  return {
    ...{ name, place: one.address, from: 0, segments: segmentsOf(medians), status: legStatus[state] },
    ...(failure && failure.why.status === undefined
      ? { lost: { ms: failure.why.ms ?? waited(one, failure.phase), why: failure.kind } }
      : {}),
    end: failure ? failure.kind : codes.length > 0 ? `HTTP ${codes.join(', ')}` : 'not finished',
    often,
    attempts: attempts.length > 1 ? attempts : [],
  }
}

/** How long attempts waited in the phase that failed. */
function waited({ attempts }: LegAddressFact, phase: string): number {
  const times = attempts.flatMap(({ failure, phases: times }) =>
    failure?.phase === phase ? (times[phase as Phase] ?? failure.ms ?? 0) : [],
  )
  return times[0] ?? 0
}

function requestRow(request: Request, start: number): Row {
  const { method, url, role, status = 0, failure, address, phases: times, attempt } = request
  const { host, path } = partsOf(url)
  const { ms = 0, kind = '' } = failure ?? {}
  const { [failure?.phase as Phase]: inFailed = 0, ...passed } = failure ? times : { ...times }
  return {
    name: `${role} ${host}`,
    place: [method, path, address ?? '', attempt > 0 ? `retry ${attempt}` : ''].filter(Boolean).join(' '),
    from: request.at - start,
    segments: segmentsOf(failure ? passed : times),
    ...(failure ? { lost: { ms: Math.max(ms, inFailed), why: kind } } : {}),
    status: failure ? 'fail' : status >= 500 ? 'warn' : 'pass',
    end: failure ? kind : `HTTP ${status}`,
    often: '',
    attempts: [],
  }
}

function partsOf(url: string): { host: string; path: string } {
  if (!URL.canParse(url)) return { host: url, path: '' }
  const { host, pathname } = new URL(url)
  // The end of a path tells manifests and blobs apart.
  return {
    host,
    path: pathname.replace(/(sha(?:256|512):[0-9a-f]{8})[0-9a-f]+/, '$1…').replace(/^\/v2\//, ''),
  }
}

const segmentsOf = (times: PhaseTimes): Row['segments'] =>
  phases.flatMap((phase) => {
    const ms = times[phase]
    return ms === undefined ? [] : [{ phase, ms }]
  })

/** How long a row took. */
export const rowMs = ({ segments, lost }: Row): number =>
  segments.reduce((sum, { ms }) => sum + ms, 0) + (lost?.ms ?? 0)

/** What a row says, in words. */
export const rowText = (row: Row): string =>
  [
    ...row.segments.map(({ phase, ms }) => `${phase} ${durationText(ms)}`),
    ...(row.lost ? [`lost after ${durationText(row.lost.ms)}`] : []),
  ].join(', ')
