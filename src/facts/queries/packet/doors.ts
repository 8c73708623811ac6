import { parseAddress, parseIpv4Network } from '../../../net/ip.ts'
import type { LinkFact } from '../../runner.ts'
import type { GuestHost } from './guests.ts'
import { otherAddress, uplinkOf } from './uplink.ts'

/** An interface by which packets of other hosts arrive, its own address, and addresses of such hosts. */
export interface Door {
  device: string
  address: string
  sources: bigint[]
}

/** Links by which other hosts send packets: not those of containers. A neighbour of each link, and for the uplink the Internet. */
export function doorsOf({ host }: GuestHost): Door[] {
  const uplink = uplinkOf(host)
  const isDoor = ({ name, kind, up, master, addresses }: LinkFact): boolean =>
    name === uplink?.device ||
    (up !== false &&
      master === undefined &&
      name !== 'lo' &&
      !['bridge', 'dummy'].includes(kind) &&
      addresses.some((one) => parseIpv4Network(one) !== undefined))
  const links = [...host.links.values()].filter(isDoor)
  const first = links.toSorted(
    (a, b) => Number(b.name === uplink?.device) - Number(a.name === uplink?.device),
  )
  return first.flatMap(({ name, addresses }) => {
    const own = addresses.find((one) => parseIpv4Network(one) !== undefined)
    const address = own?.split('/')[0]
    if (own === undefined || address === undefined) return []
    const neighbour = parseAddress(otherAddress(own, address) ?? '')?.value
    const sources = [
      ...(name === uplink?.device ? [uplink.target] : []),
      ...(neighbour === undefined ? [] : [neighbour]),
    ]
    return [{ device: name, address, sources }]
  })
}
