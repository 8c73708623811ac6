import { seenIn } from '../../../core/observed.ts'
import { parseAddress, parseIpv4Network } from '../../../net/ip.ts'
import { doorsOf } from './doors.ts'
import { callsIp } from './follow.ts'
import { type GuestHost, guestHostIn } from './guests.ts'
import { followPort, type Lost, type PortStop, type Scene } from './published-follow.ts'
import {
  type PublishedPort,
  type PublishedReading,
  type PublishedView,
  publishedPortsIn,
} from './published-ports.ts'
import { followSent } from './sent.ts'
import { openingWay } from './ways.ts'

/** A published port that is not reached. */
export interface Unreachable extends Lost {
  port: PublishedPort
  from: 'other hosts' | 'this host' | 'its network'
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
    const gone = addressGone(scene, port)
    if (gone) return [gone]
    const outside = fromOtherHosts(scene, port)
    return outside ? [outside] : (fromThisHost(scene, port) ?? fromItsNetwork(scene, port) ?? [])
  })
}

const numberOf = (text: string): bigint => parseAddress(text)?.value ?? 0n
const isLoopback = (address: string): boolean => address.startsWith('127.')
const sport = 40_000n

/**
 * A port at an address that the host does not have any more. Where programs may bind addresses that are elsewhere, those move
 * between hosts on purpose; and a rule of NAT may lead there what the host only routes.
 */
function addressGone({ host, doors }: Scene, port: PublishedPort): Unreachable | undefined {
  const isAny = port.address === '0.0.0.0'
  if (isAny || isLocal(host, port) || host.sysctl('net.ipv4.ip_nonlocal_bind') === '1') return undefined
  const daddr = numberOf(port.address)
  const isLed = doors.some(({ device, sources: [saddr = 0n] }) => {
    const opening = { family: 'ip' as const, device, saddr, daddr, sport, dport: BigInt(port.port) }
    const { packet } = openingWay(host, opening)
    return packet !== undefined && packet.daddr !== daddr
  })
  if (isLed) return undefined
  return { port, from: 'other hosts', direction: 'there', certain: true, stop: { kind: 'address' } }
}

/** A VRF has the routes to its addresses in a table of its own. */
const isLocal = (host: GuestHost['host'], port: PublishedPort): boolean =>
  host.routing.typeOf('ip', numberOf(port.address)) === 'local' ||
  [...host.links.values()].some(({ name }) => has(host, name, port))

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
