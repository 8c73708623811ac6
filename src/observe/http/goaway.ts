/** Sends a request, which `send` does, and gives its answer. */
export type Resend = <T>(send: () => Promise<T>) => Promise<T>

/**
 * Sends a request again when the server closed its HTTP/2 connection with a GOAWAY without an error before it began the request.
 * Servers close connections like this after a number of requests or minutes (nginx: `keepalive_requests`); a request that the
 * GOAWAY does not cover was not processed and is safe to send on a new connection (RFC 9113, section 6.8). This is normal
 * operation, not a sign of a flaky network path, so it does not count as a retry. undici resends once; when many requests share a
 * connection, some are still left over.
 */
export function createResend(): Resend {
  let underWay = 0
  return async (send) => {
    underWay += 1
    try {
      let most = minGoaways
      for (let attempt = 1; ; attempt += 1) {
        most = Math.max(most, underWay)
        try {
          return await send()
        } catch (error) {
          if (attempt > most || !isGracefulGoaway(error)) throw error
        }
      }
    } finally {
      underWay -= 1
    }
  }
}

/**
 * Where connections close after one request each, a request may lose its turn to all others that are under way. Bounded for servers that
 * only send GOAWAY.
 */
const minGoaways = 16

/** Matches undici's error for a GOAWAY with the code NO_ERROR (8.12, lib/dispatcher/client-h2.js). */
const isGracefulGoaway = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  error.code === 'UND_ERR_INFO' &&
  /GOAWAY.* code 0$/.test(error.message)
