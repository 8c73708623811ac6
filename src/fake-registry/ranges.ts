import type { RequestLine, Resource, Response } from './types.ts'

/** Turns a resource into the answer to this request: whole, a part, or 416. */
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

// Registry 2 announces the length of the blob here instead of that of its message: the body breaks off, or
// is left out when the message is the longer of the two.
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

// Several ranges at once are answered whole, as RFC 9110 allows; no client of a registry asks for them.
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
