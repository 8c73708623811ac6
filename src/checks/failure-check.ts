import { type FailureKind, failureInfo } from '../core/failure.ts'
import type { Severity } from '../core/finding.ts'
import { count } from '../core/units.ts'
import type { Facts } from '../facts/facts.ts'
import { failuresIn, type Occurrence } from '../facts/queries/image/failures.ts'
import type { Settings } from '../settings/schema.ts'
import { type Check, defineCheck } from './define.ts'

/**
 * A check that finds one kind of failure: one finding a host, however many objects it kept from being observed. Its group is
 * the one in `src/core/failure.ts`.
 */
export function failureCheck(about: {
  id: FailureKind
  title: string
  fault: string
  severity?: Severity
  advice: string
  /** A failure that another check explains. */
  unless?: (occurrence: Occurrence, facts: Pick<Facts, 'image' | 'registry'>, settings: Settings) => boolean
}): Check {
  const { id, title, fault, severity = 'error', advice, unless } = about
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
        message: messageOf(all),
        evidence: [...new Set(all.flatMap(({ why }) => why.evidence))].slice(0, 8),
        cause: host,
      }))
    },
  })
}

function messageOf(all: Occurrence[]): string {
  const details = [...new Set(all.map(({ why }) => why.detail))]
  const more = details.length > 2 ? ` (and ${count(details.length - 2, 'other answer')})` : ''
  const subjects = new Set(all.map(({ subject }) => subject))
  const lost =
    subjects.size === 1 ? `${[...subjects][0]} was not seen` : `${count(subjects.size, 'object')} not seen`
  return `${details.slice(0, 2).join('; ')}${more}: ${lost}`
}
