/** An IPv4 range, its first and last address as numbers. */
export interface Range {
  first: number
  last: number
}

/** `10.0.0.0/8` or a single address as a range; undefined for IPv6, and for what is no range. */
export function rangeOf(text: string): Range | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text)
  if (!match) return undefined
  const [a = 256, b = 256, c = 256, d = 256, bits = 33] = match.slice(1).map((part) => Number(part ?? 32))
  if (Math.max(a, b, c, d) > 255 || bits > 32) return undefined
  const size = 2 ** (32 - bits)
  const address = ((a * 256 + b) * 256 + c) * 256 + d
  const first = address - (address % size)
  return { first, last: first + size - 1 }
}

export const overlaps = (a: Range, b: Range): boolean => a.first <= b.last && b.first <= a.last

export const contains = (outer: Range, inner: Range): boolean =>
  outer.first <= inner.first && inner.last <= outer.last
