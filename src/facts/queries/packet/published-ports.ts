import { seenIn } from '../../../core/observed.ts'
import {
  type Address,
  formatAddress,
  includesAddress,
  parseAddress,
  parseIpv4Network,
} from '../../../net/ip.ts'
import type { PublishedFact, RunnerFact, TableFact } from '../../runner.ts'
import type { RunnerView } from '../../view.ts'
import { isDockerNftTable } from '../runner/docker-rules.ts'
import { type GuestHost, type PacketView, portsOf } from './guests.ts'

/** The areas that show published ports. */
export type PublishedView = PacketView & RunnerView<'published' | 'proxies' | 'daemons'>

/** One reading of what changes with each container. */
export type PublishedReading = Pick<PublishedView, 'networks' | 'links' | 'rules' | 'published' | 'proxies'>

/** A port of TCP at an IPv4 address of the host, or at all, that leads to a container at a bridge of this host. */
export interface PublishedPort {
  /** Its name; absent where no engine lists it. */
  container?: string
  /** `0.0.0.0` for all addresses. */
  address: string
  port: number
  /** Where the container is, at one of its addresses or another, and its port there. */
  places: ContainerPlace[]
  containerPort: number
  /** All addresses of the container. */
  own: bigint[]
}

/** An address of a container at a bridge of this host. */
export interface ContainerPlace {
  address: bigint
  bridge: string
  /** The address of the bridge with its prefix length. */
  subnet: string
  /** The ports of that bridge at which containers are. */
  guestPorts: string[]
}

/**
 * The published ports as the engine lists them; without an engine, as the flags of docker-proxy processes and the rules of NAT show
 * them. Left out are networks whose ports Docker does not publish by NAT (internal, routed, overlay, macvlan, the host's).
 */
export function publishedPortsIn(reading: PublishedReading, found: GuestHost): PublishedPort[] {
  const { published, proxies = [] } = reading
  const changing = new Set(seenIn(reading.rules)?.passing)
  const listed = published
    ? published.filter(isIpv4Tcp)
    : [...proxiedPorts(proxies), ...translatedPorts(reading)]
  const ports = listed.flatMap((one) => atBridges(one, found, published !== undefined))
  const unique = new Map(ports.map((one) => [`${one.address} ${one.port}`, one]))
  return [...unique.values()].filter(({ places }) => !places.some(({ bridge }) => changing.has(bridge)))
}

type Listed = Pick<PublishedFact, 'address' | 'port' | 'containerPort' | 'addresses'> & { container?: string }

const isIpv4Tcp = ({ protocol, address }: { protocol: string; address: string }): boolean =>
  protocol === 'tcp' && parseAddress(address)?.version === 4

const proxiedPorts = (proxies: NonNullable<RunnerFact['proxies']>): Listed[] =>
  proxies
    .filter(isIpv4Tcp)
    .flatMap(({ address, port, container, containerPort }) =>
      containerPort === undefined ? [] : [{ address, port, containerPort, addresses: [container] }],
    )

/** `-p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80`, and the same as nft prints it. */
const translation =
  /(?:--dport|tcp dport) (\d+) .*(?:-j DNAT --to-destination|dnat (?:ip )?to) ([\d.]+):(\d+)/
const ownAddress = /(?:^-d|ip daddr) ([\d.]+)/

function translatedPorts({ rules }: Pick<PublishedReading, 'rules'>): Listed[] {
  const tables = seenIn(rules)?.tables ?? []
  return tables.flatMap((table) =>
    table.chains
      .filter(({ name }) => isEngineNat(table, name))
      .flatMap(({ rules: texts }) => texts)
      .filter((text) => !text.includes('-p udp'))
      .flatMap((text) => {
        const [, port, to, containerPort] = translation.exec(text) ?? []
        if (to === undefined) return []
        const address = ownAddress.exec(text)?.[1] ?? '0.0.0.0'
        return [{ address, port: Number(port), containerPort: Number(containerPort), addresses: [to] }]
      }),
  )
}

/** Whether a chain holds the rules by which an engine publishes ports. */
export const isEngineNat = (table: Pick<TableFact, 'backend' | 'name'>, chain: string): boolean =>
  table.name === 'nat' ? /^(?:DOCKER$|NETAVARK-DN-)/.test(chain) : isDockerNat(table)

const isDockerNat = (table: Pick<TableFact, 'backend' | 'name'>): boolean =>
  isDockerNftTable({ family: 'ip', chains: [], ...table })

/**
 * With the bridges by which its engine can publish the port; nothing where none is left. A container can also be in networks that
 * publish none: those without a bridge here (overlay, macvlan), internal ones, and those without NAT.
 */
function atBridges({ addresses, ...port }: Listed, found: GuestHost, isListed: boolean): PublishedPort[] {
  const own = addresses.flatMap((text) => {
    const address = parseAddress(text)
    return address?.version === 4 ? [address] : []
  })
  const places = own.flatMap((address) => placesOf(address, found, isListed))
  return places.length === 0 ? [] : [{ ...port, places, own: own.map(({ value }) => value) }]
}

function placesOf(address: Address, { host, networks }: GuestHost, isListed: boolean): ContainerPlace[] {
  for (const { name: bridge, kind, addresses } of host.links.values()) {
    const subnet = kind === 'bridge' ? addresses.find((one) => isIn(one, address)) : undefined
    if (subnet === undefined) continue
    const own = networks.find((one) => one.bridge === bridge)
    // Of an engine whose networks are elsewhere, this bridge only happens to have the same subnet.
    const publishes = own ? !own.network.internal && own.network.masquerade : !isListed
    if (publishes)
      return [{ address: address.value, bridge, subnet, guestPorts: portsOf(bridge, host.links.values()) }]
  }
  return []
}

function isIn(subnet: string, address: Address): boolean {
  const network = parseIpv4Network(subnet)
  return network !== undefined && includesAddress(network, address)
}

/** `8080`, or with the address where it is not published at all of them. */
export const portText = ({ address, port }: Pick<PublishedPort, 'address' | 'port'>): string =>
  address === '0.0.0.0' ? `${port}` : `${address}:${port}`

/** `172.17.0.2 port 80`. */
export const targetText = ({ places, containerPort }: PublishedPort): string =>
  `${places.map(({ address }) => formatAddress({ version: 4, value: address })).join(' or ')} port ${containerPort}`
