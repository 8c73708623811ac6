import {
  connectionTimes,
  type RepeatedPackets,
  repeatedPackets,
} from '../../facts/queries/path/retransmissions.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'tls-rto-clustered',
  group: 'path',
  title: 'no connection waits for lost packets',
  fault:
    'Packet loss: slow connections are late by exactly the times after which TCP repeats a lost packet, so it is not the server that is slow.',
  severity: 'warning',
  advice:
    'Find where packets get lost (mtr --tcp --port 443 HOST, from the runner and from another machine), and set “path_mtu: true” to see whether it is the large ones.',
  reads: ['path.legs'],
  run: ({ path }) => repeatedPackets(connectionTimes(path)).map(faultOf),
})

function faultOf({ host, of, connectMs, tlsMs }: RepeatedPackets) {
  const late = [
    ...(connectMs.length > 0 ? [`TCP is late by ${bunches(connectMs)}`] : []),
    ...(tlsMs.length > 0 ? [`TLS is late by ${bunches(tlsMs)}`] : []),
  ]
  return {
    subject: host,
    message: `of ${of} connections, ${late.join(', ')}`,
    because:
      'A lost SYN is repeated after 1, 3 and 7 s, lost data after 0.2, 0.6, 1.4 and 3 s and the round trip time.',
    evidence: [...evidenceOf('TCP', connectMs), ...evidenceOf('TLS', tlsMs)],
    cause: 'loss',
  }
}

const evidenceOf = (phase: string, lateMs: number[]): string[] =>
  lateMs.length > 0 ? [`${phase} late by, in ms: ${lateMs.slice(0, 40).map(Math.round).join(', ')}`] : []

/** `0.2 s (3 times), 0.6 s (once)`: times that are less than a quarter apart are one. */
function bunches(sorted: number[]): string {
  const groups: number[][] = []
  for (const ms of sorted) {
    const last = groups.at(-1)
    if (last?.[0] !== undefined && ms < last[0] * 1.25) last.push(ms)
    else groups.push([ms])
  }
  return groups
    .map((group) => {
      const times = group.length === 1 ? 'once' : `${group.length} times`
      return `${((group[0] ?? 0) / 1000).toFixed(1)} s (${times})`
    })
    .join(', ')
}
