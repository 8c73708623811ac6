import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/** What undici publishes when the headers of a request go out (docs/docs/api/DiagnosticsChannel.md, sendHeaders). */
interface Sent {
  request: { method: string; path: string; origin: string | URL }
  socket: Socket
}

const name = 'undici:client:sendHeaders'

/** Says on which connection a request goes out; undici's own interface does not. */
export interface SentRequests {
  /** Calls back once, when a request with this method, origin and path goes out; gives what takes that back. */
  expect: (
    request: { method: string; origin: string; path: string },
    sent: (socket: Socket) => void,
  ) => () => void
  close: () => void
}

/**
 * Listens to undici's diagnostics channel. Requests that are alike in method, origin and path are told apart by their order
 * alone; between them it makes no difference.
 */
export function watchSentRequests(): SentRequests {
  const waiting = new Map<string, ((socket: Socket) => void)[]>()
  const keyOf = (method: string, origin: string, path: string) => `${method} ${origin} ${path}`
  const listen = (message: unknown) => {
    const { request, socket } = message as Sent
    const key = keyOf(request.method, new URL(request.origin).origin, request.path)
    const [first, ...rest] = waiting.get(key) ?? []
    if (rest.length > 0) waiting.set(key, rest)
    else waiting.delete(key)
    first?.(socket)
  }
  subscribe(name, listen)
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
    close: () => unsubscribe(name, listen),
  }
}
