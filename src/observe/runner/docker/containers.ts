import type { NetworkFact } from '../../../facts/runner.ts'
import type { EngineApi } from './api.ts'
import { fieldsOf, shortText } from './response.ts'

/** A list of 10,000 containers is about 20 MB. */
const listLimit = 32 * 1024 * 1024
const listMs = 10_000

/** Containers by the ids and the names of the networks that they are configured with. */
export type ContainersByNetwork = ReadonlyMap<string, number>

/**
 * Counts containers by network, stopped ones included: an endpoint exists only while its container runs. Undefined where they
 * cannot be listed.
 */
export async function countContainers(api: EngineApi): Promise<ContainersByNetwork | undefined> {
  const response = await api.get('/containers/json?all=1', { timeoutMs: listMs, limit: listLimit })
  if (!response.ok || !Array.isArray(response.value)) return undefined
  const containers = new Map<string, number>()
  for (const container of response.value) {
    const joined = fieldsOf(fieldsOf(fieldsOf(container).NetworkSettings).Networks)
    for (const [name, endpoint] of Object.entries(joined)) {
      // A container that never ran may name its network without the id.
      for (const key of new Set([name, shortText(fieldsOf(endpoint).NetworkID) ?? name]))
        containers.set(key, (containers.get(key) ?? 0) + 1)
    }
  }
  return containers
}

/** A network with the number of its containers. */
export const withContainers = (network: NetworkFact, containers: ContainersByNetwork): NetworkFact => ({
  ...network,
  containers: Math.max(containers.get(network.id) ?? 0, containers.get(network.name) ?? 0),
})
