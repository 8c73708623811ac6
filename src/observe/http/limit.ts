/** Runs at most `max` tasks at once, in the order they were submitted. */
export function createLimit(max: number): <T>(task: () => Promise<T>) => Promise<T> {
  return createAdaptiveLimit(max).run
}

/** A concurrency limit that shrinks when a server is overloaded and grows back while it is not. */
export interface AdaptiveLimit {
  run: <T>(task: () => Promise<T>) => Promise<T>
  /** The server answered 429 or 503: halves the number of concurrent tasks. */
  onOverload: () => void
  /** The server answered: after one full round of answers, allows one task more. */
  onSuccess: () => void
}

/**
 * Starts at `max` concurrent tasks; additive increase, multiplicative decrease, as in TCP. Registries reject bursts long before
 * they reject a steady rate.
 */
export function createAdaptiveLimit(max: number): AdaptiveLimit {
  const waiting: (() => void)[] = []
  let running = 0
  let allowed = max
  let answers = 0
  const startNext = () => {
    while (running < allowed) {
      const start = waiting.shift()
      if (!start) return
      running += 1
      start()
    }
  }
  return {
    run: async (task) => {
      if (running >= allowed) await new Promise<void>((start) => waiting.push(start))
      else running += 1
      try {
        return await task()
      } finally {
        running -= 1
        startNext()
      }
    },
    onOverload: () => {
      allowed = Math.max(1, Math.floor(allowed / 2))
      answers = 0
    },
    onSuccess: () => {
      answers += 1
      if (answers < allowed || allowed >= max) return
      answers = 0
      allowed += 1
      startNext()
    },
  }
}
