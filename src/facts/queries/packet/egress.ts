import { parseAddress, parseIpv4Network } from '../../../net/ip.ts'
import type { PolicyRule, TableRoute } from '../../routing.ts'
import { managerOfChain, managerOfTable } from '../runner/known-managers.ts'
import { packetOf, type Stop, type Way } from './follow.ts'
import { type GuestHost, type Guests, guestHostIn, type PacketView, type Uplink, uplinkOf } from './guests.ts'
import type { Host } from './host.ts'
import { isLimited } from './limited.ts'
import type { Place } from './model.ts'
import { answerWay, type Opening, openingWay } from './ways.ts'

/** Why a guest gets no answer from other hosts. */
export interface NoEgress {
  guests: Guests
  /** Where it happens: on the way out, or to the answer. */
  direction: 'out' | 'back'
  /** False where it depends on something that is not known. */
  certain: boolean
  /**
   * Why it may be meant: packets get to some of the destinations that rules name, or an operator’s rule is for the packets of this
   * network.
   */
  meant?: 'limited' | 'by operator'
  stop:
    | Stop
    /** The answer leaves by another interface than the bridge. */
    | { kind: 'elsewhere'; rule?: PolicyRule; route: TableRoute }
    /** The packet leaves with an address of the guests’ own subnet; `at`: the rule that keeps it from those of NAT. */
    | { kind: 'source'; at?: Place }
  /** The interface that the packets leave by, or would. */
  uplink: string
  /** Guests of the same engine get out. */
  othersDo: boolean
}

/** Follows a new connection of each bridge's guests to the Internet and its answer back. Where the runner was read twice, both count. */
export function noEgressIn(runner: PacketView): NoEgress[] {
  const first = troublesOf(guestHostIn(runner))
  if (!runner.again || first.length === 0) return first
  const second = new Set(troublesOf(guestHostIn(runner, runner.again)).map(keyOf))
  return first.filter((one) => second.has(keyOf(one)))
}

/**
 * Whether one reading has packets that do not get out, those of networks included that are being created. What may be meant is no
 * reason to read again: it is the same in every run.
 */
export const seemsCutOff = (runner: PacketView): boolean =>
  troublesOf(guestHostIn(runner, runner, 0)).some(
    ({ certain, meant, guests }) => certain && !meant && !(guests.idle && !guests.network),
  )

const keyOf = ({ guests, direction, stop }: NoEgress): string => `${guests.bridge} ${direction} ${stop.kind}`

function troublesOf(found: GuestHost | undefined): NoEgress[] {
  if (!found) return []
  const uplink = uplinkOf(found.host)
  // Without a way to other hosts, there is no egress to lose.
  if (!uplink) return []
  const troubles = found.guests.flatMap((guests) => troubleOf(found, guests, uplink))
  const cutOff = new Set(troubles.map(({ guests }) => guests.bridge))
  const othersDo = found.guests.some(({ network, bridge, idle }) => network && !idle && !cutOff.has(bridge))
  return troubles.map((trouble) => ({ ...trouble, othersDo }))
}

type Trouble = Pick<NoEgress, 'direction' | 'certain' | 'stop' | 'uplink'>

function troubleOf(found: GuestHost, guests: Guests, uplink: Uplink): Omit<NoEgress, 'othersDo'>[] {
  // Only Docker is known to want egress for every network without guests.
  if (guests.idle && guests.network && !found.dockerWritesRules) return []
  const trouble = ownTrouble(found, guests, uplink)
  if (!trouble || isOfOwner(guests, trouble.stop)) return []
  const meant = trouble.certain ? meantBy(found.host, guests, trouble) : undefined
  return [{ guests, ...trouble, ...(meant ? { meant } : {}) }]
}

function ownTrouble(
  { host, dockerWritesRules }: GuestHost,
  guests: Guests,
  { device, target }: Uplink,
): Trouble | undefined {
  const { bridge, network } = guests
  const bare = withoutAddress(host.links.get(bridge)?.addresses ?? [], guests)
  if (bare) return { direction: 'out', certain: true, stop: bare, uplink: device }
  const there = wayTo(host, guests, target)
  // Packets of guests may leave by another interface than the host’s own.
  const uplink = there.route?.device ?? device
  if (there.verdict !== 'passes')
    return { direction: 'out', certain: there.verdict === 'dropped', stop: there.stop, uplink }
  // Somebody redirects the connection to a program of this host, such as a proxy.
  if (!there.route || there.packet.daddr !== target) return undefined
  const translated = there.packet.saddr !== addressOf(guests)
  if (!translated && network?.masquerade === true && dockerWritesRules && !isRouted(there, host.links)) {
    const at = there.packet.trail.findLast(isBeforeNat)
    return { direction: 'out', certain: true, stop: { kind: 'source', ...(at ? { at } : {}) }, uplink }
  }
  const back = answerWay(host, there)
  if (back.route && back.route.device !== bridge) {
    const { route, rule } = back
    const stop = { kind: 'elsewhere', route, ...(rule ? { rule } : {}) } as const
    return { direction: 'back', certain: true, stop, uplink }
  }
  if (back.verdict === 'passes') return undefined
  return { direction: 'back', certain: back.verdict === 'dropped', stop: back.stop, uplink }
}

const addressOf = ({ address }: Guests): bigint => parseAddress(address)?.value ?? 0n

const opening = (guests: Guests, daddr: bigint, dport: bigint): Opening => ({
  ...{ family: 'ip', device: guests.bridge, saddr: addressOf(guests), daddr, sport: 40_000n, dport },
  ...(guests.port === undefined ? {} : { port: guests.port }),
})

const wayTo = (host: Host, guests: Guests, daddr: bigint, dport = 443n): Way =>
  openingWay(host, opening(guests, daddr, dport))

/** A rule that ended the chains of NAT, or exempted the packet from conntrack and so from NAT. */
const isBeforeNat = ({ base, rule }: Place): boolean =>
  base.type === 'nat' ? base.hook === 'postrouting' : /\bnotrack\b/i.test(rule ?? '')

/** Through a tunnel, the other end may know the guests' subnet. */
const isRouted = (
  { route }: Extract<Way, { verdict: 'passes' }>,
  links: Map<string, { kind: string }>,
): boolean =>
  /^(?:wireguard|tun|vxlan|ipip|gre|sit|xfrm|vti)$/.test(links.get(route?.device ?? '')?.kind ?? '')

/** Programs with networks that are isolated on purpose, which their own rules drop. */
const owners = new Set(['libvirt', 'Podman (netavark)', 'LXD or Incus'])

const isOfOwner = ({ network }: Guests, stop: NoEgress['stop']): boolean =>
  network === undefined &&
  stop.kind === 'rule' &&
  owners.has(managerOfChain(stop.at.chain) ?? managerOfTable(stop.at.base.table.name) ?? '')

function meantBy(host: Host, guests: Guests, { direction, stop, uplink }: Trouble): NoEgress['meant'] {
  if (direction !== 'out' || stop.kind !== 'rule') return undefined
  const { chain, rule = '', base } = stop.at
  const leaves = ({ verdict, route }: Way) => verdict === 'passes' && route?.device === uplink
  const packet = { ...packetOf(host, { ...opening(guests, 0n, 443n), tcpFlags: 0n }), oif: uplink }
  if (isLimited(base, packet, ({ address, port }) => leaves(wayTo(host, guests, address, port))))
    return 'limited'
  return chain === 'DOCKER-USER' && /(?:^| )(?:-i|-s|-m (?!comment)) /.test(rule) ? 'by operator' : undefined
}

function withoutAddress(addresses: string[], { bridge, gateway }: Guests): Stop | undefined {
  if (gateway === undefined) return undefined
  const wanted = parseAddress(gateway.split('/')[0] ?? '')?.value
  const own = addresses.filter((one) => parseIpv4Network(one) !== undefined)
  const has = own.some((one) => parseAddress(one.split('/')[0] ?? '')?.value === wanted)
  return has ? undefined : { kind: 'link', name: bridge, why: 'without address' }
}
