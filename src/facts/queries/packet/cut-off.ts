import { isVersion6 } from '../../../net/ip.ts'
import type { LinkFact, NetworkFact } from '../../runner.ts'
import type { Stop } from './follow.ts'
import type { Guests } from './guests.ts'
import type { Host } from './host.ts'

/** How Docker and Podman name the host's end of a container's link. */
const enginesLink = /^veth[0-9a-f]{1,7}$/

/**
 * Why one container of an engine's network has no connection at all: its link is down, its bridge forwards nothing at that port, or
 * the link left the bridge, where there are fewer of them than containers.
 */
export function cutOffPort({ links }: Host, { network, bridge, idle }: Guests): Stop | undefined {
  if (!network || idle) return undefined
  const veths = [...links.values()].filter(({ kind }) => kind === 'veth')
  const ports = veths.filter(({ master }) => master === bridge)
  const isClosed = ({ portState = '' }: LinkFact) => ['disabled', 'blocking'].includes(portState)
  const working = ports.filter((port) => port.up !== false && !isClosed(port))
  // The others are left from containers that are gone.
  if (working.length >= containersIn(network)) return undefined
  const down = ports.find(({ up }) => up === false)
  if (down) return { kind: 'link', name: down.name, why: 'down' }
  const closed = ports.find(isClosed)
  if (closed) return { kind: 'link', name: closed.name, why: 'closed' }
  const loose = veths.find(
    ({ name, master, up, carrier, addresses }) =>
      enginesLink.test(name) && master === undefined && up && carrier && addresses.every(isOfLink),
  )
  return loose && { kind: 'link', name: loose.name, why: 'detached' }
}

/** Containers with a link of their own: Podman lists each container of a pod, all of which have the address of one. */
function containersIn({ endpoints = 0, addresses = [] }: NetworkFact): number {
  const distinct = Math.max(
    ...[false, true].map((six) => new Set(addresses.filter((one) => isVersion6(one) === six)).size),
  )
  return distinct === 0 ? endpoints : Math.min(endpoints, distinct)
}

const isOfLink = (address: string): boolean => /^fe[89ab]/i.test(address)
