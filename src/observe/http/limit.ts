/** Lets at most `most` of the given tasks run at once, in the order they came. */
export function createLimit(most: number): <T>(task: () => Promise<T>) => Promise<T> {
  return createAdaptiveLimit(most).run
}

/** A limit that goes down when a server is overtaxed, and up again while it is not. */
export interface AdaptiveLimit {
  run: <T>(task: () => Promise<T>) => Promise<T>
  /** The server asked for less: half as much from now on. */
  slower: () => void
  /** The server answered: after as many answers as run at once, one more may. */
  well: () => void
}

/** Additive increase, multiplicative decrease, as TCP has it: registries refuse bursts long before they refuse a pace. */
export function createAdaptiveLimit(most: number): AdaptiveLimit {
  const waiting: (() => void)[] = []
  let running = 0
  let allowed = most
  let answers = 0
  const next = () => {
    while (running < allowed) {
      const go = waiting.shift()
      if (!go) return
      running += 1
      go()
    }
  }
  return {
    run: async (task) => {
      if (running >= allowed) await new Promise<void>((go) => waiting.push(go))
      else running += 1
      try {
        return await task()
      } finally {
        running -= 1
        next()
      }
    },
    slower: () => {
      allowed = Math.max(1, Math.floor(allowed / 2))
      answers = 0
    },
    well: () => {
      answers += 1
      if (answers < allowed || allowed >= most) return
      answers = 0
      allowed += 1
      next()
    },
  }
}
