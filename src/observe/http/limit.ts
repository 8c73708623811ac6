/** Runs at most `max` tasks at once, in the order they were submitted. */
export function createLimit(max: number): <T>(task: () => Promise<T>) => Promise<T> {
  const { run } = createAdaptiveLimit(max)
  return (task) => run(() => task())
}

/** A concurrency limit that shrinks when a server is overloaded and grows back while it is not. */
export interface AdaptiveLimit {
  /** `task` gets the number of times that the limit was halved before it began. */
  run: <T>(task: (halved: number) => Promise<T>) => Promise<T>
  /**
   * The server answered 429 or 503 to a task: halves the number of concurrent tasks, once for all tasks that began before the limit was
   * halved.
   */
  onOverload: (halved: number) => void
  /** The server answered: after one full round of answers, allows one task more. */
  onSuccess: () => void
  /** Allows up to `most` concurrent tasks, at once unless the server was overloaded before. */
  raise: (most: number) => void
}

/**
 * Starts at `max` concurrent tasks; additive increase, multiplicative decrease, as in TCP. Registries reject bursts long before
 * they reject a steady rate.
 */
export function createAdaptiveLimit(max: number): AdaptiveLimit {
  const waiting: (() => void)[] = []
  let running = 0
  let most = max
  let allowed = max
  let halvings = 0
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
        return await task(halvings)
      } finally {
        running -= 1
        startNext()
      }
    },
    onOverload: (halved) => {
      if (halved < halvings) return
      halvings += 1
      allowed = Math.max(1, Math.floor(allowed / 2))
      answers = 0
    },
    onSuccess: () => {
      answers += 1
      if (answers < allowed || allowed >= most) return
      answers = 0
      allowed += 1
      startNext()
    },
    raise: (to) => {
      if (to <= most) return
      most = to
      if (halvings > 0) return
      allowed = to
      startNext()
    },
  }
}
