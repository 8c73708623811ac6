import type { NetworkFact, PublishedFact } from '../../../facts/runner.ts'
import type { EngineApi } from './api.ts'
import { fieldsOf, listOf, shortText } from './response.ts'

/** A list of 10,000 containers is about 20 MB. */
const listLimit = 32 * 1024 * 1024
const listMs = 10_000

/** Containers by the ids and the names of the networks that they are configured with. */
export type ContainersByNetwork = ReadonlyMap<string, number>

/** What the list of an engine's containers shows. */
export interface ContainerList {
  byNetwork: ContainersByNetwork
  published: PublishedFact[]
}

/**
 * Counts containers by network, stopped ones included, as an endpoint exists only while its container runs; and lists the ports
 * that running ones publish. Undefined where they cannot be listed.
 */
export async function listContainers(api: EngineApi): Promise<ContainerList | undefined> {
  const response = await api.get('/containers/json?all=1', { timeoutMs: listMs, limit: listLimit })
  if (!response.ok || !Array.isArray(response.value)) return undefined
  const containers = response.value.map(fieldsOf)
  return { byNetwork: countByNetwork(containers), published: containers.flatMap(publishedBy) }
}

type Fields = Record<string, unknown>

const endpointsOf = ({ NetworkSettings }: Fields): [network: string, endpoint: Fields][] =>
  Object.entries(fieldsOf(fieldsOf(NetworkSettings).Networks)).map(([name, one]) => [name, fieldsOf(one)])

function countByNetwork(containers: Fields[]): ContainersByNetwork {
  const counts = new Map<string, number>()
  for (const container of containers) {
    for (const [name, { NetworkID }] of endpointsOf(container)) {
      // A container that never ran may name its network without the id.
      for (const key of new Set([name, shortText(NetworkID) ?? name]))
        counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  return counts
}

/** Podman leaves the address out where a port is published on all of them. */
function publishedBy(container: Fields): PublishedFact[] {
  if (container.State !== 'running') return []
  const addresses = endpointsOf(container).flatMap(([, { IPAddress, GlobalIPv6Address }]) =>
    [IPAddress, GlobalIPv6Address].flatMap((address) => shortText(address) ?? []),
  )
  const name = shortText(listOf(container.Names)[0])?.replace(/^\//, '')
  return listOf(container.Ports)
    .map(fieldsOf)
    .flatMap(({ IP, PublicPort: port, PrivatePort: containerPort, Type }) => {
      if (typeof port !== 'number' || typeof containerPort !== 'number' || port === 0) return []
      const address = shortText(IP) ?? '0.0.0.0'
      const protocol = shortText(Type) ?? 'tcp'
      return [{ container: name ?? '', protocol, address, port, containerPort, addresses }]
    })
}

/** A network with the number of its containers. */
export const withContainers = (network: NetworkFact, containers: ContainersByNetwork): NetworkFact => ({
  ...network,
  containers: Math.max(containers.get(network.id) ?? 0, containers.get(network.name) ?? 0),
})
