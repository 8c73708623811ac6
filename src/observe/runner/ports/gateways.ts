import { isIPv6 } from 'node:net'
import { endianness } from 'node:os'
import { addressClass } from '../../../net/address-class.ts'
import { addressFromBytes } from '../../../net/ip.ts'
import type { HostAccess } from '../host-access.ts'

/** The default gateways of this namespace. */
export interface Gateways {
  /** Addresses, best route first, IPv4 before IPv6; a link-local one with its zone (`fe80::1%eth0`). */
  usable: string[]
  /** Gateways of default routes that are not addresses of the host. */
  unusable: string[]
}

/** A container has at most one default route per family; two leaves room for unusual set-ups. */
const maxPerFamily = 2

/** Reads the default gateways from /proc/net/route and /proc/net/ipv6_route, which show the reader's own namespace. */
export async function defaultGateways(access: HostAccess): Promise<Gateways> {
  const [four, six] = await Promise.all([access.read('/proc/net/route'), access.read('/proc/net/ipv6_route')])
  const found = [
    ...best(four.ok ? ipv4Routes(four.text) : []),
    ...best(six.ok ? ipv6Routes(six.text) : []),
  ].map(({ gateway }) => gateway)
  // Calico and some clouds' CNIs answer ARP for such an address; no machine has it, so nothing listens on it.
  const proxied = found.filter((gateway) => !isIPv6(gateway) && addressClass(gateway) === 'link-local')
  return { usable: found.filter((gateway) => !proxied.includes(gateway)), unusable: proxied }
}

interface Route {
  gateway: string
  metric: number
}

const best = (routes: Route[]): Route[] =>
  routes.toSorted((a, b) => a.metric - b.metric).slice(0, maxPerFamily)

const viaGateway = 0x2
const rejected = 0x200

/** Columns: interface, destination, gateway, flags, references, use, metric, mask, …; hexadecimal words in the machine's byte order. */
function ipv4Routes(text: string): Route[] {
  return text.split('\n').flatMap((line) => {
    const [, destination, gateway = '', flags = '', , , metric, mask] = line.split(/\s+/)
    const isDefault = destination === '00000000' && mask === '00000000'
    const isUsable = (Number.parseInt(flags, 16) & (viaGateway | rejected)) === viaGateway
    if (!isDefault || !isUsable || !/^[0-9A-F]{8}$/i.test(gateway)) return []
    const bytes = [...Buffer.from(gateway, 'hex')]
    const ordered = endianness() === 'LE' ? bytes.reverse() : bytes
    return [{ gateway: ordered.join('.'), metric: Number(metric) }]
  })
}

/** Columns: destination, its prefix length, source, its prefix length, next hop, metric, references, use, flags, interface. */
function ipv6Routes(text: string): Route[] {
  return text.split('\n').flatMap((line) => {
    const [destination, length, , , hop = '', metric = '', , , flags = '', device] = line.trim().split(/\s+/)
    const isDefault = length === '00' && /^0{32}$/.test(destination ?? '')
    const isUsable = (Number.parseInt(flags, 16) & (viaGateway | rejected)) === viaGateway
    if (!isDefault || !isUsable || !/^[0-9a-f]{32}$/.test(hop)) return []
    const gateway = addressFromBytes([...Buffer.from(hop, 'hex')])
    const zone = addressClass(gateway) === 'link-local' ? `%${device}` : ''
    return [{ gateway: `${gateway}${zone}`, metric: Number.parseInt(metric, 16) }]
  })
}
