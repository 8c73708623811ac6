import type { MtuEndpoint, MtuMeasurement, TcpInfo } from '../../src/facts/path/mtu.ts'
import { type Change, registry } from './facts.ts'

/** A connection with an MSS for 1500 bytes, on which the whole response came. */
export const connectionOf = (change: Partial<TcpInfo> = {}): TcpInfo => ({
  ...{ bytesAcked: 383, bytesReceived: 3749, segmentsIn: 3, outOfOrder: 0 },
  ...{ mss: 1448, largestIn: 1448, advertisedMss: 1448, pmtu: 1500, optionBytes: 12 },
  ...change,
})

/** A connection whose first segment is missing. */
export const stalledConnection = (): TcpInfo =>
  connectionOf({ bytesReceived: 0, segmentsIn: 1, outOfOrder: 1, largestIn: 536 })

/** A path that carries 1500 bytes both ways. */
const measurementOf = (change: Partial<MtuMeasurement> = {}): MtuMeasurement => ({
  inbound: { state: 'open', mtu: 1500 },
  outbound: { state: 'open', mtu: 1500 },
  firstMessage: { small: 'answered', large: 'answered', split: 'answered' },
  largeBytes: 1612,
  connection: connectionOf(),
  probes: 4,
  ...change,
})

/** The path to the registry, which a request timed out on. */
export const endpointOf = (
  change: Partial<MtuMeasurement> = {},
  more: Partial<MtuEndpoint> = {},
): MtuEndpoint => ({
  ...{ host: registry, address: '192.0.2.10', port: 443, protocol: 'https', reason: 'failure' },
  measured: { seen: true, value: measurementOf(change), from: 'TCP connections, ss, socat' },
  ...more,
})

/** Adds path MTUs, and an interface with MTU 1500. */
export const withMtu =
  (...mtu: MtuEndpoint[]): Change =>
  (facts) => {
    facts.path.mtu = mtu
    facts.path.machine = { device: 'eth0', mtu: 1500, gateway: '172.18.0.1', resolvers: [] }
  }

/** Packets of more than this many bytes are lost. */
export const holeOf = (mtu: number) => ({ state: 'black-hole' as const, mtu, lost: mtu + 1 })
