/** A clock of which waits take no time: each is noted, and moves it on. */
export type PaperClock = {
  now: () => number
  /** The waits since the test began, in milliseconds. */
  waits: number[]
  /** What happens while the clock moves on; of a pending promise, the wait lasts until its signal ends it. */
  meanwhile: () => void | Promise<void>
  reset(): void
}

/** Today, so that no clock is wrong. */
let at = Date.now()

export const paperClock: PaperClock = {
  now: () => at,
  waits: [],
  meanwhile: () => {},
  reset() {
    at = Date.now()
    paperClock.waits = []
    paperClock.meanwhile = () => {}
  },
}

/**
 * For a suite that waits on paper:
 * `vi.mock('node:timers/promises', async (real) => (await import('…/paper-clock.ts')).paperTimers(real))`.
 */
export async function paperTimers(original: () => Promise<unknown>) {
  const real = (await original()) as typeof import('node:timers/promises')
  const setTimeout = async (ms = 0, value?: unknown, { signal }: { signal?: AbortSignal } = {}) => {
    signal?.throwIfAborted()
    paperClock.waits.push(ms)
    at += ms
    const aborted = new Promise<never>((_, fail) =>
      signal?.addEventListener('abort', () => fail(signal.reason), { once: true }),
    )
    await Promise.race([Promise.resolve(paperClock.meanwhile()).then(() => real.setImmediate()), aborted])
    return value
  }
  return { ...real, setTimeout, default: { ...real, setTimeout } }
}
