import { leadingNumber } from '../http/request-log.ts'

/** What a registry lets one account ask for, so that a run stays inside it. */
export interface Allowance {
  /** Notes what the headers of an answer say is left. */
  saw: (header: (name: string) => string | undefined) => void
  /** Takes so many counted requests out of what is left; false, and nothing taken, where they do not fit. True while no limit is known. */
  take: (requests: number) => boolean
  /** A request that was taken has its answer, which says what is left after it. */
  spent: () => void
  /** What is left, in words: `3 of 100 requests are left`. */
  words: () => string
}

/** Docker Hub counts GET of a manifest against a limit of hours, and HEAD not at all (docs.docker.com, "Docker Hub pull usage"). */
export const countsManifests = (host: string): boolean => host === 'registry-1.docker.io'

/** An allowance of which nothing is known yet. */
export function createAllowance(): Allowance {
  let left: number | undefined
  let limit: number | undefined
  let taken = 0
  return {
    saw: (header) => {
      const remaining = leadingNumber(header('ratelimit-remaining'))
      if (remaining === undefined) return
      limit = leadingNumber(header('ratelimit-limit')) ?? limit
      // Answers overtake each other; within a run it only gets less.
      left = Math.min(left ?? remaining, remaining)
    },
    take: (requests) => {
      if (left !== undefined && left - taken < requests) return false
      taken += requests
      return true
    },
    spent: () => {
      taken -= 1
    },
    words: () => `${left ?? 0}${limit === undefined ? '' : ` of ${limit}`} requests are left`,
  }
}
