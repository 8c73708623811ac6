import type { Area } from '../../../core/observed.ts'
import type { NetworkFact } from '../../../facts/runner.ts'
import { ownerOf } from '../owner.ts'
import { list, record, short } from './answer.ts'
import type { EngineApi } from './api.ts'

export interface NetworksOptions {
  api: EngineApi
  now: () => number
  /** How many networks are asked for their endpoints, one by one. */
  asked?: number
}

/** 30,000 networks are about 20 MB of answer. */
const listLimit = 32 * 1024 * 1024
const listMs = 10_000
const askedAtMost = 500
const underWay = 8
/** For all that is asked one by one: what is left is then left out. */
const detailsMs = 5000

/**
 * All networks of an engine. `GET /networks` tells everything but the endpoints (its `Containers` is always empty, measured
 * on 20.10), which each network is asked for; past `asked` networks, or when time is over, `endpoints` stays absent. A
 * list that is too long is not seen at all: of half a list nobody could say which bridge belongs to no network.
 */
export async function observeNetworks({
  api,
  now,
  asked = askedAtMost,
}: NetworksOptions): Promise<Area<NetworkFact[]>> {
  const unseen = (why: string): Area<NetworkFact[]> => ({
    ...{ seen: false, why, remedies: ['docker-socket'], applies: true },
  })
  const told = await api.get('/networks', { timeoutMs: listMs, limit: listLimit })
  if (!told.ok) return unseen(told.why)
  if (!Array.isArray(told.value)) return unseen('GET /networks: the answer is no list')
  const interfaces = api.flavour === 'podman' ? await podmanInterfaces(api) : undefined
  const networks = told.value.map((entry) => networkOf(record(entry), interfaces))
  if (!networks.every((network) => network !== undefined))
    return unseen('GET /networks: the list holds something that is no network')

  const chosen = networks.filter(({ driver }) => driver !== 'null' && driver !== 'host').sort(byInterest)
  const ending = now() + detailsMs
  const gone = await askEach(api, chosen.slice(0, asked), () => now() < ending)
  const value = networks.filter(({ id }) => !gone.has(id))
  const left = value.filter(({ endpoints }) => endpoints === undefined).length
  const source = api.flavour === 'podman' ? 'the Podman socket' : 'the Docker socket'
  const from = left === 0 ? source : `${source}, endpoints of ${value.length - left} of ${value.length}`
  return { seen: true, value, from }
}

/** What CI left behind is found among the oldest of its own. */
function byInterest(one: NetworkFact, other: NetworkFact): number {
  const ofCi = ({ owner }: NetworkFact) => (['woodpecker', 'forgejo', 'gitea', 'act'].includes(owner) ? 0 : 1)
  return ofCi(one) - ofCi(other) || (one.createdAt ?? 0) - (other.createdAt ?? 0)
}

/** Fills in the endpoints, a few networks at once. Gives the ids of those that went away meanwhile. */
async function askEach(api: EngineApi, networks: NetworkFact[], inTime: () => boolean): Promise<Set<string>> {
  const gone = new Set<string>()
  const rest = networks.values()
  const worker = async () => {
    for (const network of rest) {
      if (!inTime()) return
      const told = await api.get(`/networks/${encodeURIComponent(network.id)}`)
      if (!told.ok) {
        if (told.status === 404) gone.add(network.id)
        continue
      }
      Object.assign(network, endpointsIn(record(told.value).Containers))
    }
  }
  await Promise.all(Array.from({ length: underWay }, worker))
  return gone
}

/** Podman lists stopped containers as well, without any address (measured on 4.3). */
function endpointsIn(containers: unknown): Pick<NetworkFact, 'endpoints' | 'addresses'> {
  const attached = Object.values(record(containers)).map(record)
  const running = attached.filter(({ MacAddress, IPv4Address, IPv6Address }) =>
    [MacAddress, IPv4Address, IPv6Address].some((address) => short(address) !== undefined),
  )
  const addresses = running.flatMap(({ IPv4Address, IPv6Address }) =>
    [IPv4Address, IPv6Address].flatMap((address) => short(address)?.split('/')[0] ?? []),
  )
  return { endpoints: running.length, addresses }
}

function networkOf(
  entry: Record<string, unknown>,
  interfaces?: Map<string, string>,
): NetworkFact | undefined {
  const id = short(entry.Id)
  const name = short(entry.Name)
  const driver = short(entry.Driver) ?? ''
  if (id === undefined || name === undefined) return undefined
  const options = record(entry.Options)
  const configs = list(record(entry.IPAM).Config).map(record)
  const createdAt = Date.parse(short(entry.Created) ?? '')
  const mtu = Number(short(options['com.docker.network.driver.mtu']))
  const bridge = driver === 'bridge' ? bridgeOf(id, options, interfaces) : undefined
  const fact: NetworkFact = {
    ...{ id, name, driver, owner: ownerOf(name, record(entry.Labels)) },
    ...(Number.isNaN(createdAt) ? {} : { createdAt }),
    ...(bridge === undefined ? {} : { bridge }),
    subnets: configs.flatMap(({ Subnet }) => short(Subnet) ?? []),
    gateways: configs.flatMap(({ Gateway }) => short(Gateway) ?? []),
    internal: entry.Internal === true,
    masquerade: masquerades(options),
    ...(Number.isInteger(mtu) && mtu > 0 ? { mtu } : {}),
  }
  return driver === 'null' || driver === 'host' ? { ...fact, endpoints: 0 } : fact
}

/** Docker names a bridge by an option, else after the id; Podman by its own count. */
function bridgeOf(
  id: string,
  options: Record<string, unknown>,
  interfaces: Map<string, string> | undefined,
): string | undefined {
  if (interfaces) return interfaces.get(id)
  return short(options['com.docker.network.bridge.name']) ?? `br-${id.slice(0, 12)}`
}

/** A gateway mode other than `nat` (Docker 27 and later: `routed`, `isolated`) leaves addresses as they are. */
function masquerades(options: Record<string, unknown>): boolean {
  const asked = short(options['com.docker.network.bridge.enable_ip_masquerade'])
  const mode = short(options['com.docker.network.bridge.gateway_mode_ipv4']) ?? 'nat'
  return !['false', '0'].includes(asked ?? 'true') && ['nat', 'nat-unprotected'].includes(mode)
}

/** Interface names are in Podman's own API only. */
async function podmanInterfaces(api: EngineApi): Promise<Map<string, string>> {
  const told = await api.get('/libpod/networks/json', {
    ...{ version: '4.0.0', timeoutMs: listMs, limit: listLimit },
  })
  const entries = told.ok ? list(told.value).map(record) : []
  return new Map(
    entries.flatMap((entry) => {
      const id = short(entry.id)
      const name = short(entry.network_interface)
      return id === undefined || name === undefined ? [] : [[id, name] as const]
    }),
  )
}
