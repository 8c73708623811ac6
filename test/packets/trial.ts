import { callsIp, type Way } from '../../src/facts/queries/packet/follow.ts'
import { type Host, packetHost } from '../../src/facts/queries/packet/host.ts'
import { followSent } from '../../src/facts/queries/packet/sent.ts'
import {
  answerWay,
  bridgedAnswer,
  bridgedWay,
  type Crossing,
  type Opening,
  openingWay,
} from '../../src/facts/queries/packet/ways.ts'
import { isVersion6, parseAddress } from '../../src/net/ip.ts'
import { observeLinks } from '../../src/observe/runner/host/links.ts'
import { readRules } from '../../src/observe/runner/host/read-rules.ts'
import { readRouting } from '../../src/observe/runner/host/routing.ts'
import { type Laboratory, type Place, plan } from './laboratory.ts'
import { accessOf } from './namespace-agent.ts'

const { addresses, addresses6, ports, bridges, uplink } = plan

interface Flow {
  name: string
  from: Place
  /** Where its packets arrive when nothing translates them. */
  host: string
  port: number
  /** A datagram and its answer; by default, a connection of TCP. */
  datagram?: true
  /** The port of a bridge by which they come in. */
  in?: { device: string; port: string }
  /** Both ends are at the same bridge. */
  across?: string
  /** It may be sent back to another container of its bridge, which answers without the host. */
  hairpin?: true
}

const first = { device: bridges.first, port: ports.one }
/**
 * The ways that regguard follows: out, also by IPv6 and to a resolver, within a network, between networks, and to a published port
 * from outside, from a container of the same network and from the host itself.
 */
const allFlows: Flow[] = [
  { name: 'out', from: 'one', host: addresses.internet, port: 443, in: first },
  {
    name: 'out, to a resolver',
    from: 'one',
    host: addresses.internet,
    port: plan.resolver,
    in: first,
    datagram: true,
  },
  { name: 'out, by IPv6', from: 'one', host: addresses6.internet, port: 443, in: first },
  { name: 'within', from: 'one', host: addresses.two, port: 80, in: first, across: ports.two },
  { name: 'between', from: 'one', host: addresses.other, port: 80, in: first },
  { name: 'published', from: 'uplink', host: addresses.host, port: 8080 },
  { name: 'hairpin', from: 'one', host: addresses.host, port: 8080, in: first, hairpin: true },
  { name: 'from the host', from: 'host', host: addresses.internet, port: 443 },
  { name: 'published, from the host', from: 'host', host: addresses.host, port: 8080 },
  { name: 'published, from the host by loopback', from: 'host', host: '127.0.0.1', port: 8080 },
]

/** The agents run as root. */
const root = { uid: 0n }

/** `yes`, `no`, or undefined where that cannot be told. */
type Answer = boolean | undefined

export interface Verdict {
  flow: string
  /** What the evaluator says and what the packets did: whether the first packet arrives, and whether its answer comes back. */
  said: { arrives: Answer; answered: Answer }
  did: { arrives: boolean; answered: boolean }
  /** The evaluator's reason, in short. */
  because: string
}

/** The rules of the host as the observers of a run read them, prepared for following packets. */
export async function hostIn({ agents }: Laboratory): Promise<Host> {
  const access = accessOf(agents.host)
  const links = await observeLinks(access, { procNet: '/proc/net', isOwn: true })
  const { tables: all, unread, truncated } = await readRules(access)
  const tables = all.filter(({ name }) => name !== 'judge')
  if (!links.seen || unread.length > 0 || truncated) throw new Error('the rules of the host cannot be read')
  const routing = await readRouting(
    access,
    links.value.map(({ name }) => name),
  )
  if (!routing) throw new Error('the routes of the host cannot be read')
  return packetHost({ links: links.value, tables, routing })
}

export const waysCount = allFlows.length

/** Sends the packets of all ways and compares what happens with what the evaluator says. */
export async function tryWays(
  laboratory: Laboratory,
  host: Host,
  { firstPort, ms }: { firstPort: number; ms: number },
): Promise<Verdict[]> {
  // With br_netfilter, a bridge sends what NAT leads back to it by itself, which regguard does not follow.
  const flows = callsIp(host, 'ip') ? allFlows.filter(({ hairpin }) => !hairpin) : allFlows
  const predicted = flows.map((flow, at) => predict(host, flow, firstPort + at))
  await Promise.all(
    flows.map(({ from, host: to, port, datagram }, at) =>
      laboratory.agents[from].ask<string>({
        ...{ kind: datagram ? 'send' : 'connect', host: to, port, from: firstPort + at, ms },
      }),
    ),
  )
  const places = ['host', 'uplink', 'one', 'two', 'other'] as const
  const seen = new Map(
    await Promise.all(places.map(async (place) => [place, await laboratory.arrived(place)] as const)),
  )
  return flows.map((flow, at) => {
    const { said, because, place } = predicted[at] ?? predict(host, flow, firstPort + at)
    const arrived = places.filter((one) => seen.get(one)?.opened.has(firstPort + at))
    const answered = seen.get(flow.from)?.answered.has(firstPort + at) ?? false
    const arrives = place === undefined ? arrived.length > 0 : arrived.includes(place)
    return { flow: flow.name, said, did: { arrives, answered }, because }
  })
}

interface Predicted {
  said: Verdict['said']
  /** Where the packet arrives. */
  place?: Place
  because: string
}

function predict(host: Host, flow: Flow, from: number): Predicted {
  const ends = { daddr: numberOf(flow.host), sport: BigInt(from), dport: BigInt(flow.port) }
  if (flow.from === 'host')
    return judgeWay(host, flow, followSent(host, { family: 'ip', owner: root, ...ends }))
  const own = isVersion6(flow.host) ? addresses6 : addresses
  const opening: Opening = {
    ...{ family: own === addresses ? 'ip' : 'ip6', device: flow.in?.device ?? uplink, ...ends },
    ...(flow.in ? { port: flow.in.port } : {}),
    ...(flow.datagram ? { protocol: 17n } : {}),
    saddr: numberOf(flow.from === 'uplink' ? own.gateway : own.one),
  }
  if (!flow.in || flow.across === undefined) return judgeWay(host, flow, openingWay(host, opening), opening)
  const crossing: Crossing = { ...opening, port: flow.in.port, to: flow.across }
  return judgeWay(host, flow, bridgedWay(host, crossing), crossing)
}

function judgeWay(host: Host, flow: Flow, there: Way, opening?: Opening): Predicted {
  if (there.verdict !== 'passes') {
    const arrives = there.verdict === 'unknown' ? undefined : false
    return { said: { arrives, answered: arrives }, because: reasonOf(there) }
  }
  const place = placeOf(there, flow)
  if (!place) return { said: { arrives: false, answered: false }, because: 'it leads elsewhere' }
  const back = answerOf(host, { flow, there, place, ...(opening ? { opening } : {}) })
  const answered = back.verdict === 'unknown' ? undefined : back.verdict === 'passes' && isHome(back, flow)
  return { said: { arrives: true, answered }, place, because: reasonOf(back) }
}

interface Arrived {
  flow: Flow
  there: Extract<Way, { verdict: 'passes' }>
  place: Place
  opening?: Opening
}

function answerOf(host: Host, { flow, there, place, opening }: Arrived): Way {
  const { in: arrival, across, hairpin } = flow
  const isDirect =
    across !== undefined || (hairpin && place === 'two' && there.packet.saddr === opening?.saddr)
  if (isDirect && opening && arrival)
    return bridgedAnswer(host, there, { ...opening, port: arrival.port, to: ports.two })
  return answerWay(host, there, {
    port: place === 'host' || place === 'uplink' ? undefined : ports[place],
    owner: root,
  })
}

const numberOf = (text: string): bigint => parseAddress(text)?.value ?? 0n

/** The place at which a packet arrives, if something listens there. */
function placeOf(
  { packet, route }: Extract<Way, { verdict: 'passes' }>,
  { across }: Flow,
): Place | undefined {
  const open: readonly number[] =
    packet.protocol === 17n ? [...plan.listening, plan.resolver] : plan.listening
  if (!open.includes(Number(packet.dport))) return undefined
  if (!route && across !== undefined && packet.daddr === numberOf(addresses.two)) return 'two'
  if (!route && packet.oif === null) return 'host'
  // No other host takes a packet from an address of the loopback network.
  if (packet.saddr >> 24n === 127n) return undefined
  const device = packet.oif ?? ''
  const own = packet.family === 'ip' ? addresses : addresses6
  const at: [Place, string, string][] = [
    ['uplink', own.internet, uplink],
    ['uplink', own.gateway, uplink],
    ['one', own.one, bridges.first],
    ['two', own.two, bridges.first],
    ['other', own.other, bridges.second],
  ]
  return at.find(([, address, by]) => numberOf(address) === packet.daddr && by === device)?.[0]
}

/** A frame that stays on its bridge has no interface to leave by. */
function isHome({ packet }: Extract<Way, { verdict: 'passes' }>, { from, across, hairpin }: Flow): boolean {
  if (from === 'host') return packet.oif === null
  return (
    across !== undefined ||
    (hairpin && packet.oif === null) ||
    packet.oif === (from === 'uplink' ? uplink : bridges.first)
  )
}

function reasonOf(way: Way): string {
  if (way.verdict === 'passes') return 'passes'
  const { stop } = way
  if (stop.kind === 'rule') {
    const { base, chain, rule } = stop.at
    return `${way.verdict}: ${base.hook} ${base.table.family} ${base.table.name} ${chain}: ${rule ?? `policy ${base.policy}`}`
  }
  return `${way.verdict}: ${JSON.stringify(stop, (_key, value) => (typeof value === 'bigint' ? String(value) : value))}`
}
