import { setTimeout as wait } from 'node:timers/promises'
import type { Observed } from '../../core/observed.ts'

/** Repeats a request while the registry may not show a fresh push yet. */
export type Settle = <T extends { state: string }>(
  attempt: () => Promise<Observed<T>>,
) => Promise<Observed<T>>

/** The pause between two attempts, in milliseconds. */
const pauseMs = 1000

/**
 * Repeats a request that was answered with 404, and no other, until `deadline`. Some registries show a push late (GHCR):
 * distribution-spec does not guarantee read-after-write.
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
