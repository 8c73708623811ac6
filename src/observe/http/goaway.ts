/**
 * Servers end an HTTP/2 connection after so many requests or minutes (nginx: `keepalive_requests`) with a GOAWAY that has no error in
 * it. What it names as not begun was not seen by the server and is safe to send again, on a new connection (RFC 9113, section 6.8):
 * that is how such servers work, and no sign of a flaky road. undici does so once; of many requests at once some are left over.
 */
export async function throughShutdowns<T>(send: () => Promise<T>): Promise<T> {
  for (let turn = 1; ; turn += 1) {
    try {
      return await send()
    } catch (error) {
      if (turn > maxShutdowns || !isShutdown(error)) throw error
    }
  }
}

/** 16 requests at once on connections that end after two each need no more; a server that only says goodbye must end, too. */
const maxShutdowns = 8

/** undici's word for a GOAWAY with the code NO_ERROR (8.12, lib/dispatcher/client-h2.js). */
const isShutdown = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  error.code === 'UND_ERR_INFO' &&
  /GOAWAY.* code 0$/.test(error.message)
