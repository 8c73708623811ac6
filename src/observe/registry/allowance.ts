import { leadingNumber } from '../http/request-log.ts'

/** The rate limit of an account at one registry, and what a run has reserved of it. */
export interface Allowance {
  /** Reads the rest of the limit from the headers of a response. */
  update: (header: (name: string) => string | undefined) => void
  /** Reserves this many counted requests. Returns false, and reserves nothing, if fewer are left; true while no limit is known. */
  reserve: (requests: number) => boolean
  /** Releases the reservation of one request: its response has arrived, and with it the new rest of the limit. */
  release: () => void
  /** The rest as a person reads it: `3 of 100 requests left`. */
  text: () => string
}

/** Docker Hub counts GET of a manifest against a limit over six hours, and does not count HEAD (docs.docker.com, "Docker Hub pull usage"). */
export const countsManifests = (host: string): boolean => host === 'registry-1.docker.io'

/** Creates an allowance without a known limit. */
export function createAllowance(): Allowance {
  let left: number | undefined
  let limit: number | undefined
  let reserved = 0
  return {
    update: (header) => {
      const remaining = leadingNumber(header('ratelimit-remaining'))
      if (remaining === undefined) return
      limit = leadingNumber(header('ratelimit-limit')) ?? limit
      // Responses may arrive out of order; within a run the rest only shrinks.
      left = Math.min(left ?? remaining, remaining)
    },
    reserve: (requests) => {
      if (left !== undefined && left - reserved < requests) return false
      reserved += requests
      return true
    },
    release: () => {
      reserved -= 1
    },
    text: () => `${left ?? 0}${limit === undefined ? '' : ` of ${limit}`} requests left`,
  }
}
