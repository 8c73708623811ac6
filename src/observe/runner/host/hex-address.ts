import { addressFromBytes } from '../../../net/ip.ts'

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
