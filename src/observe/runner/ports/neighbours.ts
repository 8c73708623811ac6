import type { HostAccess } from '../host-access.ts'

const complete = 0x2

/**
 * IPv4 addresses on this namespace's links whose ARP requests got no answer, from /proc/net/arp (columns: address, type, flags,
 * hardware address, mask, device). The kernel reports the same to sockets as an ICMP error, but sends only a few of those.
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
