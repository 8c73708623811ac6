import { addressClass } from '../../../net/address-class.ts'
import { holds, isVersion6, parseAddress } from '../../../net/ip.ts'
import type { Loss } from './egress.ts'
import type { Stop, Way } from './follow.ts'
import type { GuestHost, Guests } from './guests.ts'
import type { Host } from './host.ts'
import type { Place } from './model.ts'
import { answerWay, type Opening, openingWay } from './ways.ts'

/** What a guest sends to another host: the first packet of a connection of TCP, or a datagram of UDP. */
export interface Question {
  daddr: bigint
  protocol: bigint
  dport: bigint
  /** It is one to a resolver of names, which may be this host. */
  isOfNames?: true
}

const addressOf = ({ address }: Guests): bigint => parseAddress(address)?.value ?? 0n

export const opening = (guests: Guests, { daddr, protocol, dport }: Question): Opening => ({
  ...{ family: guests.family, device: guests.bridge, saddr: addressOf(guests), daddr, sport: 40_000n, dport },
  ...{ protocol, ...(guests.port === undefined ? {} : { port: guests.port }) },
})

/** Follows what a guest sends, out of the host and its answer back; undefined where both get through. `device`: the host’s uplink. */
export function whyUnanswered(
  found: GuestHost,
  guests: Guests,
  question: Question,
  device: string,
): Loss | undefined {
  const { host } = found
  const { bridge } = guests
  const bare = withoutAddress(host.links.get(bridge)?.addresses ?? [], guests)
  if (bare) return { direction: 'out', certain: true, stop: bare, uplink: device }
  const there = openingWay(host, opening(guests, question))
  // Packets of guests may leave by another interface than the host’s own.
  const uplink = there.route?.device ?? device
  if (there.verdict !== 'passes')
    return { direction: 'out', certain: there.verdict === 'dropped', stop: there.stop, uplink }
  // Somebody redirects the connection to a program of this host, such as a proxy.
  if (!there.route || there.packet.daddr !== question.daddr) return undefined
  // They are next to each other on that bridge, as with a resolver in a container, or a bridge that the uplink is a port of.
  if (there.route.device === bridge) return undefined
  const bareSource = sourceStop(found, guests, there)
  if (bareSource) return { direction: 'out', certain: true, stop: bareSource, uplink }
  const back = answerWay(host, there)
  if (back.route && back.route.device !== bridge) {
    const { route, rule } = back
    const stop = { kind: 'elsewhere', route, ...(rule ? { rule } : {}) } as const
    return { direction: 'back', certain: true, stop, uplink }
  }
  if (back.verdict === 'passes') return undefined
  return { direction: 'back', certain: back.verdict === 'dropped', stop: back.stop, uplink }
}

function withoutAddress(addresses: string[], { bridge, gateway, family }: Guests): Stop | undefined {
  if (gateway === undefined) return undefined
  const wanted = parseAddress(gateway.split('/')[0] ?? '')?.value
  const own = addresses.filter((one) => isVersion6(one) === (family === 'ip6'))
  const has = own.some((one) => parseAddress(one.split('/')[0] ?? '')?.value === wanted)
  return has ? undefined : { kind: 'link', name: bridge, why: 'without address' }
}

type Passing = Extract<Way, { verdict: 'passes' }>

/** Where a packet leaves with an address of the guests, and should not. */
function sourceStop(
  found: GuestHost,
  guests: Guests,
  there: Passing,
): Extract<Loss['stop'], { kind: 'source' }> | undefined {
  if (there.packet.saddr !== addressOf(guests) || isTunnel(found.host, there)) return undefined
  if (!wantsMasquerading(found, guests))
    return guests.owner === 'other' && isUnanswerable(found.host, guests, there)
      ? { kind: 'source', routed: true }
      : undefined
  const at = there.packet.trail.findLast(isBeforeNat)
  return { kind: 'source', ...(at ? { at } : {}) }
}

/** The engine masquerades what leaves the network, if it writes rules at all. */
function wantsMasquerading(
  { dockerWritesRules, dockerWritesRules6 }: GuestHost,
  { network, owner, family, idle }: Guests,
): boolean {
  if (!network) return false
  const isOn = family === 'ip' ? network.masquerade : network.masquerade && !network.routed6
  // Podman writes the rules of a network when its first container starts.
  if (owner === 'podman') return isOn && !idle
  return isOn && (family === 'ip' ? dockerWritesRules : dockerWritesRules6)
}

/** Bridges that their programs create to masquerade what leaves them. */
const natBridges = /^(?:lxcbr|virbr|lxdbr|incusbr|mpqemubr)0$/

/**
 * A bridge of another program may be routed, by a router that has a private address itself and knows the subnet. Nobody answers a
 * private address from behind a public one.
 */
function isUnanswerable({ links }: Host, { bridge, address, family }: Guests, { route }: Passing): boolean {
  if (family === 'ip6' || addressClass(address) !== 'private') return false
  const uplink = links.get(route?.device ?? '')?.addresses.filter((one) => !isVersion6(one)) ?? []
  const isPrivate = uplink.every((one) => addressClass(one.split('/')[0] ?? '') === 'private')
  const isNeighbour = uplink.some((one) => holds(one, address))
  return !isNeighbour && (!isPrivate || natBridges.test(bridge))
}

/** A rule that ended the chains of NAT, or exempted the packet from conntrack and so from NAT. */
const isBeforeNat = ({ base, rule }: Place): boolean =>
  base.type === 'nat' ? base.hook === 'postrouting' : /\bnotrack\b/i.test(rule ?? '')

/** Through a tunnel, the other end may know the guests' subnet. */
const isTunnel = ({ links }: Host, { route }: Passing): boolean =>
  /^(?:wireguard|tun|vxlan|ipip|gre|sit|xfrm|vti)$/.test(links.get(route?.device ?? '')?.kind ?? '')
