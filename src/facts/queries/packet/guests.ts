import { seenIn } from '../../../core/observed.ts'
import { formatAddress, parseAddress, parseIpv4Network } from '../../../net/ip.ts'
import type { LinkFact, NetworkFact } from '../../runner.ts'
import type { RunnerView } from '../../view.ts'
import { dockerRulesIn } from '../runner/docker-rules.ts'
import { isComplete, isSameNamespace } from '../runner/rule-drift.ts'
import { type Host, packetHost } from './host.ts'

/** The areas that packets are followed through. */
export type PacketView = RunnerView<'vantage' | 'engine' | 'networks' | 'links' | 'rules' | 'routes'>

/** A bridge whose guests (containers, pods, virtual machines) reach other hosts through this one. */
export interface Guests {
  bridge: string
  /** Of the engine; absent for a bridge of another program. */
  network?: NetworkFact
  /** A port of the bridge, where the guests' packets come in. */
  port?: string
  /** The address of one of them. */
  address: string
  /** The address that the bridge should have, with its prefix length. */
  gateway?: string
}

/** A host with its guests, ready for following packets. */
export interface GuestHost {
  host: Host
  guests: Guests[]
  /** The engine is Docker, and at least one of its rules exists: it does not run with `iptables: false`. */
  dockerWritesRules: boolean
}

/** A network is left alone for as long as it may take the engine to write its rules. */
export const settleMs = 10_000

/**
 * The host as packets meet it; undefined where links, rules or routes are incomplete. `rest` are the areas of a second reading,
 * where there was one.
 */
export function guestHostIn(
  runner: PacketView,
  rest: Pick<PacketView, 'networks' | 'links' | 'rules'> = runner,
): GuestHost | undefined {
  const [links, rules] = [seenIn(rest.links), seenIn(rest.rules)]
  const routing = seenIn(runner.routes)?.routing
  if (!links || !rules || !routing || routing.truncated || !isComplete(rules)) return undefined
  if (links.some(({ index }) => index === undefined)) return undefined
  const byName = new Map(links.map((link) => [link.name, link]))
  const networks = networksOn(runner, rest.networks, byName)
  const changing = new Set(rules.passing)
  const host = packetHost({ links, tables: rules.tables, routing })
  const guests = [
    ...networks.flatMap(({ network, bridge }) => guestsOf(network, bridge, links, runner.at)),
    ...otherGuests(links, new Set(networks.map(({ bridge }) => bridge)), host),
  ].filter(({ bridge }) => !changing.has(bridge))
  const docker = dockerRulesIn(
    rules,
    networks.map(({ bridge }) => bridge),
  )
  const dockerWritesRules =
    seenIn(runner.engine)?.flavour === 'docker' && docker.tables.some(({ family }) => family === 'ip')
  return { host, guests, dockerWritesRules }
}

/** The engine's bridge networks whose bridges are among these links. */
function networksOn(runner: PacketView, networks: PacketView['networks'], links: Map<string, LinkFact>) {
  const all = (seenIn(networks) ?? []).flatMap((network) =>
    network.driver === 'bridge' && network.bridge !== undefined ? [{ network, bridge: network.bridge }] : [],
  )
  const present = all.filter(({ bridge }) => links.has(bridge))
  return isSameNamespace(runner, all, links) ? present : []
}

function guestsOf(network: NetworkFact, bridge: string, links: LinkFact[], at: number): Guests[] {
  const { internal, endpoints = 0, subnets, gateways, addresses = [], createdAt = 0 } = network
  const isOld = at - createdAt > settleMs
  if (internal || endpoints === 0 || !isOld) return []
  const at4 = subnets.findIndex((subnet) => parseIpv4Network(subnet) !== undefined)
  const subnet = subnets[at4]
  if (subnet === undefined) return []
  const gateway = network.addressless ? undefined : gateways.find((one) => !one.includes(':'))
  const address = addresses.find((one) => !one.includes(':')) ?? otherAddress(subnet, gateway)
  if (address === undefined) return []
  const port = portOf(bridge, links)
  return [
    {
      ...{ bridge, network, address },
      ...(port === undefined ? {} : { port }),
      ...(gateway === undefined ? {} : { gateway: `${gateway}/${subnet.split('/')[1]}` }),
    },
  ]
}

const guestPort = /^(?:veth|tun)$/

const portOf = (bridge: string, links: LinkFact[]): string | undefined =>
  links.find(({ master, kind, up }) => master === bridge && guestPort.test(kind) && up !== false)?.name

/**
 * Bridges of other programs: they have an address and a guest at one of their ports. A bridge that also leads to the default
 * gateway is a switch, whose guests do not need this host.
 */
function otherGuests(links: LinkFact[], known: Set<string>, host: Host): Guests[] {
  const found = uplinkOf(host)
  return links.flatMap(({ name, kind, up, addresses }): Guests[] => {
    if (kind !== 'bridge' || up !== true || known.has(name) || name === found?.device) return []
    const port = portOf(name, links)
    const own = addresses.find((one) => parseIpv4Network(one) !== undefined)
    const address = own === undefined ? undefined : otherAddress(own, own.split('/')[0])
    return port === undefined || address === undefined ? [] : [{ bridge: name, port, address }]
  })
}

/** An address of a subnet that is not the gateway's. */
function otherAddress(subnet: string, gateway: string | undefined): string | undefined {
  const network = parseIpv4Network(subnet)
  if (!network || network.last - network.first < 3n) return undefined
  const taken = gateway === undefined ? undefined : parseAddress(gateway)?.value
  const value = [network.first + 2n, network.first + 1n].find((one) => one !== taken)
  return value === undefined ? undefined : formatAddress({ version: 4, value })
}

/** Any address on the Internet: packets are followed, not sent. */
export const internet = parseAddress('9.9.9.9')?.value ?? 0n

/** The host's own way to the Internet; undefined where it has none. */
export function uplinkOf({ routing }: Host): { device: string; gateway?: string; mtu?: number } | undefined {
  const found = routing.lookup({
    ...{ family: 'ip', iif: 'lo', saddr: 0n, daddr: internet, protocol: 6n },
    ...{ sport: 40_000n, dport: 443n, mark: 0n },
  })
  if (found.kind !== 'route' || found.route.type !== 'unicast') return undefined
  const { device, gateway } = found.route
  return device === undefined ? undefined : { device, ...(gateway === undefined ? {} : { gateway }) }
}
