import type { RequestLine, Resource, Response } from './types.ts'

/** The response to a request for a resource: all of it, a range, or 416. */
export function replyTo(line: RequestLine, resource: Resource): Response {
  const { status, headers, body } = resource
  const readable = Math.min(resource.readable ?? body.length, body.length)
  const range = status === 200 && resource.ranges ? rangeOf(line, body.length) : undefined
  if (range === undefined) {
    const whole = { ...headers, 'content-length': body.length }
    return { status, headers: whole, body: body.subarray(0, readable), delivery: {} }
  }
  if (range === 'unsatisfiable') return unsatisfiable(headers, body.length)
  const { first, last } = range
  return {
    status: 206,
    headers: {
      ...headers,
      'content-length': last - first + 1,
      'content-range': `bytes ${first}-${last}/${body.length}`,
    },
    body: body.subarray(first, Math.max(first, Math.min(last + 1, readable))),
    delivery: {},
  }
}

// Registry 2 announces the length of the blob instead of that of its error message: the body ends early, or is omitted if the message
// is longer than the blob.
function unsatisfiable(headers: Resource['headers'], length: number): Response {
  const { 'accept-ranges': _, ...kept } = headers
  const message = Buffer.from('invalid range: failed to overlap\n')
  return {
    status: 416,
    headers: {
      ...kept,
      'content-type': 'text/plain; charset=utf-8',
      'content-length': length,
      'content-range': `bytes */${length}`,
    },
    body: message.length > length ? Buffer.alloc(0) : message,
    delivery: {},
  }
}

// A request for several ranges gets the whole content, as RFC 9110 allows. Registry clients send none.
function rangeOf(
  line: RequestLine,
  length: number,
): { first: number; last: number } | 'unsatisfiable' | undefined {
  const found = /^bytes=(\d*)-(\d*)$/.exec(String(line.headers.range ?? ''))
  if (found === null) return undefined
  const [, from = '', to = ''] = found
  if (from === '' && to === '') return undefined
  const first = from === '' ? Math.max(0, length - Number(to)) : Number(from)
  const last = from === '' || to === '' ? length - 1 : Math.min(Number(to), length - 1)
  return first > last ? 'unsatisfiable' : { first, last }
}
