import { seenIn } from '../../../core/observed.ts'
import type { NetworkFact } from '../../runner.ts'
import type { RunnerView } from '../../view.ts'
import { holds, prefixLength } from './addresses.ts'

/** What a shadowed address is recognised by. */
export type ShadowView = RunnerView<'networks' | 'routes' | 'links'>

/** A network of the engine that claims an address which belongs to something else. */
export interface Shadow {
  network: NetworkFact
  subnet: string
}

/**
 * The network of the engine that the host sends packets for this address to, though none of its containers has it;
 * undefined where there is none, or where that cannot be known. A network on a bridge with a real port is a real network,
 * and whatever is in it is at home.
 */
export function shadowOf(address: string, runner: ShadowView): Shadow | undefined {
  for (const network of seenIn(runner.networks) ?? []) {
    const subnet = network.subnets.find((one) => holds(one, address))
    if (subnet === undefined || network.driver !== 'bridge' || network.bridge === undefined) continue
    if (isAtHome(address, network, runner) || !isRoutedTo(network.bridge, address, runner)) continue
    return { network, subnet }
  }
  return undefined
}

function isAtHome(address: string, network: NetworkFact, runner: ShadowView): boolean {
  const { gateways, addresses, endpoints, bridge } = network
  if (gateways.includes(address) || seenIn(runner.routes)?.local.includes(address)) return true
  const links = seenIn(runner.links)
  const ported = links
    ? links.some(({ master, kind }) => master === bridge && kind !== 'veth')
    : !/^(?:br-[0-9a-f]{12}|docker0)$/.test(bridge ?? '')
  if (ported) return true
  return addresses ? addresses.includes(address) : endpoints !== 0
}

/** Of the routes that hold an address the one with the longest prefix counts; a bridge that is there routes its own subnet. */
function isRoutedTo(bridge: string, address: string, runner: ShadowView): boolean {
  const routes = (seenIn(runner.routes)?.routes ?? []).filter(({ destination }) =>
    holds(destination, address),
  )
  if (routes.length === 0) return true
  const longest = Math.max(...routes.map(({ destination }) => prefixLength(destination)))
  return routes.some(({ device, destination }) => device === bridge && prefixLength(destination) === longest)
}
