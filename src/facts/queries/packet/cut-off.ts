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
  const down = ports.find(({ up }) => up === false)
  if (down) return { kind: 'link', name: down.name, why: 'down' }
  const closed = ports.find(({ portState = '' }) => ['disabled', 'blocking'].includes(portState))
  if (closed) return { kind: 'link', name: closed.name, why: 'closed' }
  if (ports.length >= (network.endpoints ?? 0)) return undefined
  const loose = veths.find(
    ({ name, master, up, carrier, addresses }) =>
      enginesLink.test(name) && master === undefined && up && carrier && addresses.every(isOfLink),
  )
  return loose && { kind: 'link', name: loose.name, why: 'detached' }
}

const isOfLink = (address: string): boolean => /^fe[89ab]/i.test(address)
