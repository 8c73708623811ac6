import { seenIn } from '../../../core/observed.ts'
import { formatAddress, holds, isVersion6, parseNetwork } from '../../../net/ip.ts'
import type { LinkFact, NetworkFact, TableFact } from '../../runner.ts'
import type { RunnerView } from '../../view.ts'
import { dockerRulesIn } from '../runner/docker-rules.ts'
import { isComplete, isSameNamespace, settleMs } from '../runner/rule-drift.ts'
import { type Host, packetHost } from './host.ts'
import type { Packet } from './packet.ts'
import { otherAddress, uplinkOf } from './uplink.ts'

/** The areas that packets are followed through. */
export type PacketView = RunnerView<'vantage' | 'engine' | 'networks' | 'links' | 'rules' | 'routes'>

/** A bridge whose guests (containers, pods, virtual machines) reach other hosts through this one. */
export interface Guests {
  bridge: string
  family: Packet['family']
  subnet: string
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
  /** They have addresses of the other family as well. */
  dual: boolean
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
  /** The same for IPv6: `ip6tables`, which Docker has on by default since 27. */
  dockerWritesRules6: boolean
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
  const host = packetHost({ links, tables: rules.tables, ipsets: rules.ipsets, routing })
  const owner = seenIn(runner.engine)?.flavour ?? 'docker'
  const guests = [
    ...networks.flatMap(({ network, bridge }) =>
      guestsOf({ network, bridge, owner }, links, runner.at - settle),
    ),
    ...otherGuests(links, new Set(networks.map(({ bridge }) => bridge)), host),
  ].filter(({ bridge }) => !changing.has(bridge))
  const docker = dockerRulesIn(
    rules,
    networks.map(({ bridge }) => bridge),
  )
  const writesFor = (wanted: Packet['family']) =>
    seenIn(runner.engine)?.flavour === 'docker' &&
    docker.tables.some((table) => table.family === wanted && !isOperators(table))
  return {
    ...{ host, guests, networks },
    dockerWritesRules: writesFor('ip'),
    dockerWritesRules6: writesFor('ip6'),
  }
}

/** Of Docker's chains, only that which operators write into, and create themselves where Docker does not. */
function isOperators({ chains }: TableFact): boolean {
  const dockers = chains.filter(({ name }) => /^DOCKER(?:-|$)/.test(name))
  return dockers.length > 0 && dockers.every(({ name }) => name === 'DOCKER-USER')
}

/** The engine's bridge networks whose bridges are among these links. */
function networksOn(runner: PacketView, networks: PacketView['networks'], links: Map<string, LinkFact>) {
  const all = (seenIn(networks) ?? []).flatMap((network) =>
    network.driver === 'bridge' && network.bridge !== undefined ? [{ network, bridge: network.bridge }] : [],
  )
  const present = all.filter(({ bridge }) => links.has(bridge))
  return isSameNamespace(runner, all, links) ? present : []
}

const families = ['ip', 'ip6'] as const
const isOf = (family: Packet['family'], address: string): boolean =>
  isVersion6(address) === (family === 'ip6')

/** The guests of a network in both families. Only the address of a container shows that a network uses its subnet of IPv6. */
function guestsOf(
  { network, bridge, owner }: Pick<Guests, 'bridge' | 'owner'> & { network: NetworkFact },
  links: LinkFact[],
  since: number,
): Guests[] {
  const { internal, endpoints, subnets, gateways, addresses = [], createdAt = 0, addressless } = network
  if (internal || endpoints === undefined || createdAt >= since || isSwitch(bridge, links)) return []
  const port = portOf(bridge, links)
  const own = links.find(({ name }) => name === bridge)?.addresses ?? []
  const found = families.flatMap((family): Omit<Guests, 'dual'>[] => {
    const subnet = subnets.find((one) => isOf(family, one))
    if (subnet === undefined) return []
    const gateway = addressless ? undefined : gateways.find((one) => isOf(family, one))
    const known = addresses.find((one) => isOf(family, one) && holds(subnet, one))
    const isUsed =
      family === 'ip' ||
      known !== undefined ||
      (endpoints === 0 && own.some((one) => holds(subnet, one.split('/')[0] ?? '')))
    const address = known ?? otherAddress(subnet, gateway)
    if (!isUsed || address === undefined) return []
    return [
      {
        ...{ bridge, network, owner, family, subnet, address, idle: endpoints === 0 },
        ...(port === undefined ? {} : { port }),
        ...(gateway === undefined ? {} : { gateway: `${gateway}/${subnet.split('/')[1]}` }),
      },
    ]
  })
  return found.map((one) => ({ ...one, dual: found.length > 1 }))
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

/** Whether a bridge also leads to a device of the machine: the guests of a switch do not need this host. */
const isSwitch = (bridge: string, links: LinkFact[]): boolean =>
  links.some(({ master, kind }) => master === bridge && otherSide.test(kind))

/** Bridges of other programs that have an address, and do not lead to the default gateway. */
function otherGuests(links: LinkFact[], known: Set<string>, host: Host): Guests[] {
  const uplink = uplinkOf(host)
  return links.flatMap(({ name, kind, up, addresses }): Guests[] => {
    if (kind !== 'bridge' || up !== true || known.has(name) || name === uplink?.device) return []
    if (isSwitch(name, links)) return []
    const port = portOf(name, links)
    const found = families.flatMap((family): Omit<Guests, 'dual'>[] => {
      const own = addresses.find((one) => isOf(family, one) && !/^fe[89ab]/i.test(one))
      const address = own === undefined ? undefined : otherAddress(own, own.split('/')[0])
      if (own === undefined || address === undefined) return []
      return [
        {
          ...{
            bridge: name,
            owner: 'other',
            family,
            subnet: subnetOf(own),
            address,
            idle: port === undefined,
          },
          ...(port === undefined ? {} : { port }),
        },
      ]
    })
    return found.map((one) => ({ ...one, dual: found.length > 1 }))
  })
}

/** The subnet of an address with its prefix length. */
function subnetOf(own: string): string {
  const network = parseNetwork(own)
  return network
    ? `${formatAddress({ version: network.version, value: network.first })}/${own.split('/')[1]}`
    : own
}
