import { setTimeout as wait } from 'node:timers/promises'
import { type Failure, failureInfo } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'

/** How often a failure is retried; a gateway's 502, 503 or 504 passes, whichever server it stands in front of. */
function retriesFor({ kind, status = 0 }: Failure): number {
  const { intermediary, retries } = failureInfo(kind)
  return intermediary && [502, 503, 504].includes(status)
    ? failureInfo('registry-unavailable').retries
    : retries
}

/** A wait that a registry may ask for with `Retry-After`; a longer one is not worth a step's time. */
const longestWaitMs = 30_000

/** A trouble, and how long the registry asked to wait. */
export type Waiting = Failure & { retryAfterMs?: number }

/**
 * Does something again after troubles that pass, with growing waits (0.25 s, 1 s, 4 s, give or take half).
 * Every repetition is reported to `retried`, so that a flaky road is never hidden.
 */
export async function withRetries<T>(
  attempt: (turn: number) => Promise<Observed<T>>,
  options: {
    signal: AbortSignal
    retried: (why: Failure) => void
    /** Asked before each repetition: the budget that many tasks share. */
    mayRepeat?: () => boolean
    random?: () => number
  },
): Promise<Observed<T>> {
  for (let turn = 0; ; turn += 1) {
    const result = await attempt(turn)
    if (result.seen || options.signal.aborted) return result
    const why: Waiting = result.why
    if (turn >= retriesFor(why)) return result
    const waitMs = why.retryAfterMs ?? 250 * 4 ** turn * (0.5 + (options.random ?? Math.random)())
    if (waitMs > longestWaitMs || options.mayRepeat?.() === false) return result
    options.retried(why)
    await wait(waitMs, undefined, { signal: options.signal }).catch(() => {})
  }
}

/** `Retry-After` in milliseconds, from seconds or an HTTP date (RFC 9110, section 10.2.3). */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000
  // Date.parse takes “1.5” and “-5” for years.
  const at = /[A-Za-z]{3}/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
