import type { OutgoingHttpHeaders } from 'node:http'

/** A request, as routes, authorization and faults use it. */
export type RequestLine = {
  method: string
  /** Path and query, as requested. */
  path: string
  pathname: string
  query: URLSearchParams
  headers: Record<string, string | string[] | undefined>
}

/** The requested resource, before the Range header is applied. */
export type Resource = {
  status: number
  headers: OutgoingHttpHeaders
  /** The whole content, even for HEAD and range requests. */
  body: Buffer
  /** Whether the server supports ranges for it. */
  ranges: boolean
  /** How many bytes the storage can serve, if fewer than announced. */
  readable?: number
}

/** How a response is sent, unless it is sent completely and at once. */
type Delivery = {
  delayMs?: number
  drip?: { bytes: number; everyMs: number }
  hang?: boolean
  endless?: boolean
  resetAfter?: 'nothing' | 'headers' | number
}

/** A response to send. If the body is shorter than its Content-Length, the connection is closed after it. */
export type Response = {
  status: number
  headers: OutgoingHttpHeaders
  body: Buffer
  delivery: Delivery
}
