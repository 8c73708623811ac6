import type { HostAccess } from '../host-access.ts'

const complete = 0x2

/**
 * IPv4 addresses of the own links that were asked for by ARP, and that nobody answered for: `/proc/net/arp`, whose columns
 * are address, type, flags, hardware address, mask, device. The kernel tells sockets the same by an ICMP error, of which it
 * sends few at a time.
 */
export async function missingNeighbours(access: HostAccess): Promise<Set<string>> {
  const file = await access.read('/proc/net/arp')
  const rows = file.ok ? file.text.split('\n').slice(1) : []
  return new Set(
    rows.flatMap((row) => {
      const [address = '', , flags = ''] = row.split(/\s+/)
      return /^0x[0-9a-f]+$/i.test(flags) && (Number(flags) & complete) === 0 ? [address] : []
    }),
  )
}
