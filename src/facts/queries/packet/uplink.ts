import { formatAddress, parseAddress, parseIpv4Network, parseNetwork } from '../../../net/ip.ts'
import type { LinkFact } from '../../runner.ts'
import type { Host } from './host.ts'
import type { Packet } from './packet.ts'

/** Where packets leave the host, and an address that they leave for: packets are followed, not sent. */
export interface Uplink {
  device: string
  /** On the Internet, or next to the host where it has no way to the Internet. */
  target: bigint
}

const internet = {
  ip: parseAddress('9.9.9.9')?.value ?? 0n,
  ip6: parseAddress('2620:fe::9')?.value ?? 0n,
}

/** The host’s way to the Internet, for IPv4 else to its neighbours; undefined where it has neither. */
export function uplinkOf({ routing, links }: Host, family: Packet['family'] = 'ip'): Uplink | undefined {
  const target = internet[family]
  const found = routing.lookup({
    ...{ family, iif: 'lo', saddr: 0n, daddr: target, protocol: 6n },
    ...{ sport: 40_000n, dport: 443n, mark: 0n },
  })
  if (found.kind === 'route' && found.route.type === 'unicast' && found.route.device !== undefined)
    return { device: found.route.device, target }
  return family === 'ip' ? [...links.values()].flatMap(neighboursOf)[0] : undefined
}

/** Neighbours at a device of the machine, or at what takes its place: a bond, a VLAN, one end of a pair. */
function neighboursOf({ name, kind, up, master, addresses }: LinkFact): Uplink[] {
  if (up !== true || master !== undefined || name === 'lo' || !/^(?:|bond|team|vlan|veth)$/.test(kind))
    return []
  // Packets of IPv4 are followed to it.
  const own = addresses.find((one) => parseIpv4Network(one) !== undefined)
  const other = own === undefined ? undefined : otherAddress(own, own.split('/')[0])
  const target = other === undefined ? undefined : parseAddress(other)?.value
  return target === undefined ? [] : [{ device: name, target }]
}

/** An address of a subnet that is not the gateway's. */
export function otherAddress(subnet: string, gateway: string | undefined): string | undefined {
  const network = parseNetwork(subnet)
  if (!network || network.last - network.first < 3n) return undefined
  const taken = gateway === undefined ? undefined : parseAddress(gateway)?.value
  const value = [network.first + 2n, network.first + 1n].find((one) => one !== taken)
  return value === undefined ? undefined : formatAddress({ version: network.version, value })
}
