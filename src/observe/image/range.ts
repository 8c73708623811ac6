/** A `Content-Range` header, read (RFC 9110, section 14.4); undefined parts are `*`. */
export interface ContentRange {
  first?: number
  last?: number
  total?: number
}

/** Reads `bytes 9-9/10`, `bytes 9-9/*` and `bytes *\/10`; undefined when it is something else. */
export function parseContentRange(value: string | undefined): ContentRange | undefined {
  const match = /^bytes\s+(?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec((value ?? '').trim())
  if (!match) return undefined
  const [, first, last, total] = match
  return {
    ...(first === undefined || last === undefined ? {} : { first: Number(first), last: Number(last) }),
    ...(total === undefined || total === '*' ? {} : { total: Number(total) }),
  }
}
