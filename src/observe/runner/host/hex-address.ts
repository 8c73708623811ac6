/**
 * Reads an address in the format of files under /proc/net: each 32-bit word in the machine's byte order, which is
 * little-endian on every architecture that Docker publishes an engine for, except s390x. Returns IPv6 in the form of RFC 5952,
 * an IPv4-mapped address as IPv4, and undefined for anything else.
 */
export function addressFromWords(hex: string): string | undefined {
  if (!/^(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{32})$/.test(hex)) return undefined
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex')].reverse())
  return addressFromBytes(bytes)
}

/** Reads an IPv6 address in the format of /proc/net/if_inet6 and ipv6_route: 32 digits in network byte order. */
export const addressFromDigits = (hex: string): string | undefined =>
  /^[0-9A-Fa-f]{32}$/.test(hex) ? addressFromBytes([...Buffer.from(hex, 'hex')]) : undefined

const mappedPrefix = [...Array(10).fill(0), 255, 255].join()

function addressFromBytes(bytes: number[]): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.slice(0, 12).join() === mappedPrefix) return bytes.slice(12).join('.')
  const groups = Array.from({ length: 8 }, (_, at) => ((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0))
  const { start, length } = longestZeros(groups)
  const text = (part: number[]) => part.map((group) => group.toString(16)).join(':')
  return length < 2 ? text(groups) : `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`
}

function longestZeros(groups: number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let length = 0
  for (const [at, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0
    if (length > best.length) best = { start: at - length + 1, length }
  }
  return best
}
