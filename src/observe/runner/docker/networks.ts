import type { Area } from '../../../core/observed.ts'
import { isCi } from '../../../facts/queries/runner/pools.ts'
import type { NetworkFact } from '../../../facts/runner.ts'
import { ownerOf } from '../owner.ts'
import type { EngineApi } from './api.ts'
import { fieldsOf, listOf, shortText } from './response.ts'

export interface NetworksOptions {
  api: EngineApi
  now: () => number
  /** How many networks are inspected for their endpoints, one by one. */
  maxInspected?: number
}

/** A list of 30,000 networks is about 20 MB. */
const listLimit = 32 * 1024 * 1024
const listMs = 10_000
const defaultMaxInspected = 500
const concurrency = 8
/** For all networks that are inspected one by one; the rest is then left out. */
const detailsMs = 5000

/**
 * All networks of an engine. `GET /networks` lists everything but the endpoints (its `Containers` is always empty, measured on
 * 20.10), so each network is inspected for them; beyond `maxInspected` networks, or out of time, `endpoints` is absent. A
 * list that is too long counts as not seen: a partial list cannot show which bridge belongs to no network.
 */
export async function observeNetworks({
  api,
  now,
  maxInspected = defaultMaxInspected,
}: NetworksOptions): Promise<Area<NetworkFact[]>> {
  const unseen = (why: string): Area<NetworkFact[]> => ({
    ...{ seen: false, why, remedies: ['docker-socket'], applies: true },
  })
  const response = await api.get('/networks', { timeoutMs: listMs, limit: listLimit })
  if (!response.ok) return unseen(response.why)
  if (!Array.isArray(response.value)) return unseen('GET /networks: the response is not a list')
  const interfaces = api.flavour === 'podman' ? await podmanInterfaces(api) : undefined
  const networks = response.value.map((entry) => networkOf(fieldsOf(entry), interfaces))
  if (!networks.every((network) => network !== undefined))
    return unseen('GET /networks: an entry of the list is not a network')

  const chosen = networks.filter(({ driver }) => driver !== 'null' && driver !== 'host').sort(oldestOfCiFirst)
  const deadline = now() + detailsMs
  const removed = await addEndpoints(api, chosen.slice(0, maxInspected), () => now() < deadline)
  const value = networks.filter(({ id }) => !removed.has(id))
  const withoutEndpoints = value.filter(({ endpoints }) => endpoints === undefined).length
  const source = api.flavour === 'podman' ? 'the Podman socket' : 'the Docker socket'
  const from =
    withoutEndpoints === 0
      ? source
      : `${source}, endpoints of ${value.length - withoutEndpoints} of ${value.length} networks`
  return { seen: true, value, from }
}

/** CI's own networks first, the oldest of them before the others: leftovers are among those. */
function oldestOfCiFirst(one: NetworkFact, other: NetworkFact): number {
  const ofCi = ({ owner }: NetworkFact) => (isCi(owner) ? 0 : 1)
  return ofCi(one) - ofCi(other) || (one.createdAt ?? 0) - (other.createdAt ?? 0)
}

/** Adds the endpoints to the networks, a few at a time. Returns the ids of networks that were removed meanwhile. */
async function addEndpoints(
  api: EngineApi,
  networks: NetworkFact[],
  hasTime: () => boolean,
): Promise<Set<string>> {
  const removed = new Set<string>()
  const rest = networks.values()
  const worker = async () => {
    for (const network of rest) {
      if (!hasTime()) return
      const response = await api.get(`/networks/${encodeURIComponent(network.id)}`)
      if (!response.ok) {
        if (response.status === 404) removed.add(network.id)
        continue
      }
      Object.assign(network, endpointsIn(fieldsOf(response.value).Containers))
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return removed
}

/** Podman also lists stopped containers, without any address (measured on 4.3). */
function endpointsIn(containers: unknown): Pick<NetworkFact, 'endpoints' | 'addresses'> {
  const attached = Object.values(fieldsOf(containers)).map(fieldsOf)
  const running = attached.filter(({ MacAddress, IPv4Address, IPv6Address }) =>
    [MacAddress, IPv4Address, IPv6Address].some((address) => shortText(address) !== undefined),
  )
  const addresses = running.flatMap(({ IPv4Address, IPv6Address }) =>
    [IPv4Address, IPv6Address].flatMap((address) => shortText(address)?.split('/')[0] ?? []),
  )
  return { endpoints: running.length, addresses }
}

function networkOf(
  entry: Record<string, unknown>,
  interfaces?: Map<string, string>,
): NetworkFact | undefined {
  const id = shortText(entry.Id)
  const name = shortText(entry.Name)
  const driver = shortText(entry.Driver) ?? ''
  if (id === undefined || name === undefined) return undefined
  const options = fieldsOf(entry.Options)
  const configs = listOf(fieldsOf(entry.IPAM).Config).map(fieldsOf)
  const createdAt = Date.parse(shortText(entry.Created) ?? '')
  const mtu = Number(shortText(options['com.docker.network.driver.mtu']))
  const bridge = driver === 'bridge' ? bridgeOf(id, options, interfaces) : undefined
  const fact: NetworkFact = {
    ...{ id, name, driver, owner: ownerOf(name, fieldsOf(entry.Labels)) },
    ...(Number.isNaN(createdAt) ? {} : { createdAt }),
    ...(bridge === undefined ? {} : { bridge }),
    subnets: configs.flatMap(({ Subnet }) => shortText(Subnet) ?? []),
    // Docker 29 gives that of an automatic subnet of IPv6 with its prefix length.
    gateways: configs.flatMap(({ Gateway }) => shortText(Gateway)?.split('/')[0] ?? []),
    internal: entry.Internal === true,
    masquerade: masquerades(options),
    ...(translates(options, 'ipv6') ? {} : { routed6: true as const }),
    ...(isAddressless(options) ? { addressless: true as const } : {}),
    ...(Number.isInteger(mtu) && mtu > 0 ? { mtu } : {}),
    ...(isOff(options['com.docker.network.bridge.enable_icc']) ? { icc: false as const } : {}),
  }
  return driver === 'null' || driver === 'host' ? { ...fact, endpoints: 0 } : fact
}

/** Docker names a bridge by an option, else after the network's id; Podman numbers its bridges. */
function bridgeOf(
  id: string,
  options: Record<string, unknown>,
  interfaces: Map<string, string> | undefined,
): string | undefined {
  if (interfaces) return interfaces.get(id)
  return shortText(options['com.docker.network.bridge.name']) ?? `br-${id.slice(0, 12)}`
}

const isOff = (option: unknown): boolean => ['false', '0'].includes(shortText(option) ?? 'true')

/** A gateway mode other than `nat` (Docker 27 and later: `routed`, `isolated`) does not translate addresses. */
function masquerades(options: Record<string, unknown>): boolean {
  const isMasked = !isOff(options['com.docker.network.bridge.enable_ip_masquerade'])
  // Podman leaves a bridge that it does not manage as it is.
  return isMasked && options.mode !== 'unmanaged' && translates(options, 'ipv4')
}

const translates = (options: Record<string, unknown>, family: 'ipv4' | 'ipv6'): boolean =>
  ['nat', 'nat-unprotected'].includes(
    shortText(options[`com.docker.network.bridge.gateway_mode_${family}`]) ?? 'nat',
  )

const isAddressless = (options: Record<string, unknown>): boolean =>
  ['true', '1'].includes(shortText(options['com.docker.network.bridge.inhibit_ipv4']) ?? '') ||
  options['com.docker.network.bridge.gateway_mode_ipv4'] === 'isolated' ||
  // The gateway of such a network of Podman's is a router at the bridge.
  options.mode === 'unmanaged'

/** Only Podman's own API lists interface names. */
async function podmanInterfaces(api: EngineApi): Promise<Map<string, string>> {
  const response = await api.get('/libpod/networks/json', {
    ...{ version: '4.0.0', timeoutMs: listMs, limit: listLimit },
  })
  const entries = response.ok ? listOf(response.value).map(fieldsOf) : []
  return new Map(
    entries.flatMap((entry) => {
      const id = shortText(entry.id)
      const name = shortText(entry.network_interface)
      return id === undefined || name === undefined ? [] : [[id, name] as const]
    }),
  )
}
