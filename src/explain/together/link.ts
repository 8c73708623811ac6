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
export function failuresOf(cause: Cause, facts: Facts): Failure[] {
  const hosts = new Set(hostsOf(cause))
  return failuresIn(facts).flatMap(({ why }) => (hosts.has(why.host) ? why : []))
}

/** The hosts that findings of a cause are about, with ports as in URLs: a subject is one host, several, or an URL with words. */
export const hostsOf = ({ findings }: Cause): string[] => [
  ...new Set(findings.flatMap(({ subject }) => subject.split(', ').map(hostOf))),
]

/** The hosts that findings of a cause are about, without ports. */
export const hostnamesOf = (cause: Cause): string[] => [...new Set(hostsOf(cause).map(hostnameOf))]

/** A host without its port. */
export const hostnameOf = (host: string): string =>
  URL.canParse(`https://${host}`) ? new URL(`https://${host}`).hostname : host

function hostOf(text: string): string {
  const url = /https?:\/\/\S+/.exec(text)?.[0]
  return url !== undefined && URL.canParse(url) ? new URL(url).host : text
}
