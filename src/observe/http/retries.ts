import { setTimeout as wait } from 'node:timers/promises'
import { type Failure, failureInfo } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'

/** How often a failure is retried. A 502, 503 or 504 from a gateway is temporary, whichever server is behind the gateway. */
function retriesFor({ kind, status = 0 }: Failure): number {
  const { intermediary, retries } = failureInfo(kind)
  return intermediary && [502, 503, 504].includes(status)
    ? failureInfo('registry-unavailable').retries
    : retries
}

/** The longest `Retry-After` that is honoured; a longer wait is not worth the time of a CI step. */
const maxWaitMs = 30_000

/** A failure, with the delay that the server asked for in `Retry-After`. */
export type RetryableFailure = Failure & { retryAfterMs?: number }

/**
 * Runs `attempt` and repeats it after temporary failures, with growing delays: 0.25 s, 1 s, 4 s, each ±50 %. `attempt` gets the
 * number of earlier attempts. Every retry is reported to `retried`, so that a flaky network path is never hidden.
 */
export async function withRetries<T>(
  attempt: (turn: number) => Promise<Observed<T>>,
  options: {
    signal: AbortSignal
    retried: (why: Failure) => void
    /** Called with each delay, which ends also when `signal` aborts. */
    waits?: (waiting: Promise<unknown>) => void
    /** Called before each retry; false ends the retries. The budget that all requests to a registry share. */
    mayRetry?: () => boolean
    random?: () => number
  },
): Promise<Observed<T>> {
  for (let turn = 0; ; turn += 1) {
    const result = await attempt(turn)
    if (result.seen || options.signal.aborted) return result
    const why: RetryableFailure = result.why
    if (turn >= retriesFor(why)) return result
    const waitMs = why.retryAfterMs ?? 250 * 4 ** turn * (0.5 + (options.random ?? Math.random)())
    if (waitMs > maxWaitMs || options.mayRetry?.() === false) return result
    options.retried(why)
    const waiting = wait(waitMs, undefined, { signal: options.signal }).catch(() => {})
    options.waits?.(waiting)
    await waiting
  }
}

/**
 * `Retry-After` in milliseconds, from seconds or an HTTP date (RFC 9110, section 10.2.3); undefined if it is missing or invalid.
 * `now` is in milliseconds since the epoch.
 */
export function retryAfterMs(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000
  // Date.parse reads “1.5” and “-5” as years.
  const at = /[A-Za-z]{3}/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
