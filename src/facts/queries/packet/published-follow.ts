import { parseAddress } from '../../../net/ip.ts'
import type { PolicyRule, TableRoute } from '../../routing.ts'
import type { ProxyFact } from '../../runner.ts'
import type { Door } from './doors.ts'
import type { Stop, Way } from './follow.ts'
import type { GuestHost } from './guests.ts'
import type { Place } from './model.ts'
import type { Packet } from './packet.ts'
import { isEngineNat, type PublishedPort } from './published-ports.ts'
import { followSent } from './sent.ts'
import { answerWay } from './ways.ts'

/** Why a published port is not reached. */
export type PortStop =
  | Stop
  /** A rule of the engine leads it to another address than the container's. */
  | { kind: 'elsewhere'; to: bigint; at: Place }
  /** No rule leads it to the container, and no docker-proxy listens; `at` drops what arrives. */
  | { kind: 'nothing'; at?: Place }
  /** A route leads what is for the container to another interface than its bridge. */
  | { kind: 'astray'; route: TableRoute; rule?: PolicyRule }
  /** The packet gets to the container with an address of the loopback network, which it does not answer. */
  | { kind: 'source' }
  /** The host does not have the address at which the port is published. */
  | { kind: 'address' }
  /** The container answers another one at its bridge itself, so that the answer has the wrong address. */
  | { kind: 'direct' }

/** A packet that does not get to a published port, or the answer to it. */
export interface Lost {
  direction: 'there' | 'back'
  /** False where it depends on something that is not known. */
  certain: boolean
  stop: PortStop
}

/** The host with what serves its published ports. */
export interface Scene extends GuestHost {
  proxies: ProxyFact[]
  /** A port without a docker-proxy here has none. */
  knowsProxies: boolean
  /** The addresses of this host at which packets of other hosts arrive. */
  doors: Door[]
  /** Docker writes rules, even where none is left. */
  expectsRules: boolean
}

/** Follows a packet on from where it arrived, and its answer. What somebody else leads elsewhere counts as reached. */
export function followPort(scene: Scene, port: PublishedPort, there: Way): Lost | 'reached' {
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
  // The container, in a network that is not followed.
  if (port.own.includes(packet.daddr)) return 'reached'
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
  const back = answerWay(host, there, { port: place?.guestPorts[0] })
  return back.verdict === 'passes'
    ? 'reached'
    : { direction: 'back', certain: back.verdict === 'dropped', stop: back.stop }
}

/** docker-proxy runs as dockerd does; that of an engine without root is in a namespace of its own. */
const root = { uid: 0n }

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
  const target = {
    daddr: parseAddress(own.container)?.value ?? 0n,
    dport: BigInt(own.containerPort ?? port.containerPort),
  }
  const onwards = followSent(host, { family: 'ip', sport: 40_001n, owner: root, ...target })
  if (onwards.verdict !== 'passes')
    return { direction: 'there', certain: onwards.verdict === 'dropped', stop: onwards.stop }
  const fromContainer = answerTo(scene, port, onwards)
  if (fromContainer !== 'reached') return fromContainer
  const back = answerWay(host, there, { owner: root })
  return back.verdict === 'passes'
    ? 'reached'
    : { direction: 'back', certain: back.verdict === 'dropped', stop: back.stop }
}
