import type { Area } from '../../../core/observed.ts'
import type { Delivery, MtuDirection, MtuMeasurement, TcpInfo } from '../../../facts/path/mtu.ts'
import { isVersion6 } from '../../../net/ip.ts'
import { seen, unseen } from '../../runner/host/area.ts'
import type { FirstMessage } from './first-message.ts'
import {
  type Connection,
  openConnection,
  type Probe,
  type ProbeOptions,
  probeOn,
  probeWithMss,
} from './probe.ts'
import { type SearchResult, searchMtu } from './search.ts'
import { headersOf } from './tcp-info.ts'

/** Every host on the internet takes packets of 576 bytes (RFC 1122, 3.3.2), and links of IPv6 have an MTU of 1280 (RFC 8200, 5). */
const safeMtu = { 4: 576, 6: 1280 }

/** Responses differ by this many bytes at most: signatures and padding vary. */
const varies = 64

/** Connections that are opened before anything is sent; for the outbound search. */
const spareConnections = 8

interface Place extends ProbeOptions {
  message: FirstMessage
  /** Bytes of the IP and TCP headers, without TCP options. */
  headers: number
  safe: number
  /** Takes a spare connection, or opens one. */
  connection: () => Promise<Connection>
}

/**
 * Measures the path MTU to an address and back, by what arrives: no ICMP and no privileges are needed.
 *
 * A kernel that learns the MTU of a path advertises a smaller MSS on later connections, and hides a fault of the other direction. So
 * the connections are opened first; then the inbound direction is measured with small messages, which no client learns from; and only
 * then are large messages sent.
 */
export async function measureMtu(
  message: FirstMessage,
  options: ProbeOptions,
): Promise<Area<MtuMeasurement>> {
  const { address } = options
  const opened = await Promise.all(
    Array.from({ length: 3 + spareConnections }, () => openConnection(options)),
  )
  const left = [...opened]
  const place: Place = {
    ...{ ...options, message },
    headers: headersOf(address),
    safe: isVersion6(address) ? safeMtu[6] : safeMtu[4],
    connection: async () => left.shift() ?? openConnection(options),
  }
  try {
    return await measureOn(place)
  } finally {
    for (const one of opened) if (one.state === 'open') one.socket.resetAndDestroy()
  }
}

async function measureOn(place: Place): Promise<Area<MtuMeasurement>> {
  const { message, safe: safeSize, headers } = place
  const [first, second, third] = [
    await place.connection(),
    await place.connection(),
    await place.connection(),
  ]
  const [small, safe] = await Promise.all([
    probeOn(first, [message.small], place),
    probeWithMss(safeSize - headers, message.small, Number.POSITIVE_INFINITY, place),
  ])
  const unusable = [small, safe].find((probe) => probe.state === 'unusable')
  if (unusable) return unseen(unusable.why, unusable.missing ? ['tools'] : [])
  if (small.state !== 'done' || safe.state !== 'done' || !small.info)
    return unseen('ss did not list the connection', [])
  const connection = small.info
  const inbound = await measureInbound(small.received, safe.received, connection, place)
  if (place.signal.aborted) return unseen('the run was stopped', [])
  const { probe, ...large } = await sendLarge(second, third, place)
  const sent = { small: deliveryOf(small, message.small.length), ...large }
  const isOdd = onlySmallAnswered(sent)
  const firstMessage = isOdd ? await sendAgain(sent, place) : sent
  const outbound = await measureOutbound(firstMessage, probe, connection, inbound.direction, place)
  return seen(
    {
      inbound: inbound.direction,
      outbound: outbound.direction,
      firstMessage,
      largeBytes: message.large.length,
      connection,
      probes: (isOdd ? 4 + 3 * repeats : 4) + inbound.probes + outbound.probes,
    },
    'TCP connections, ss, socat',
  )
}

/** Sends the large message whole, which `probe` is the result of, and in two packets. */
async function sendLarge(
  first: Connection,
  second: Connection,
  place: Place,
): Promise<{ probe: Probe; large: Delivery; split: Delivery }> {
  const { large } = place.message
  const half = Math.floor(large.length / 2)
  const [probe, inTwo] = await Promise.all([
    probeOn(first, [large], place),
    probeOn(second, [large.subarray(0, half), large.subarray(half)], place),
  ])
  return { probe, large: deliveryOf(probe, large.length), split: deliveryOf(inTwo, large.length) }
}

type FirstMessageFact = MtuMeasurement['firstMessage']

const onlySmallAnswered = ({ small, large, split }: FirstMessageFact): boolean =>
  small === 'answered' && large !== 'answered' && split !== 'answered'

/** How often all three are sent again where only the small one was answered: connections may fail now and then, of whatever size. */
const repeats = 3

/** What holds each time: of the small message the worst result, of the large ones an answer if there was any. */
async function sendAgain(sent: FirstMessageFact, place: Place): Promise<FirstMessageFact> {
  const all = await Promise.all(
    Array.from({ length: repeats }, async (): Promise<FirstMessageFact> => {
      const connections = [
        await place.connection(),
        await place.connection(),
        await place.connection(),
      ] as const
      const [small, { large, split }] = await Promise.all([
        probeOn(connections[0], [place.message.small], place),
        sendLarge(connections[1], connections[2], place),
      ])
      return { small: deliveryOf(small, place.message.small.length), large, split }
    }),
  )
  return [sent, ...all].reduce((result, one) => ({
    small: one.small === 'answered' ? result.small : one.small,
    large: one.large === 'answered' ? one.large : result.large,
    split: one.split === 'answered' ? one.split : result.split,
  }))
}

interface Measured {
  direction: MtuDirection
  probes: number
}

const noConnection = 'no further connection could be opened'
const unknown = (why: string, probes = 0): Measured => ({ direction: { state: 'unknown', why }, probes })

/** `whole`: how much the server sends in small segments. */
async function measureInbound(
  received: number,
  whole: number,
  connection: TcpInfo,
  place: Place,
): Promise<Measured> {
  if (received === 0 && whole === 0) return unknown('the server sends nothing, not even in small packets')
  const { headers, message, safe } = place
  const overhead = headers + connection.optionBytes
  if (received >= whole - varies) {
    const mtu = Math.min(connection.largestIn, received) + overhead
    return { direction: { state: 'open', mtu }, probes: 0 }
  }
  // No packet is larger than the whole response.
  const largest = Math.min(connection.advertisedMss, whole) + overhead
  if (largest <= safe) return unknown('the response is too short to fill a packet')
  const found = await searchMtu(safe, largest, async (size) => {
    const mss = size - headers
    const probe = await probeWithMss(mss, message.small, Math.min(mss, whole - varies), place)
    return probe.state === 'done' ? probe.received >= Math.min(mss, whole - varies) : undefined
  })
  return fromSearch(found)
}

async function measureOutbound(
  { small, large, split }: MtuMeasurement['firstMessage'],
  largeProbe: Probe,
  connection: TcpInfo,
  inbound: MtuDirection,
  place: Place,
): Promise<Measured> {
  const { headers, message } = place
  const info = largeProbe.state === 'done' ? (largeProbe.info ?? connection) : connection
  const overhead = headers + connection.optionBytes
  const fullPacket = Math.min(info.mss, message.large.length) + overhead
  if (large === 'unsent' || split === 'unsent') return unknown(noConnection)
  if (large !== 'lost') return { direction: { state: 'open', mtu: fullPacket }, probes: 0 }
  if (small === 'lost') return unknown('the server receives nothing, not even small packets')
  if (split === 'lost') return unknown('the server does not receive two small packets either')
  const arrives = async (size: number) => {
    const bytes = size - overhead
    const probe = await probeOn(await place.connection(), [await message.ofLength(bytes)], place)
    // A server that has learned the MTU itself asks for smaller segments.
    if (probe.state !== 'done' || (probe.info && probe.info.mss < bytes)) return undefined
    return deliveryOf(probe, bytes) !== 'lost'
  }
  // Both directions most often lead through the same tunnel.
  const guess = inbound.state === 'unknown' ? undefined : inbound.mtu
  return fromSearch(await searchMtu(message.small.length + overhead, fullPacket, arrives, guess))
}

function fromSearch(found: SearchResult): Measured {
  if (found.state !== 'found') return unknown(noResult[found.state], found.probes)
  const { arrives: mtu, lost, probes } = found
  return { direction: { state: 'black-hole', mtu, lost }, probes }
}

const noResult = { unstable: 'packets of one size arrive only sometimes', untested: noConnection }

/** Data shows that the message arrived, and so does a reset, or the acknowledgement of its last byte. */
function deliveryOf(probe: Probe, bytes: number): Delivery {
  if (probe.state !== 'done') return 'unsent'
  const isReset = probe.closed && !probe.info
  if (probe.received > 0 || isReset) return 'answered'
  return (probe.info?.bytesAcked ?? 0) >= bytes ? 'received' : 'lost'
}
