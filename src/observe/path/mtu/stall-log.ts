import type { Socket } from 'node:net'
import type { TcpInfo } from '../../../facts/path/mtu.ts'
import type { HostAccess } from '../../runner/host-access.ts'
import { readTcpInfo } from './tcp-info.ts'

/** The state of connections whose TLS handshake timed out: afterwards the kernel may have learned an MTU, and nothing stalls again. */
export interface StallLog {
  /** Reads the state of a connection before it is closed. */
  record: (socket: Socket) => Promise<void>
  /** The first recorded connection to an address. */
  of: (address: string, port: number) => TcpInfo | undefined
}

/** Each takes a process. */
const maxStalls = 16

/** Creates an empty log. */
export function createStallLog(access: HostAccess): StallLog {
  const stalls = new Map<string, TcpInfo>()
  return {
    record: async ({ remoteAddress: address, remotePort: port, localPort }) => {
      if (address === undefined || port === undefined || localPort === undefined) return
      const key = `${address} ${port}`
      if (stalls.has(key) || stalls.size >= maxStalls) return
      const { info } = await readTcpInfo(access, { address, port, localPort })
      if (info) stalls.set(key, info)
    },
    of: (address, port) => stalls.get(`${address} ${port}`),
  }
}
