import type { OutgoingHttpHeaders } from 'node:http'
import type { Resource } from './types.ts'

/** An answer with a JSON body. */
export function json(status: number, value: unknown, headers: OutgoingHttpHeaders = {}): Resource {
  return content(status, Buffer.from(`${JSON.stringify(value)}\n`), {
    'content-type': 'application/json; charset=utf-8',
    ...headers,
  })
}

/** The error document of the distribution specification. */
export function failure(status: number, code: string, message: string, headers: OutgoingHttpHeaders = {}) {
  return json(status, { errors: [{ code, message, detail: null }] }, headers)
}

/** What Go's own router says of a path it doesn't know. */
export function unknownPath(): Resource {
  return content(404, Buffer.from('404 page not found\n'), { 'content-type': 'text/plain; charset=utf-8' })
}

/** An answer with a body that is served whole. */
export function content(status: number, body: Buffer, headers: OutgoingHttpHeaders): Resource {
  return { status, headers, body, ranges: false }
}
