/** Runs at most `max` tasks at once, in the order they were submitted. */
export function createLimit(max: number): <T>(task: () => Promise<T>) => Promise<T> {
  const { run } = createAdaptiveLimit(max)
  return (task) => run(() => task())
}

/** A concurrency limit that shrinks when a server is overloaded and grows back while it is not. */
export interface AdaptiveLimit {
  /** `task` gets the number of times that the limit was halved before it began. With `isNext` it comes before those that wait. */
  run: <T>(task: (halved: number) => Promise<T>, isNext?: boolean) => Promise<T>
  /**
   * The server answered 429 or 503 to a task: halves the number of concurrent tasks, once for all tasks that began before the limit was
   * halved. Returns whether it did.
   */
  onOverload: (halved: number) => boolean
  /** The server answered: allows one task more, after an overload only once a full round was answered. */
  onSuccess: () => void
  /** Allows growth up to `most` concurrent tasks. */
  raise: (most: number) => void
  /** Begins no task until what it returns is called. */
  pause: () => () => void
  /**
   * Resolves once a task would begin at once, in the order of the calls; with `isLast` only where nobody else waits for that. Who has
   * thousands of tasks waits here before each, so that they do not all wait in memory.
   */
  room: (isLast?: boolean) => Promise<void>
}

/**
 * Starts at `max` concurrent tasks; additive increase, multiplicative decrease, as in TCP. Registries reject bursts long before
 * they reject a steady rate.
 */
export function createAdaptiveLimit(max: number): AdaptiveLimit {
  const waiting: (() => void)[] = []
  const waitingForRoom: Record<'first' | 'last', (() => void)[]> = { first: [], last: [] }
  let isRoomGiven = false
  let running = 0
  let most = max
  let allowed = max
  let halvings = 0
  let answers = 0
  let pauses = 0
  const startNext = () => {
    while (running < allowed && pauses === 0) {
      const start = waiting.shift()
      if (!start) return giveRoom()
      running += 1
      start()
    }
  }
  const giveRoom = () => {
    const { first, last } = waitingForRoom
    if (isRoomGiven || first.length + last.length === 0) return
    let free = allowed - running
    for (; free > 0 && first.length > 0; free -= 1) first.shift()?.()
    if (free > 0) last.shift()?.()
    if (first.length + last.length === 0) return
    // Whoever got room may have nothing to begin after all: then it is the next one's.
    isRoomGiven = true
    setImmediate(() => {
      isRoomGiven = false
      startNext()
    })
  }
  return {
    run: async (task, isNext = false) => {
      if (running < allowed && pauses === 0) running += 1
      else
        await new Promise<void>((start) => {
          if (isNext) waiting.unshift(start)
          else waiting.push(start)
        })
      try {
        return await task(halvings)
      } finally {
        running -= 1
        startNext()
      }
    },
    onOverload: (halved) => {
      if (halved < halvings) return false
      halvings += 1
      allowed = Math.max(1, Math.floor(allowed / 2))
      answers = 0
      return true
    },
    onSuccess: () => {
      answers += 1
      if (allowed >= most || (halvings > 0 && answers < allowed)) return
      answers = 0
      allowed += 1
      startNext()
    },
    raise: (to) => {
      most = Math.max(most, to)
    },
    pause: () => {
      pauses += 1
      return () => {
        pauses -= 1
        startNext()
      }
    },
    room: async (isLast = false) => {
      const { first, last } = waitingForRoom
      const mayBegin = running < allowed && pauses === 0 && waiting.length === 0
      if (mayBegin && first.length === 0 && (!isLast || last.length === 0)) return
      await new Promise<void>((go) => (isLast ? last : first).push(go))
    },
  }
}

/**
 * Begins a task for each item in order, each once there is room for it, and gives their results in the same order. What waits for an
 * answer is bounded by the limit behind `room`, and not by how many items there are.
 */
export async function inTurn<T, R>(
  room: () => Promise<void>,
  items: Iterable<T>,
  task: (item: T) => Promise<R>,
): Promise<R[]> {
  const begun: Promise<R>[] = []
  for (const item of items) {
    await room()
    const one = task(item)
    // Whether it fails is seen at the end.
    one.catch(() => {})
    begun.push(one)
  }
  return Promise.all(begun)
}
