import { seenIn } from '../../../core/observed.ts'
import { formatAddress, parseAddress, parseIpv4Network } from '../../../net/ip.ts'
import type { LinkFact, NetworkFact } from '../../runner.ts'
import type { RunnerView } from '../../view.ts'
import { dockerRulesIn } from '../runner/docker-rules.ts'
import { isComplete, isSameNamespace, settleMs } from '../runner/rule-drift.ts'
import { type Host, packetHost } from './host.ts'

/** The areas that packets are followed through. */
export type PacketView = RunnerView<'vantage' | 'engine' | 'networks' | 'links' | 'rules' | 'routes'>

/** A bridge whose guests (containers, pods, virtual machines) reach other hosts through this one. */
export interface Guests {
  bridge: string
  /** Of the engine; absent for a bridge of another program. */
  network?: NetworkFact
  /** Whose program has to let their packets through. */
  owner: 'docker' | 'podman' | 'other'
  /** A port of the bridge, where the guests' packets come in. */
  port?: string
  /** The address of one of them. */
  address: string
  /** The address that the bridge should have, with its prefix length. */
  gateway?: string
  /** No container runs in the network, or nothing is attached to the bridge: it is about those that will be. */
  idle: boolean
}

/** A host with its guests, ready for following packets. */
export interface GuestHost {
  host: Host
  guests: Guests[]
  /** The engine's bridge networks whose bridges are among the links. */
  networks: { network: NetworkFact; bridge: string }[]
  /** The engine is Docker, and at least one of its rules exists: it does not run with `iptables: false`. */
  dockerWritesRules: boolean
}

/** How long a new network is left alone, as the engine may still be writing its rules. */
export const settleMsOf = ({ again }: Pick<PacketView, 'again'>): number =>
  again ? settleMs.readTwice : settleMs.read

/**
 * The host as packets meet it; undefined where links, rules or routes are incomplete. `rest` are the areas of a second reading,
 * where there was one. Networks younger than `settle` are left out.
 */
export function guestHostIn(
  runner: PacketView,
  rest: Pick<PacketView, 'networks' | 'links' | 'rules'> = runner,
  settle = settleMsOf(runner),
): GuestHost | undefined {
  const [links, rules] = [seenIn(rest.links), seenIn(rest.rules)]
  const routing = seenIn(runner.routes)?.routing
  if (!links || !rules || !routing || routing.truncated || !isComplete(rules)) return undefined
  if (links.some(({ index }) => index === undefined)) return undefined
  const byName = new Map(links.map((link) => [link.name, link]))
  const networks = networksOn(runner, rest.networks, byName)
  const changing = new Set(rules.passing)
  const host = packetHost({ links, tables: rules.tables, routing })
  const owner = seenIn(runner.engine)?.flavour ?? 'docker'
  const guests = [
    ...networks.flatMap(({ network, bridge }) =>
      guestsOf(network, bridge, links, runner.at - settle).map((one) => ({ ...one, owner })),
    ),
    ...otherGuests(links, new Set(networks.map(({ bridge }) => bridge)), host),
  ].filter(({ bridge }) => !changing.has(bridge))
  const docker = dockerRulesIn(
    rules,
    networks.map(({ bridge }) => bridge),
  )
  const dockerWritesRules =
    seenIn(runner.engine)?.flavour === 'docker' && docker.tables.some(({ family }) => family === 'ip')
  return { host, guests, networks, dockerWritesRules }
}

/** The engine's bridge networks whose bridges are among these links. */
function networksOn(runner: PacketView, networks: PacketView['networks'], links: Map<string, LinkFact>) {
  const all = (seenIn(networks) ?? []).flatMap((network) =>
    network.driver === 'bridge' && network.bridge !== undefined ? [{ network, bridge: network.bridge }] : [],
  )
  const present = all.filter(({ bridge }) => links.has(bridge))
  return isSameNamespace(runner, all, links) ? present : []
}

function guestsOf(
  network: NetworkFact,
  bridge: string,
  links: LinkFact[],
  since: number,
): Omit<Guests, 'owner'>[] {
  const { internal, endpoints, subnets, gateways, addresses = [], createdAt = 0 } = network
  if (internal || endpoints === undefined || createdAt >= since) return []
  const at4 = subnets.findIndex((subnet) => parseIpv4Network(subnet) !== undefined)
  const subnet = subnets[at4]
  if (subnet === undefined) return []
  const gateway = network.addressless ? undefined : gateways.find((one) => !one.includes(':'))
  const address = addresses.find((one) => !one.includes(':')) ?? otherAddress(subnet, gateway)
  if (address === undefined) return []
  const port = portOf(bridge, links)
  return [
    {
      ...{ bridge, network, address, idle: endpoints === 0 },
      ...(port === undefined ? {} : { port }),
      ...(gateway === undefined ? {} : { gateway: `${gateway}/${subnet.split('/')[1]}` }),
    },
  ]
}

const guestPort = /^(?:veth|tun)$/

/** A port of a bridge at which a guest is. */
const portOf = (bridge: string, links: Iterable<LinkFact>): string | undefined => portsOf(bridge, links)[0]

/** All ports of a bridge at which guests are. */
export const portsOf = (bridge: string, links: Iterable<LinkFact>): string[] =>
  [...links]
    .filter(({ master, kind, up }) => master === bridge && guestPort.test(kind) && up !== false)
    .map(({ name }) => name)

/** The kinds of links that lead a bridge to other machines: a device of this one (``), and what stands for one or a tunnel of frames. */
const otherSide = /^(?:|bond|team|vlan|vxlan|geneve|gretap|ip6gretap|macvlan|ipoib)$/

/**
 * Bridges of other programs that have an address. A bridge that also leads to the default gateway, or to a device of the machine,
 * is a switch, whose guests do not need this host.
 */
function otherGuests(links: LinkFact[], known: Set<string>, host: Host): Guests[] {
  const found = uplinkOf(host)
  return links.flatMap(({ name, kind, up, addresses }): Guests[] => {
    if (kind !== 'bridge' || up !== true || known.has(name) || name === found?.device) return []
    const ports = links.filter(({ master }) => master === name)
    if (ports.some((port) => otherSide.test(port.kind))) return []
    const port = portOf(name, links)
    const own = addresses.find((one) => parseIpv4Network(one) !== undefined)
    const address = own === undefined ? undefined : otherAddress(own, own.split('/')[0])
    if (address === undefined) return []
    return [
      {
        ...{ bridge: name, owner: 'other', address, idle: port === undefined },
        ...(port === undefined ? {} : { port }),
      },
    ]
  })
}

/** An address of a subnet that is not the gateway's. */
export function otherAddress(subnet: string, gateway: string | undefined): string | undefined {
  const network = parseIpv4Network(subnet)
  if (!network || network.last - network.first < 3n) return undefined
  const taken = gateway === undefined ? undefined : parseAddress(gateway)?.value
  const value = [network.first + 2n, network.first + 1n].find((one) => one !== taken)
  return value === undefined ? undefined : formatAddress({ version: 4, value })
}

/** Where packets leave the host, and an address that they leave for: packets are followed, not sent. */
export interface Uplink {
  device: string
  /** On the Internet, or next to the host where it has no way to the Internet. */
  target: bigint
}

const internet = parseAddress('9.9.9.9')?.value ?? 0n

/** The host's way to the Internet, else to its neighbours; undefined where it has neither. */
export function uplinkOf({ routing, links }: Host): Uplink | undefined {
  const found = routing.lookup({
    ...{ family: 'ip', iif: 'lo', saddr: 0n, daddr: internet, protocol: 6n },
    ...{ sport: 40_000n, dport: 443n, mark: 0n },
  })
  if (found.kind === 'route' && found.route.type === 'unicast' && found.route.device !== undefined)
    return { device: found.route.device, target: internet }
  return [...links.values()].flatMap(neighboursOf)[0]
}

/** Neighbours at a device of the machine, or at what takes its place: a bond, a VLAN, one end of a pair. */
function neighboursOf({ name, kind, up, master, addresses }: LinkFact): Uplink[] {
  if (up !== true || master !== undefined || name === 'lo' || !/^(?:|bond|team|vlan|veth)$/.test(kind))
    return []
  return addresses.slice(0, 1).flatMap((own) => {
    const target = parseAddress(otherAddress(own, own.split('/')[0]) ?? '')?.value
    return target === undefined ? [] : [{ device: name, target }]
  })
}
