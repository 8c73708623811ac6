import { parseAddress, parseIpv4Network } from '../../../net/ip.ts'
import type { PolicyRule, TableRoute } from '../../routing.ts'
import type { Stop, Way } from './follow.ts'
import { type GuestHost, type Guests, guestHostIn, internet, type PacketView, uplinkOf } from './guests.ts'
import { answerWay, openingWay } from './ways.ts'

/** Why a guest gets no answer from the Internet. */
export interface NoEgress {
  guests: Guests
  /** Where it happens: on the way out, or to the answer. */
  direction: 'out' | 'back'
  /** False where it depends on something that is not known. */
  certain: boolean
  stop:
    | Stop
    /** The answer leaves by another interface than the bridge. */
    | { kind: 'elsewhere'; rule?: PolicyRule; route: TableRoute }
    /** The packet leaves with an address of the guests’ own subnet. */
    | { kind: 'source'; device: string }
  uplink: string
}

/** Follows a new connection of each bridge's guests to the Internet and its answer back. Where the runner was read twice, both count. */
export function noEgressIn(runner: PacketView): NoEgress[] {
  const first = troublesOf(guestHostIn(runner))
  if (!runner.again || first.length === 0) return first
  const second = new Set(troublesOf(guestHostIn(runner, runner.again)).map(keyOf))
  return first.filter((one) => second.has(keyOf(one)))
}

const keyOf = ({ guests, direction, stop }: NoEgress): string => `${guests.bridge} ${direction} ${stop.kind}`

function troublesOf(found: GuestHost | undefined): NoEgress[] {
  if (!found) return []
  const uplink = uplinkOf(found.host)
  // Without a way to the Internet, the host itself has no egress.
  if (!uplink) return []
  return found.guests.flatMap((guests) => troubleOf(found, guests, uplink.device))
}

function troubleOf({ host, dockerWritesRules }: GuestHost, guests: Guests, uplink: string): NoEgress[] {
  const { bridge, port, network } = guests
  const trouble = (
    direction: NoEgress['direction'],
    certain: boolean,
    stop: NoEgress['stop'],
  ): NoEgress[] => [{ guests, direction, certain, stop, uplink }]
  const bare = withoutAddress(host.links.get(bridge)?.addresses ?? [], guests)
  if (bare) return trouble('out', true, bare)
  const there = openingWay(host, {
    ...{ family: 'ip', device: bridge, ...(port === undefined ? {} : { port }) },
    ...{ saddr: parseAddress(guests.address)?.value ?? 0n, daddr: internet, sport: 40_000n, dport: 443n },
  })
  if (there.verdict !== 'passes') return trouble('out', there.verdict === 'dropped', there.stop)
  // Somebody redirects the connection to a program of this host, such as a proxy.
  if (!there.route || there.packet.daddr !== internet) return []
  const own = host.routing.typeOf('ip', there.packet.saddr) === 'local'
  if (!own && network?.masquerade === true && dockerWritesRules && !isRouted(there, host.links))
    return trouble('out', true, { kind: 'source', device: there.route.device ?? '' })
  const back = answerWay(host, there)
  if (back.route && back.route.device !== bridge) {
    const { route, rule } = back
    return trouble('back', true, { kind: 'elsewhere', route, ...(rule ? { rule } : {}) })
  }
  if (back.verdict !== 'passes') return trouble('back', back.verdict === 'dropped', back.stop)
  return []
}

/** Through a tunnel, the other end may know the guests' subnet. */
const isRouted = (
  { route }: Extract<Way, { verdict: 'passes' }>,
  links: Map<string, { kind: string }>,
): boolean =>
  /^(?:wireguard|tun|vxlan|ipip|gre|sit|xfrm|vti)$/.test(links.get(route?.device ?? '')?.kind ?? '')

function withoutAddress(addresses: string[], { bridge, gateway }: Guests): Stop | undefined {
  if (gateway === undefined) return undefined
  const wanted = parseAddress(gateway.split('/')[0] ?? '')?.value
  const own = addresses.filter((one) => parseIpv4Network(one) !== undefined)
  const has = own.some((one) => parseAddress(one.split('/')[0] ?? '')?.value === wanted)
  return has ? undefined : { kind: 'link', name: bridge, why: 'without address' }
}
