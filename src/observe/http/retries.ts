import { setTimeout as wait } from 'node:timers/promises'
import type { Observed, Trouble } from '../../core/model.ts'

/** How often each passing trouble is asked again. What is not here does not pass. */
const again: Partial<Record<Trouble['kind'], number>> = {
  'connection-cut': 2,
  'connection-refused': 1,
  'connection-timeout': 1,
  'answer-timeout': 1,
  'name-not-resolved': 1,
  'registry-unavailable': 3,
  'registry-error': 1,
  'rate-limited': 3,
  'token-server-unreachable': 1,
  'storage-unreachable': 1,
}

/** Hosts on the way to an image that may be down for a moment as well as the registry may. */
const onTheWay = new Set<Trouble['kind']>(['proxy-failed', 'storage-unreachable', 'token-server-unreachable'])

/** A gateway's answer passes, whoever it is from. */
const turnsFor = ({ kind, status = 0 }: Trouble): number =>
  again[onTheWay.has(kind) && [502, 503, 504].includes(status) ? 'registry-unavailable' : kind] ?? 0

/** A wait that a registry may ask for with `Retry-After`; a longer one is not worth a step's time. */
const longestWaitMs = 30_000

/** A trouble, and how long the registry asked to wait. */
export type Waiting = Trouble & { retryAfterMs?: number }

/**
 * Does something again after troubles that pass, with growing waits (0.25 s, 1 s, 4 s, give or take half).
 * Every repetition is reported to `retried`, so that a flaky road is never hidden.
 */
export async function patiently<T>(
  attempt: () => Promise<Observed<T>>,
  options: {
    signal: AbortSignal
    retried: (why: Trouble) => void
    /** Asked before each repetition: the budget that many tasks share. */
    mayRepeat?: () => boolean
    random?: () => number
  },
): Promise<Observed<T>> {
  for (let turn = 0; ; turn += 1) {
    const result = await attempt()
    if (result.seen || options.signal.aborted) return result
    const why: Waiting = result.why
    if (turn >= turnsFor(why)) return result
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
