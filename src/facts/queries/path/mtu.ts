import { count } from '../../../core/units.ts'
import type { Delivery, MtuDirection, MtuEndpoint, MtuMeasurement, TcpInfo } from '../../path/mtu.ts'
import type { PathFact } from '../../path.ts'

/** A path MTU that was measured. */
export type Measured = MtuEndpoint & { found: MtuMeasurement }

/** The path MTUs that were measured. */
export const measuredIn = ({ mtu = [] }: Pick<PathFact, 'mtu'>): Measured[] =>
  mtu.flatMap((endpoint) => (endpoint.measured.seen ? [{ ...endpoint, found: endpoint.measured.value }] : []))

/**
 * The largest packet that arrives from the server, where larger ones get lost. It was measured; or a connection stalled with a gap in
 * what the server sent, and the kernel has learned an MTU since, so that nothing stalls again for 10 minutes.
 */
export function inboundLoss({
  found,
  stall,
}: Measured): { mtu: number; proof: 'measured' | 'learned' } | undefined {
  const { inbound, connection } = found
  if (inbound.state === 'black-hole') return { mtu: inbound.mtu, proof: 'measured' }
  if (inbound.state !== 'open' || !stall || !hasGap(stall)) return undefined
  return connection.advertisedMss < stall.advertisedMss
    ? { mtu: connection.pmtu, proof: 'learned' }
    : undefined
}

/** Larger packets were lost, and cannot be measured until the kernel forgets the MTU. */
export const isLearned = (endpoint: Measured): boolean => inboundLoss(endpoint)?.proof === 'learned'

/** A later segment came, and the first one is missing although it was repeated. */
const hasGap = ({ bytesReceived, outOfOrder }: TcpInfo): boolean => bytesReceived === 0 && outOfOrder > 0

/** `10.9.2.2:443`. */
export const placeOf = ({ address, port }: Pick<MtuEndpoint, 'address' | 'port'>): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

/** What was measured to this address, one line each. */
export function mtuLines(endpoint: Measured): string[] {
  const { found, stall } = endpoint
  const { inbound, outbound, firstMessage, largeBytes, connection, probes } = found
  return [
    `inbound: ${isLearned(endpoint) ? learnedText(connection) : directionText(inbound)}`,
    `outbound: ${directionText(outbound)}`,
    `first message: small ${deliveryText[firstMessage.small]}, of ${largeBytes} bytes ${deliveryText[firstMessage.large]}, in two small packets ${deliveryText[firstMessage.split]}`,
    ...(stall ? [`stalled connection: ${connectionText(stall)}`] : []),
    `${count(probes, 'connection')}; the first: ${connectionText(connection)}`,
  ]
}

const learnedText = ({ pmtu }: TcpInfo): string =>
  `larger packets than the ${pmtu} bytes that the kernel has learned are not sent any more`

function directionText(direction: MtuDirection): string {
  if (direction.state === 'unknown') return `not measured: ${direction.why}`
  if (direction.state === 'open') return `packets of ${direction.mtu} bytes arrive, no loss by size`
  return `packets of ${direction.mtu} bytes arrive, of ${direction.lost} bytes they do not`
}

const deliveryText: Record<Delivery, string> = {
  answered: 'answered',
  received: 'acknowledged but not answered',
  lost: 'lost',
  unsent: 'not sent, as no connection was opened',
}

const connectionText = ({ bytesAcked, bytesReceived, segmentsIn, outOfOrder, mss, pmtu }: TcpInfo): string =>
  `${bytesAcked} bytes acknowledged, ${bytesReceived} received, ${count(segmentsIn, 'segment')} in, ${outOfOrder} of them after a gap, MSS ${mss}, PMTU ${pmtu}`

/** Where the MTU of this network comes from: `eth0 has MTU 1500 here`. */
export const linkText = ({ machine }: Pick<PathFact, 'machine'>): string =>
  machine?.device !== undefined && machine.mtu !== undefined
    ? `${machine.device} has MTU ${machine.mtu} here`
    : 'the interface here has a larger MTU'

/** Where to put the number; each network and program that it changes. */
export const mtuAdvice = (mtu: number, { machine }: Pick<PathFact, 'machine'>): string =>
  `In /etc/docker/daemon.json set “"mtu": ${mtu}” (docker0) and “"default-network-opts": {"bridge": {"com.docker.network.driver.mtu": "${mtu}"}}” (new networks, as of CI jobs; Docker 24+), restart Docker. On a host: ip link set ${machine?.device ?? 'DEVICE'} mtu ${mtu}. Or on the router, TCP only: iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu`
