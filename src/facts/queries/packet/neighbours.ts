import { seenIn } from '../../../core/observed.ts'
import { formatAddress, parseAddress, parseIpv4Network } from '../../../net/ip.ts'
import type { NetworkFact } from '../../runner.ts'
import { isGeneratedName } from '../runner/docker-rules.ts'
import { callsIp, type Stop } from './follow.ts'
import { type GuestHost, guestHostIn, type PacketView, portsOf, settleMsOf } from './guests.ts'
import type { Place } from './model.ts'
import { bridgedAnswer, bridgedWay, type Crossing } from './ways.ts'

/** Two containers of one network that do not reach each other, or that do although the network says otherwise. */
export interface Neighbours {
  bridge: string
  /** Of the engine; absent without its socket. */
  network?: NetworkFact
  addresses: [string, string]
  /** The address of the bridge with its prefix length, if it has one. */
  subnet?: string
  /** br_netfilter shows what the bridge carries to the rules of IP. */
  filtered: boolean
  result:
    | { kind: 'apart'; direction: 'there' | 'back'; certain: boolean; stop: Stop }
    /** The rule that accepts it; absent where no rule sees it or none decides. */
    | { kind: 'together'; accepted?: Place }
}

/**
 * Follows a new connection between two containers of each network, and its answer. Where the runner was read twice, what is returned
 * is the same in both.
 */
export function neighboursIn(runner: PacketView): Neighbours[] {
  const first = neighboursOf(runner, runner)
  if (!runner.again) return first
  const second = new Set(neighboursOf(runner, runner.again).map(keyOf))
  return first.filter((one) => second.has(keyOf(one)))
}

const keyOf = ({ bridge, result }: Neighbours): string => `${bridge} ${result.kind}`

function neighboursOf(
  runner: PacketView,
  rest: Pick<PacketView, 'networks' | 'links' | 'rules'>,
): Neighbours[] {
  const found = guestHostIn(runner, rest)
  if (!found) return []
  const changing = new Set(seenIn(rest.rules)?.passing)
  const since = runner.at - settleMsOf(runner)
  const bridges = seenIn(runner.networks)
    ? found.networks.filter(({ network }) => (network.createdAt ?? 0) <= since)
    : enginesBridges(found)
  return bridges.filter(({ bridge }) => !changing.has(bridge)).flatMap((one) => neighboursAt(found, one))
}

interface Bridge {
  bridge: string
  network?: NetworkFact
}

/** Without a socket, bridges whose names are an engine's. */
const enginesBridges = ({ host }: GuestHost): Bridge[] =>
  [...host.links.values()].flatMap(({ name, kind }) =>
    kind === 'bridge' && (isGeneratedName(name) || /^(?:docker0|(?:cni-)?podman\d+)$/.test(name))
      ? [{ bridge: name }]
      : [],
  )

const sport = 40_000n
/** No rule is likely to name it. */
const dport = 47_113n

function neighboursAt({ host }: GuestHost, { bridge, network }: Bridge): Neighbours[] {
  const [port, to] = portsOf(bridge, host.links.values())
  const subnet = host.links.get(bridge)?.addresses.find((one) => parseIpv4Network(one) !== undefined)
  const addresses = twoAddresses(network?.addresses ?? [], subnet ?? '')
  if (port === undefined || to === undefined || !addresses) return []
  const [saddr, daddr] = addresses
  const crossing: Crossing = { family: 'ip', device: bridge, port, to, saddr, daddr, sport, dport }
  const result = resultOf(host, crossing)
  return [
    {
      ...{ bridge, filtered: callsIp(host, 'ip'), result, ...(network ? { network } : {}) },
      addresses: [textOf(saddr), textOf(daddr)],
      ...(subnet === undefined ? {} : { subnet }),
    },
  ]
}

function resultOf(host: GuestHost['host'], crossing: Crossing): Neighbours['result'] {
  const there = bridgedWay(host, crossing)
  if (there.verdict !== 'passes')
    return { kind: 'apart', direction: 'there', certain: there.verdict === 'dropped', stop: there.stop }
  const accepted = there.packet.trail.findLast(({ base }) => base.hook === 'forward')
  const together = { kind: 'together', ...(accepted ? { accepted } : {}) } as const
  // A program of the host, or another network, takes the connection.
  if (there.route || there.packet.daddr !== crossing.daddr) return together
  const back = bridgedAnswer(host, there, crossing)
  return back.verdict === 'passes'
    ? together
    : { kind: 'apart', direction: 'back', certain: back.verdict === 'dropped', stop: back.stop }
}

const textOf = (value: bigint): string => formatAddress({ version: 4, value })

/** The addresses of two containers, or two of the bridge's subnet that are not its own. */
function twoAddresses(known: string[], own: string): [bigint, bigint] | undefined {
  const listed = known.flatMap((text) => {
    const address = parseAddress(text)
    return address?.version === 4 ? [address.value] : []
  })
  const network = parseIpv4Network(own)
  const taken = parseAddress(own.split('/')[0] ?? '')?.value
  const others = network
    ? [1n, 2n, 3n, 4n]
        .map((offset) => network.first + offset)
        .filter((one) => one !== taken && one < network.last && !listed.includes(one))
    : []
  const [one, other] = [...listed, ...others]
  return one === undefined || other === undefined ? undefined : [one, other]
}
