import type { OutgoingHttpHeaders } from 'node:http'
import type { Resource } from './types.ts'

/** A response with a JSON body. */
export function json(status: number, value: unknown, headers: OutgoingHttpHeaders = {}): Resource {
  return content(status, Buffer.from(`${JSON.stringify(value)}\n`), {
    'content-type': 'application/json; charset=utf-8',
    ...headers,
  })
}

/** An error as in the distribution specification. */
export function failure(status: number, code: string, message: string, headers: OutgoingHttpHeaders = {}) {
  return json(status, { errors: [{ code, message, detail: null }] }, headers)
}

/** The 404 of Go's HTTP router. */
export function unknownPath(): Resource {
  return content(404, Buffer.from('404 page not found\n'), { 'content-type': 'text/plain; charset=utf-8' })
}

/** A response without range support. */
export function content(status: number, body: Buffer, headers: OutgoingHttpHeaders): Resource {
  return { status, headers, body, ranges: false }
}
