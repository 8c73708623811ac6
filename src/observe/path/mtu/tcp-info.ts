import { isIPv6 } from 'node:net'
import type { TcpInfo } from '../../../facts/path/mtu.ts'
import { outputOf, type ProgramOutput } from '../../runner/host/program-output.ts'
import type { HostAccess } from '../../runner/host-access.ts'

/** Bytes of the timestamps option, padded (RFC 7323, appendix A). Linux reports segment sizes without them. */
const timestampBytes = 12

/** Bytes of the IP and TCP headers, without TCP options. */
export const headersOf = (address: string): number => (isIPv6(address) ? 60 : 40)

/** Parses `ss -tinH` (iproute2) for one connection; undefined where it lists none, or none with an MSS. */
export function parseTcpInfo(text: string, headers: number): TcpInfo | undefined {
  const number = (name: string): number => Number(new RegExp(`\\b${name}:(\\d+)`).exec(text)?.[1] ?? 0)
  const mss = /\smss:(\d+)/.exec(text)?.[1]
  if (mss === undefined) return undefined
  return {
    bytesAcked: number('bytes_acked'),
    bytesReceived: number('bytes_received'),
    segmentsIn: number('data_segs_in'),
    outOfOrder: number('rcv_ooopack'),
    mss: Number(mss),
    largestIn: number('rcvmss'),
    advertisedMss: number('advmss'),
    pmtu: number('pmtu'),
    optionBytes: hasTimestamps(text, number('pmtu') - headers - number('advmss')) ? timestampBytes : 0,
  }
}

/** Not every kernel reports the option. Without a limit of the route, it is what the advertised MSS lacks of the MTU. */
const hasTimestamps = (text: string, lacking: number): boolean =>
  /\sts\s/.test(text) || lacking === timestampBytes

/** TCP_INFO of a connection of this process, which needs no privileges. */
export async function readTcpInfo(
  access: HostAccess,
  { address, port, localPort }: { address: string; port: number; localPort: number },
): Promise<ProgramOutput & { info?: TcpInfo }> {
  const to = isIPv6(address) ? `[${address}]` : address
  const filter = ['dst', to, 'and', 'dport', '=', `:${port}`, 'and', 'sport', '=', `:${localPort}`]
  const output = outputOf('ss', await access.run('ss', ['-tinH', ...filter], { timeoutMs: 2000 }))
  const info = output.ok ? parseTcpInfo(output.text, headersOf(address)) : undefined
  return { ...output, ...(info ? { info } : {}) }
}
