import type { Failure } from '../../core/failure.ts'
import type { Cause } from '../../core/finding.ts'
import type { Facts } from '../../facts/facts.ts'
import { failuresIn } from '../../facts/queries/image/failures.ts'

/**
 * How one cause stands to another of the same run. `follows`: it is a consequence, by a mechanism that was seen. `apart`: it is none,
 * which something observed shows. `open`: it may be one, and what was observed decides it neither way.
 */
export interface Link {
  relation: 'follows' | 'apart' | 'open'
  /** What was observed that shows it; a clause without a full stop. */
  why: string
}

/** The link from a cause to one that may have come before it; undefined where the facts say nothing of these two. */
export type Linking = (then: Cause, first: Cause, facts: Facts) => Link | undefined

export const follows = (why: string): Link => ({ relation: 'follows', why })
export const apart = (why: string): Link => ({ relation: 'apart', why })
export const open = (why: string): Link => ({ relation: 'open', why })

/** The failures of requests to the hosts that a cause is about. */
export function failuresOf({ findings }: Cause, facts: Facts): Failure[] {
  const hosts = new Set(findings.map(({ subject }) => subject))
  return failuresIn(facts).flatMap(({ why }) => (hosts.has(why.host) ? why : []))
}

/** The hosts that findings of a cause are about, without ports. */
export const hostnamesOf = ({ findings }: Cause): string[] => [
  ...new Set(findings.map(({ subject }) => hostnameOf(subject))),
]

const hostnameOf = (host: string): string =>
  URL.canParse(`https://${host}`) ? new URL(`https://${host}`).hostname : host
