import type { OutgoingHttpHeaders } from 'node:http'
import type { RequestLine } from './types.ts'

/** A fault of storage or of a cache: it changes the content before a range is served from it. */
export type ContentFault =
  /** Registry 2 with a warm descriptor cache and deleted data: correct headers, no bytes, connection closed. */
  | { staleCache: true }
  /**
   * Only the first bytes are left. `cold`: the registry announces what is left. `warm`: it announces the full length, and the body
   * ends early. `gitea`: like `warm`, without ranges.
   */
  | { truncateTo: number; as: 'cold' | 'warm' | 'gitea' }
  /** Different bytes under the same digest. */
  | { bytes: Buffer }
  /** 200 and the whole content, whatever range was requested. */
  | { ignoreRange: true }

/** A different response, from a server or a proxy. */
export type AnswerFault =
  | { status: number; body?: string | object; headers?: OutgoingHttpHeaders }
  | { html: string }
  | { redirect: string | ((line: RequestLine) => string); status?: number }
  /** `missing` sends no length; `zero` and a number announce that length, and send no more than that. */
  | { contentLength: 'missing' | 'zero' | number }
  /** Encodes the body. */
  | { contentEncoding: 'gzip' }
  | { dropHeader: string }
  | { setHeader: OutgoingHttpHeaders }

/** A fault in how the response is sent. */
export type DeliveryFault =
  | { delayMs: number }
  | { drip: { bytes: number; everyMs: number } }
  /** The request is read and never answered. */
  | { hang: true }
  /** The body never ends. */
  | { endless: true }
  | { reset: 'before-headers' | 'after-headers' }
  | { reset: 'after'; bytes: number }
  /** Announces the full length, sends this many bytes, and closes the connection. */
  | { cutBodyAfter: number }

/** A fault of one response. */
export type Fault = ContentFault | AnswerFault | DeliveryFault
