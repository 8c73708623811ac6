/** A parsed `Content-Range` header (RFC 9110, section 14.4); parts that are `*` are undefined. */
export interface ContentRange {
  first?: number
  last?: number
  total?: number
}

/** Parses `bytes 9-9/10`, `bytes 9-9/*` and `bytes *\/10`; undefined for anything else. */
export function parseContentRange(value: string | undefined): ContentRange | undefined {
  const match = /^bytes\s+(?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec((value ?? '').trim())
  if (!match) return undefined
  const [, first, last, total] = match
  return {
    ...(first === undefined || last === undefined ? {} : { first: Number(first), last: Number(last) }),
    ...(total === undefined || total === '*' ? {} : { total: Number(total) }),
  }
}
