import { seenIn } from '../../../core/observed.ts'
import type { LinkFact, NetworkFact } from '../../runner.ts'
import type { RunnerView } from '../../view.ts'
import { bridgeNetworks, isSameNamespace, settleMs } from './rule-drift.ts'

export type BridgeView = RunnerView<'vantage' | 'engine' | 'networks' | 'links'>

/** A network of Docker's, its bridge, and the links that are ports of the bridge. */
export interface DockerBridge {
  network: NetworkFact
  link: LinkFact
  ports: LinkFact[]
  /** The addresses of links were read: loopback always has one. */
  addressesRead: boolean
}

/**
 * Docker's bridges in the inspected namespace, of networks that are set up. Empty where only the names of links were read, or where
 * the engine's namespace is another one.
 */
export function dockerBridges(runner: BridgeView): DockerBridge[] {
  const links = seenIn(runner.links) ?? []
  const byName = new Map(links.map((link) => [link.name, link]))
  const networks = bridgeNetworks(runner, runner) ?? []
  const rootless = runner.vantage.rootless || (seenIn(runner.engine)?.rootless ?? false)
  if ((rootless && runner.vantage.hostView !== 'sibling') || !isSameNamespace(runner, networks, byName))
    return []
  const addressesRead = links.some(({ addresses }) => addresses.length > 0)
  const ports = Map.groupBy(links, ({ master }) => master)
  return networks.flatMap(({ network, bridge }) => {
    const link = byName.get(bridge)
    const isNew = (network.createdAt ?? 0) > runner.at - settleMs.readTwice
    return link?.index === undefined || isNew
      ? []
      : [{ network, link, ports: ports.get(bridge) ?? [], addressesRead }]
  })
}
