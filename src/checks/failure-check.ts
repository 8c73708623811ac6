import { type Failure, type FailureKind, type FailureSign, failureInfo } from '../core/failure.ts'
import type { Fault, Severity } from '../core/finding.ts'
import { count } from '../core/units.ts'
import type { Facts } from '../facts/facts.ts'
import { failuresIn, type Occurrence } from '../facts/queries/image/failures.ts'
import { socketText } from '../facts/queries/runner/port-text.ts'
import type { Settings } from '../settings/schema.ts'
import { type Check, defineCheck } from './define.ts'

/**
 * Defines the check for one kind of failure. It has one finding per host, however many objects could not be verified because of it.
 * Its group is that of the kind in `src/core/failure.ts`.
 */
export function failureCheck(about: {
  id: FailureKind
  title: string
  fault: string
  severity?: Severity
  advice: string
  /** The objects to name in the message rather than to count. */
  names?: (occurrence: Occurrence) => boolean
  /** True for a failure that another check reports. */
  unless?: (
    occurrence: Occurrence,
    facts: Pick<Facts, 'image' | 'registry' | 'path'>,
    settings: Settings,
  ) => boolean
  /** What to say instead where a probe of the leg showed by what it failed. */
  bySign?: Partial<Record<FailureSign, Required<Pick<Fault, 'title' | 'advice'>>>>
  /** What the settings of this run explain about the failure of a host. */
  explained?: (host: string, settings: Settings) => Partial<Pick<Fault, 'because' | 'advice'>>
}): Check {
  const {
    id,
    title,
    fault,
    severity = 'error',
    advice,
    unless,
    explained,
    bySign = {},
    names = () => false,
  } = about
  return defineCheck({
    id,
    group: failureInfo(id).group,
    title,
    fault,
    severity,
    advice,
    reads: ['path.requests'],
    consults: ['path.legs'],
    run: (facts, settings) => {
      const occurrences = failuresIn(facts).filter(
        (one) => one.why.kind === id && !unless?.(one, facts, settings),
      )
      return [...Map.groupBy(occurrences, ({ why }) => why.host)].map(([host, all]) => {
        const signed = signedFailures(facts.path, all)
        const [sign] = signed.flatMap((why) => why.sign ?? [])
        return {
          subject: host,
          message: messageOf(all, all.filter(names)),
          evidence: [
            ...new Set([
              ...signed.map(({ detail }) => detail),
              ...all.flatMap(({ why }) => placesOf(why)),
              ...all.flatMap(({ why }) => why.evidence),
            ]),
          ].slice(0, 8),
          cause: host,
          ...(sign ? bySign[sign] : {}),
          ...explained?.(host, settings),
        }
      })
    },
  })
}

/** Where a connection failed after it was established; before that, the detail says it. */
function placesOf({ kind, phase, addresses = [], port = 0 }: Failure): string[] {
  if (failureInfo(kind).group !== 'path' || phase === 'connect') return []
  return addresses.map((address) => `connected to ${socketText(address, port)}`)
}

/** What probes of the leg found in the same phase, where it shows more than the request did. */
function signedFailures({ legs = [] }: Facts['path'], all: Occurrence[]): Failure[] {
  const attempts = legs.flatMap(({ addresses }) => addresses.flatMap((address) => address.attempts))
  return attempts.flatMap(({ failure }) =>
    failure?.sign &&
    all.some(({ why }) => why.host === failure.host && why.phase === failure.phase) &&
    all.every(({ why }) => why.detail !== failure.detail)
      ? failure
      : [],
  )
}

/**
 * The first two details, and what could not be verified: `HTTP 503: 187 objects not verified`. Of the `named` ones, the first two are
 * named beside the number.
 */
function messageOf(all: Occurrence[], named: Occurrence[]): string {
  const details = [...new Set(all.map(({ why }) => why.detail))]
  const more = details.length > 2 ? ` (and ${details.length - 2} more)` : ''
  const subjects = new Set(all.map(({ subject }) => subject))
  const what = subjects.size === 1 ? [...subjects][0] : count(subjects.size, 'object')
  const names = [...new Set(named.map(({ subject }) => subject))]
  const others = names.length > 2 ? ` and ${count(names.length - 2, 'other')}` : ''
  const waited =
    names.length > 0 && subjects.size > 1
      ? `, while waiting for ${names.slice(0, 2).join(', ')}${others}`
      : ''
  return `${details.slice(0, 2).join('; ')}${more}: ${what} not verified${waited}`
}
