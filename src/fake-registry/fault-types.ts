import type { OutgoingHttpHeaders } from 'node:http'
import type { RequestLine } from './types.ts'

/** What storage or a cache does wrong: it changes the content before a Range is cut out of it. */
export type ContentFault =
  /** Registry 2 with a warm descriptor cache and no data: right headers, no bytes, connection closed. */
  | { staleCache: true }
  /**
   * Only the first bytes are left. `cold`: the registry knows and is consistent about it. `warm`: it
   * announces the full length and breaks off. `gitea`: the same, and it serves no ranges.
   */
  | { truncateTo: number; as: 'cold' | 'warm' | 'gitea' }
  /** Other bytes under the same name. */
  | { bytes: Buffer }
  /** 200 and everything, whatever the Range. */
  | { ignoreRange: true }

/** What a server or proxy answers instead. */
export type AnswerFault =
  | { status: number; body?: string | object; headers?: OutgoingHttpHeaders }
  | { html: string }
  | { redirect: string | ((line: RequestLine) => string); status?: number }
  /** `missing` sends no length; `zero` and a number announce that length, and send no more than that. */
  | { contentLength: 'missing' | 'zero' | number }
  /** Really encodes what is sent. */
  | { contentEncoding: 'gzip' }
  | { dropHeader: string }
  | { setHeader: OutgoingHttpHeaders }

/** What happens on the way. */
export type DeliveryFault =
  | { delayMs: number }
  | { drip: { bytes: number; everyMs: number } }
  /** The request is read and never answered. */
  | { hang: true }
  /** The body never ends. */
  | { endless: true }
  | { reset: 'before-headers' | 'after-headers' }
  | { reset: 'after'; bytes: number }
  /** Announces the full length, sends this many bytes, closes the connection. */
  | { cutBodyAfter: number }

/** One thing that goes wrong with an answer. */
export type Fault = ContentFault | AnswerFault | DeliveryFault
