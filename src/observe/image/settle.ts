import { setTimeout as wait } from 'node:timers/promises'
import type { Observed } from '../../core/observed.ts'

/** Asks again, while a fresh push may still be on its way to where it is read from. */
export type Settle = <T extends { state: string }>(
  attempt: () => Promise<Observed<T>>,
) => Promise<Observed<T>>

/** Between two questions for the same thing, in milliseconds. */
const pauseMs = 1000

/**
 * Repeats a question whose answer is 404, and no other, until `deadline`. Some registries show a push late
 * (GHCR): read-after-write is no promise of distribution-spec.
 */
export function createSettle(deadline: number, now: () => number, signal: AbortSignal): Settle {
  return async (attempt) => {
    for (;;) {
      const result = await attempt()
      const absent = result.seen && result.value.state === 'absent'
      const left = deadline - now()
      if (!absent || left <= 0 || signal.aborted) return result
      await wait(Math.min(pauseMs, left), undefined, { signal }).catch(() => {})
    }
  }
}
