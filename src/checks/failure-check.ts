import { type FailureKind, failureInfo } from '../core/failure.ts'
import type { Fault, Severity } from '../core/finding.ts'
import { count } from '../core/units.ts'
import type { Facts } from '../facts/facts.ts'
import { failuresIn, type Occurrence } from '../facts/queries/image/failures.ts'
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
  unless?: (occurrence: Occurrence, facts: Pick<Facts, 'image' | 'registry'>, settings: Settings) => boolean
  /** What the settings of this run explain about the failure of a host. */
  explained?: (host: string, settings: Settings) => Partial<Pick<Fault, 'because' | 'advice'>>
}): Check {
  const { id, title, fault, severity = 'error', advice, unless, explained, names = () => false } = about
  return defineCheck({
    id,
    group: failureInfo(id).group,
    title,
    fault,
    severity,
    advice,
    reads: ['path.requests'],
    run: (facts, settings) => {
      const occurrences = failuresIn(facts).filter(
        (one) => one.why.kind === id && !unless?.(one, facts, settings),
      )
      return [...Map.groupBy(occurrences, ({ why }) => why.host)].map(([host, all]) => ({
        subject: host,
        message: messageOf(all, all.filter(names)),
        evidence: [...new Set(all.flatMap(({ why }) => why.evidence))].slice(0, 8),
        cause: host,
        ...explained?.(host, settings),
      }))
    },
  })
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
