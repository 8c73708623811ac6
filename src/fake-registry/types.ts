import type { OutgoingHttpHeaders } from 'node:http'

/** A request as routes, authorization and faults see it. */
export type RequestLine = {
  method: string
  /** Path and query, as asked. */
  path: string
  pathname: string
  query: URLSearchParams
  headers: Record<string, string | string[] | undefined>
}

/** What a request is for, before its Range header is looked at. */
export type Resource = {
  status: number
  headers: OutgoingHttpHeaders
  /** The whole content, also when the request asks for its head or for a part. */
  body: Buffer
  /** Whether the server would serve a part of it. */
  ranges: boolean
  /** How many bytes storage can really hand out, when that is less than it announces. */
  readable?: number
}

/** How an answer is put on the wire, where that differs from at once and whole. */
type Delivery = {
  delayMs?: number
  drip?: { bytes: number; everyMs: number }
  hang?: boolean
  endless?: boolean
  resetAfter?: 'nothing' | 'headers' | number
}

/** An answer ready to be written. A body shorter than its Content-Length ends in a closed connection. */
export type Response = {
  status: number
  headers: OutgoingHttpHeaders
  body: Buffer
  delivery: Delivery
}
