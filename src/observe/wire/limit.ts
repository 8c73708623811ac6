/** Lets at most `most` of the given tasks run at once, in the order they came. */
export function createLimit(most: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (task) => {
    if (running >= most) await new Promise<void>((go) => waiting.push(go))
    else running += 1
    try {
      return await task()
    } finally {
      const next = waiting.shift()
      // The place is handed on, so `running` stays as it is.
      if (next) next()
      else running -= 1
    }
  }
}
