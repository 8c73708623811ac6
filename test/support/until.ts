import { setTimeout as sleep } from 'node:timers/promises'

/** How long to wait before a test is taken for broken, and how often to ask. */
export type UntilOptions = { limitMs?: number; everyMs?: number }

const late = Symbol('late')

/**
 * Waits until a condition holds, and returns what it gave. The limit is for tests that are broken, not for machines under load: by
 * default it is a little less than a test may last, so that the error names what did not come.
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  { limitMs = 25_000, everyMs = 20 }: UntilOptions = {},
): Promise<NonNullable<T>> {
  const over = new AbortController()
  const limit = sleep(limitMs, late, { signal: over.signal }).catch(() => late)
  try {
    for (;;) {
      // A condition may itself never come to an end.
      const found = await Promise.race([limit, condition()])
      if (found === late) throw new Error(`${what}: not within ${limitMs / 1000} s`)
      if (found) return found as NonNullable<T>
      await sleep(everyMs)
    }
  } finally {
    over.abort()
  }
}
