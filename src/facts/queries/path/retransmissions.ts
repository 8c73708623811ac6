import type { PathFact } from '../../path.ts'

/** How long the phases of a new connection took, in milliseconds. */
export interface ConnectionTimes {
  host: string
  connect: number
  /** Absent in plain HTTP, or where the handshake did not end. */
  tls?: number
}

/** Connections of one host whose times show that TCP repeated lost packets: how much longer the slow ones took, sorted. */
export interface RepeatedPackets {
  host: string
  /** How many connections were opened. */
  of: number
  connectMs: number[]
  tlsMs: number[]
}

/**
 * The times of all connections that probes opened. Those of the images are left out: many are opened at once, and wait for each other's
 * computations.
 */
export const connectionTimes = ({ legs = [] }: Pick<PathFact, 'legs'>): ConnectionTimes[] =>
  legs.flatMap(({ host, addresses }) =>
    addresses.flatMap(({ attempts }) =>
      attempts.flatMap(({ phases, failure }) => timesOf(host, phases, failure?.phase)),
    ),
  )

function timesOf(
  host: string,
  { connect, tls }: { connect?: number; tls?: number },
  failed: string | undefined,
): ConnectionTimes[] {
  if (connect === undefined || failed === 'connect') return []
  return [{ host, connect, ...(tls === undefined || failed === 'tls' ? {} : { tls }) }]
}

/** Fewer show nothing. */
const minConnections = 6
const minSlow = 3
/** Less than any retransmission timeout of Linux (TCP_RTO_MIN is 200 ms). */
const slowMs = 150
/** The timeout of a SYN (RFC 6298, 2.1). */
const synTimeoutMs = 1000

/**
 * Hosts whose slow connections are late by retransmission timeouts. Each timeout is twice the one before, so a packet that was lost n
 * times is late by 2ⁿ−1 timeouts. The first is 1 s for a SYN, and for data the round trip time and 200 ms, or twice the round trip time,
 * more. A slow server is late by any time.
 */
export const repeatedPackets = (times: readonly ConnectionTimes[]): RepeatedPackets[] =>
  [...Map.groupBy(times, ({ host }) => host)].flatMap(([host, all]) => {
    const connect = all.map((one) => one.connect)
    const roundTripMs = usual(connect)
    const connectMs = slowOf(connect)
    const tlsMs = slowOf(all.flatMap(({ tls }) => tls ?? []))
    const dataTimeoutMs = roundTripMs + Math.max(200, 2 * roundTripMs)
    const slow = connectMs.length + tlsMs.length
    const fitting =
      connectMs.filter((ms) => isLateBy(ms, synTimeoutMs)).length +
      tlsMs.filter((ms) => isLateBy(ms, dataTimeoutMs)).length
    if (all.length < minConnections || slow < minSlow || fitting < 0.8 * slow) return []
    return [{ host, of: all.length, connectMs, tlsMs }]
  })

/** How much longer than usual the slow ones took. */
function slowOf(times: number[]): number[] {
  const base = usual(times)
  return times
    .map((ms) => ms - base)
    .filter((ms) => ms >= slowMs)
    .toSorted((a, b) => a - b)
}

const isLateBy = (ms: number, timeoutMs: number): boolean =>
  [1, 2, 3, 4, 5].some((losses) => {
    const expected = timeoutMs * (2 ** losses - 1)
    // No packet is repeated before its time; a busy machine adds to it.
    return ms >= expected - 10 && ms <= expected + Math.max(60, 0.12 * expected)
  })

/** The lower quartile, as half of the connections may have lost a packet. */
const usual = (times: number[]): number =>
  times.toSorted((a, b) => a - b)[Math.ceil(times.length / 4) - 1] ?? 0
