/**
 * Runs `run` for each item, at most `limit` at the same time, and takes the next item only when one has ended. The first error
 * ends all.
 */
export async function eachOf<T>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  let failed = false
  const work = async () => {
    while (!failed) {
      const next = await iterator.next()
      if (next.done) return
      await run(next.value)
    }
  }
  try {
    await Promise.all(
      Array.from({ length: limit }, () =>
        work().catch((error: unknown) => {
          failed = true
          throw error
        }),
      ),
    )
  } finally {
    if (failed) await iterator.return?.()
  }
}
