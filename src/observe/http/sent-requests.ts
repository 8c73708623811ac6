import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/** The message that undici publishes when it sends the headers of a request (docs/docs/api/DiagnosticsChannel.md, sendHeaders). */
interface SendHeadersMessage {
  request: { method: string; path: string; origin: string | URL }
  socket: Socket
}

const channel = 'undici:client:sendHeaders'

/** Reports on which connection a request is sent, which undici's API does not. */
export interface SentRequests {
  /** Calls `sent` once, when a request with this method, origin and path is sent. Returns a function that cancels this. */
  expect: (
    request: { method: string; origin: string; path: string },
    sent: (socket: Socket) => void,
  ) => () => void
  close: () => void
}

/**
 * Listens to undici's diagnostics channel. Requests with the same method, origin and path are matched in the order in which they
 * were expected; which of them is which makes no difference.
 */
export function watchSentRequests(): SentRequests {
  const waiting = new Map<string, ((socket: Socket) => void)[]>()
  const keyOf = (method: string, origin: string, path: string) => `${method} ${origin} ${path}`
  const origins = new Map<string | URL, string>()
  /** There are few origins and many requests. */
  const originOf = (given: string | URL): string => {
    const known = origins.get(given) ?? new URL(given).origin
    origins.set(given, known)
    return known
  }
  const listen = (message: unknown) => {
    const { request, socket } = message as SendHeadersMessage
    const key = keyOf(request.method, originOf(request.origin), request.path)
    const [first, ...rest] = waiting.get(key) ?? []
    if (rest.length > 0) waiting.set(key, rest)
    else waiting.delete(key)
    first?.(socket)
  }
  subscribe(channel, listen)
  return {
    expect: ({ method, origin, path }, sent) => {
      const key = keyOf(method, origin, path)
      waiting.set(key, [...(waiting.get(key) ?? []), sent])
      return () => {
        const left = (waiting.get(key) ?? []).filter((one) => one !== sent)
        if (left.length > 0) waiting.set(key, left)
        else waiting.delete(key)
      }
    },
    close: () => unsubscribe(channel, listen),
  }
}
