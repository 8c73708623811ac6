import type { Failure } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { createAdaptiveLimit } from './limit.ts'
import { withRetries } from './retries.ts'

/** One attempt of a request. */
export interface Turn {
  /** How many attempts were made before. */
  attempt: number
  /** The server answered 429 or 503. */
  overloaded: () => void
  /** It answered anything else. */
  answered: () => void
}

/** Sends requests to one server as fast as it takes them. */
export interface Pace {
  /** Makes one request, and repeats it after temporary failures unless `mayRetry` says no. */
  run: <T>(attempt: (turn: Turn) => Promise<Observed<T>>, mayRetry?: () => boolean) => Promise<Observed<T>>
  /** Allows up to `most` requests at once. */
  raise: (most: number) => void
  /** Resolves once a request would be sent at once; with `isLast` only where nobody else waits for that. */
  room: (isLast?: boolean) => Promise<void>
}

/** What a pace needs. */
export interface PaceOptions {
  /** The most requests at once. */
  concurrency: number
  /** How many retries all requests share. */
  maxRetries: number
  signal: AbortSignal
  /** Called before each retry. */
  retried: (why: Failure) => void
}

/**
 * Starts with `concurrency` requests at once. The first refusal of a burst halves that, and for as long as that request waits to be repeated
 * no other is sent: what was refused would only be refused again. A request that is repeated comes before those that were not sent yet.
 */
export function createPace({ concurrency, maxRetries, signal, retried }: PaceOptions): Pace {
  const limit = createAdaptiveLimit(concurrency)
  let retriesLeft = maxRetries
  return {
    raise: limit.raise,
    room: limit.room,
    run: (attempt, mayRetry = () => true) => {
      let isFirstRefusal = false
      return withRetries(
        (turn) =>
          limit.run((halved) => {
            isFirstRefusal = false
            return attempt({
              attempt: turn,
              answered: limit.onSuccess,
              overloaded: () => {
                isFirstRefusal = limit.onOverload(halved)
              },
            })
          }, turn > 0),
        {
          signal,
          mayRetry: () => {
            if (!mayRetry()) return false
            retriesLeft -= 1
            return retriesLeft >= 0
          },
          retried,
          waits: (waiting) => {
            if (!isFirstRefusal) return
            const resume = limit.pause()
            // Once the repeated request is in its place.
            void waiting.then(() => queueMicrotask(resume))
          },
        },
      )
    },
  }
}
