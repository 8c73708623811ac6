import { seenIn } from '../../../core/observed.ts'
import { parseAddress, parseIpv4Network } from '../../../net/ip.ts'
import type { PolicyRule, TableRoute } from '../../routing.ts'
import type { LinkFact } from '../../runner.ts'
import { callsIp, type Stop, type Way } from './follow.ts'
import { type GuestHost, guestHostIn, otherAddress, uplinkOf } from './guests.ts'
import type { Place } from './model.ts'
import type { Packet } from './packet.ts'
import {
  isEngineNat,
  type PublishedPort,
  type PublishedReading,
  type PublishedView,
  publishedPortsIn,
} from './published-ports.ts'
import { followSent } from './sent.ts'
import { answerWay, openingWay } from './ways.ts'

/** Why a published port is not reached. */
type PortStop =
  | Stop
  /** A rule of the engine leads it to another address than the container's. */
  | { kind: 'elsewhere'; to: bigint; at: Place }
  /** No rule leads it to the container, and no docker-proxy listens; `at` drops what arrives. */
  | { kind: 'nothing'; at?: Place }
  /** A route leads what is for the container to another interface than its bridge. */
  | { kind: 'astray'; route: TableRoute; rule?: PolicyRule }
  /** The packet gets to the container with an address of the loopback network, which it does not answer. */
  | { kind: 'source' }
  /** The container answers another one at its bridge itself, so that the answer has the wrong address. */
  | { kind: 'direct' }

/** A published port that is not reached. */
export interface Unreachable {
  port: PublishedPort
  from: 'other hosts' | 'this host' | 'its network'
  /** Which packet is lost. */
  direction: 'there' | 'back'
  /** False where it depends on something that is not known. */
  certain: boolean
  stop: PortStop
}

/** Follows a new connection to each published port, and its answer. Where the runner was read twice, both count. */
export function unreachablePortsIn(runner: PublishedView): Unreachable[] {
  const first = unreachableIn(runner, runner)
  if (!runner.again || first.length === 0) return first
  const second = new Set(unreachableIn(runner, { ...runner, ...runner.again }).map(keyOf))
  return first.filter((one) => second.has(keyOf(one)))
}

const keyOf = ({ port, from, stop }: Unreachable): string =>
  `${port.address} ${port.port} ${from} ${stop.kind}`

interface Scene extends GuestHost {
  proxies: NonNullable<PublishedView['proxies']>
  /** A port without a docker-proxy here has none. */
  knowsProxies: boolean
  /** The addresses of this host at which packets of other hosts arrive. */
  doors: { device: string; address: string; sources: bigint[] }[]
  /** Docker writes rules, even where none is left. */
  expectsRules: boolean
}

function unreachableIn(runner: PublishedView, reading: PublishedReading): Unreachable[] {
  const found = guestHostIn(runner, reading)
  if (!found) return []
  const { proxies, daemons = [] } = { ...runner, ...reading }
  const isPodman = seenIn(runner.engine)?.flavour === 'podman'
  const scene: Scene = {
    ...{ ...found, proxies: proxies ?? [], doors: doorsOf(found) },
    // Podman has none. Where Docker's own process cannot be seen, neither can these.
    knowsProxies: isPodman || (proxies !== undefined && daemons.length > 0),
    expectsRules:
      found.dockerWritesRules ||
      isPodman ||
      (daemons.length > 0 && daemons.every(({ writesRules }) => writesRules === true)),
  }
  return publishedPortsIn(reading, found).flatMap((port) => {
    const outside = fromOtherHosts(scene, port)
    return outside ? [outside] : (fromThisHost(scene, port) ?? fromItsNetwork(scene, port) ?? [])
  })
}

/** Links by which other hosts send packets: not those of containers. A neighbour of each link, and for the uplink the Internet. */
function doorsOf({ host }: GuestHost): Scene['doors'] {
  const uplink = uplinkOf(host)
  const isDoor = ({ name, kind, up, master, addresses }: LinkFact): boolean =>
    name === uplink?.device ||
    (up !== false &&
      master === undefined &&
      name !== 'lo' &&
      !['bridge', 'dummy'].includes(kind) &&
      addresses.some((one) => parseIpv4Network(one) !== undefined))
  const links = [...host.links.values()].filter(isDoor)
  const first = links.toSorted(
    (a, b) => Number(b.name === uplink?.device) - Number(a.name === uplink?.device),
  )
  return first.flatMap(({ name, addresses }) => {
    const own = addresses.find((one) => parseIpv4Network(one) !== undefined)
    const address = own?.split('/')[0]
    if (own === undefined || address === undefined) return []
    const neighbour = parseAddress(otherAddress(own, address) ?? '')?.value
    const sources = [
      ...(name === uplink?.device ? [uplink.target] : []),
      ...(neighbour === undefined ? [] : [neighbour]),
    ]
    return [{ device: name, address, sources }]
  })
}

const numberOf = (text: string): bigint => parseAddress(text)?.value ?? 0n
const isLoopback = (address: string): boolean => address.startsWith('127.')
const sport = 40_000n

type Lost = Pick<Unreachable, 'direction' | 'certain' | 'stop'>

/** Undefined where one of them reaches it, or where operators keep them out in DOCKER-USER. */
function fromOtherHosts(scene: Scene, port: PublishedPort): Unreachable | undefined {
  if (isLoopback(port.address)) return undefined
  const { host } = scene
  const isAny = port.address === '0.0.0.0'
  const doors = scene.doors.filter(
    ({ device, address }) => isAny || address === port.address || has(host, device, port),
  )
  const lost: Lost[] = []
  for (const { device, address, sources } of doors) {
    for (const saddr of sources) {
      const daddr = numberOf(isAny ? address : port.address)
      const opening = { family: 'ip' as const, device, saddr, daddr, sport, dport: BigInt(port.port) }
      const result = unled(scene, followPort(scene, port, openingWay(host, opening)))
      if (result === 'reached') return undefined
      lost.push(result)
    }
  }
  const worst = lost.find(({ certain }) => !certain) ?? lost[0]
  if (!worst || isOperators(worst.stop)) return undefined
  return { port, from: 'other hosts', ...worst }
}

const has = ({ links }: GuestHost['host'], device: string, { address }: PublishedPort): boolean =>
  links.get(device)?.addresses.some((one) => one.split('/')[0] === address) ?? false

/**
 * What the input hook drops was for the host itself: either a rule of the engine is missing that should have led it on, or the engine
 * writes none, and a firewall closes the port of docker-proxy, which is up to its operator.
 */
function unled({ expectsRules }: Scene, result: Lost | 'reached'): Lost | 'reached' {
  if (result === 'reached' || result.direction === 'back') return result
  const { stop } = result
  if (stop.kind !== 'rule' || stop.at.base.hook !== 'input') return result
  return expectsRules ? { ...result, stop: { kind: 'nothing', at: stop.at } } : 'reached'
}

const isOperators = (stop: PortStop): boolean => stop.kind === 'rule' && stop.at.chain === 'DOCKER-USER'

/** A port at all addresses may be reached at one of the host's own, where it is not at 127.0.0.1. */
function fromThisHost(scene: Scene, port: PublishedPort): Unreachable | undefined {
  const targets =
    port.address === '0.0.0.0'
      ? ['127.0.0.1', ...scene.doors.slice(0, 1).map(({ address }) => address)]
      : [port.address]
  const lost: Lost[] = []
  for (const target of targets) {
    const sending = { family: 'ip' as const, daddr: numberOf(target), sport, dport: BigInt(port.port) }
    const result = followPort(scene, port, followSent(scene.host, sending))
    if (result === 'reached') return undefined
    lost.push(result)
  }
  const worst = lost.find(({ certain }) => !certain) ?? lost[0]
  return worst && { port, from: 'this host', ...worst }
}

/**
 * Without docker-proxy, a container reaches the published port of another one at its bridge only where br_netfilter gives the answer
 * back its address: the containers are neighbours, and the answer does not come by the host.
 */
function fromItsNetwork({ host, doors }: Scene, port: PublishedPort): Unreachable | undefined {
  const [door] = doors
  if (!door || callsIp(host, 'ip') || isLoopback(port.address)) return undefined
  const daddr = numberOf(port.address === '0.0.0.0' ? door.address : port.address)
  const isDirect = port.places.some(({ address, bridge, subnet, guestPorts: [one, another] }) => {
    const saddr = neighbourOf(address, subnet)
    if (one === undefined || another === undefined || saddr === undefined) return false
    const way = openingWay(host, {
      ...{ family: 'ip', device: bridge, port: one },
      ...{ saddr, daddr, sport, dport: BigInt(port.port) },
    })
    return (
      way.verdict === 'passes' &&
      way.route?.device === bridge &&
      way.packet.daddr === address &&
      way.packet.saddr === saddr
    )
  })
  return isDirect
    ? { port, from: 'its network', direction: 'back', certain: true, stop: { kind: 'direct' } }
    : undefined
}

/** An address in a subnet that is neither the container's nor the gateway's. */
function neighbourOf(container: bigint, subnet: string): bigint | undefined {
  const network = parseIpv4Network(subnet)
  const taken = [container, parseAddress(subnet.split('/')[0] ?? '')?.value]
  return [2n, 3n, 4n]
    .map((offset) => (network?.first ?? 0n) + offset)
    .find((one) => !taken.includes(one) && network !== undefined && one < network.last)
}

/** Follows a packet on from where it arrived, and its answer. What somebody else leads elsewhere counts as reached. */
function followPort(scene: Scene, port: PublishedPort, there: Way): Lost | 'reached' {
  const led = there.packet && ledElsewhere(port, there.packet)
  if (led) return led
  if (there.verdict !== 'passes')
    return { direction: 'there', certain: there.verdict === 'dropped', stop: there.stop }
  const { packet, route } = there
  if (!route) return packet.dport === BigInt(port.port) ? followProxy(scene, port, there) : 'reached'
  return isAt(port, packet) ? answerTo(scene, port, there) : 'reached'
}

const isAt = ({ places, containerPort }: PublishedPort, { daddr, dport }: Packet): boolean =>
  places.some(({ address }) => address === daddr) && dport === BigInt(containerPort)

/** What a rule of Docker leads to another address than the container's was left behind; what others lead there is meant. */
function ledElsewhere(port: PublishedPort, packet: Packet): Lost | 'reached' | undefined {
  const at = packet.trail.findLast(({ base }) => base.type === 'nat' && base.hook !== 'postrouting')
  const { original } = packet.connection
  const isLed = original !== undefined && (original.daddr !== packet.daddr || original.dport !== packet.dport)
  if (!at || !isLed || isAt(port, packet)) return undefined
  if (!isEngineNat(at.base.table, at.chain) || at.chain.startsWith('NETAVARK')) return 'reached'
  return { direction: 'there', certain: true, stop: { kind: 'elsewhere', to: packet.daddr, at } }
}

function answerTo(
  { host }: Scene,
  { places }: PublishedPort,
  there: Extract<Way, { verdict: 'passes' }>,
): Lost | 'reached' {
  if (there.packet.saddr >> 24n === 127n)
    return { direction: 'there', certain: true, stop: { kind: 'source' } }
  const { route, rule, packet } = there
  const place = places.find(({ address }) => address === packet.daddr)
  if (route && place && route.device !== place.bridge)
    return {
      ...{ direction: 'there', certain: true },
      stop: { kind: 'astray', route, ...(rule ? { rule } : {}) },
    }
  const back = answerWay(host, there, place?.guestPorts[0])
  return back.verdict === 'passes'
    ? 'reached'
    : { direction: 'back', certain: back.verdict === 'dropped', stop: back.stop }
}

/** docker-proxy opens a connection of its own to the container, and sends on what comes back. */
function followProxy(
  scene: Scene,
  port: PublishedPort,
  there: Extract<Way, { verdict: 'passes' }>,
): Lost | 'reached' {
  const { host, proxies, knowsProxies, expectsRules } = scene
  const own = proxies.find(
    ({ protocol, port: one, address }) =>
      protocol === 'tcp' && one === port.port && (address === '0.0.0.0' || address === port.address),
  )
  if (!own)
    return knowsProxies && expectsRules
      ? { direction: 'there', certain: true, stop: { kind: 'nothing' } }
      : 'reached'
  const target = { daddr: numberOf(own.container), dport: BigInt(own.containerPort ?? port.containerPort) }
  const onwards = followSent(host, { family: 'ip', sport: 40_001n, ...target })
  if (onwards.verdict !== 'passes')
    return { direction: 'there', certain: onwards.verdict === 'dropped', stop: onwards.stop }
  const fromContainer = answerTo(scene, port, onwards)
  if (fromContainer !== 'reached') return fromContainer
  const back = answerWay(host, there)
  return back.verdict === 'passes'
    ? 'reached'
    : { direction: 'back', certain: back.verdict === 'dropped', stop: back.stop }
}
