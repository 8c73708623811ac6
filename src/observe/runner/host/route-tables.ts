import type { RoutesFact } from '../../../facts/runner.ts'
import { maskLength } from '../../../net/ip.ts'
import { addressFromDigits, addressFromWords } from './hex-address.ts'

type Route = RoutesFact['routes'][number]

const nowhere = new Set(['0.0.0.0', '::'])
const local = 0x8000_0000
const reject = 0x0200

/** Parses /proc/net/route: the main table of IPv4. */
export function parseRoutes(text: string): Route[] {
  return text.split('\n').flatMap((line) => {
    const [device = '', to = '', via = '', , , , , netmask = ''] = line.trim().split(/\s+/)
    const [destination, gateway] = [addressFromWords(to), addressFromWords(via)]
    const bits = maskLength(addressFromWords(netmask) ?? '')
    if (destination === undefined || gateway === undefined || bits === undefined) return []
    return [routeOf(`${destination}/${bits}`, device, gateway)]
  })
}

/** Parses /proc/net/ipv6_route, without the host's own addresses, multicast and reject routes. */
export function parseRoutes6(text: string): Route[] {
  return text.split('\n').flatMap((line) => {
    const [to = '', bits = '', , , via = '', , , , flags = '', device = ''] = line.trim().split(/\s+/)
    const [destination, gateway] = [addressFromDigits(to), addressFromDigits(via)]
    const known = Number.parseInt(flags, 16)
    if (destination === undefined || gateway === undefined || !/^[0-9a-f]{2}$/.test(bits)) return []
    if ((known & (local | reject)) !== 0 || destination.startsWith('ff')) return []
    return [routeOf(`${destination}/${Number.parseInt(bits, 16)}`, device, gateway)]
  })
}

function routeOf(network: string, device: string, gateway: string): Route {
  const destination = network === '0.0.0.0/0' || network === '::/0' ? 'default' : network
  return { destination, device, ...(nowhere.has(gateway) ? {} : { gateway }) }
}

/** The host's own IPv4 addresses in /proc/net/fib_trie: a line with the leaf, then a line with its type. */
export function parseLocalAddresses(text: string): string[] {
  const found = [...text.matchAll(/\|-- (\d+\.\d+\.\d+\.\d+)\n\s+\/32 host LOCAL$/gm)]
  return [...new Set(found.map(([, address = '']) => address))]
}

/** The host's own IPv6 addresses in /proc/net/if_inet6. */
export function parseLocalAddresses6(text: string): string[] {
  return text.split('\n').flatMap((line) => addressFromDigits(line.split(/\s+/, 1)[0] ?? '') ?? [])
}
