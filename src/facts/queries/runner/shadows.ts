import { seenIn } from '../../../core/observed.ts'
import { holds, prefixLength } from '../../../net/ip.ts'
import type { NetworkFact } from '../../runner.ts'
import type { RunnerView } from '../../view.ts'

/** The areas that show which network covers an address. */
export type ShadowView = RunnerView<'networks' | 'routes' | 'links'>

/** A network of the engine that covers an address which none of its containers has. */
export interface Shadow {
  network: NetworkFact
  subnet: string
}

/**
 * The network of the engine to which the host routes packets for this address, although none of its containers has it;
 * undefined where there is none, or where that is unknown. A bridge with a physical port connects a real network, so every
 * address in it counts as its own.
 */
export function shadowOf(address: string, runner: ShadowView): Shadow | undefined {
  for (const network of seenIn(runner.networks) ?? []) {
    const subnet = network.subnets.find((one) => holds(one, address))
    if (subnet === undefined || network.driver !== 'bridge' || network.bridge === undefined) continue
    if (belongsTo(address, network, runner) || !isRoutedTo(network.bridge, address, runner)) continue
    return { network, subnet }
  }
  return undefined
}

function belongsTo(address: string, network: NetworkFact, runner: ShadowView): boolean {
  const { gateways, addresses, endpoints, bridge } = network
  if (gateways.includes(address) || seenIn(runner.routes)?.local.includes(address)) return true
  const links = seenIn(runner.links)
  const hasPhysicalPort = links
    ? links.some(({ master, kind }) => master === bridge && kind !== 'veth')
    : !/^(?:br-[0-9a-f]{12}|docker0)$/.test(bridge ?? '')
  if (hasPhysicalPort) return true
  return addresses ? addresses.includes(address) : endpoints !== 0
}

/** The route with the longest matching prefix decides; without any route, a bridge routes its own subnet. */
function isRoutedTo(bridge: string, address: string, runner: ShadowView): boolean {
  const routes = (seenIn(runner.routes)?.routes ?? []).filter(({ destination }) =>
    holds(destination, address),
  )
  if (routes.length === 0) return true
  const longest = Math.max(...routes.map(({ destination }) => prefixLength(destination)))
  return routes.some(({ device, destination }) => device === bridge && prefixLength(destination) === longest)
}
