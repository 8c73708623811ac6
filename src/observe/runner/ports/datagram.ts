import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { PortTarget } from '../../../facts/runner.ts'

/**
 * A kernel holds errors back when it has sent too many, and datagrams get lost: one is not enough. Nor may there be many:
 * what waits for a dead neighbour shares a queue (unres_qlen_bytes), and of its errors a kernel sends 50 (icmp_msgs_burst).
 */
const againMs = 250
const most = 4

/**
 * Sends UDP datagrams of one byte to a closed port until the host refuses them or `signal` ends it. A refusal proves that
 * packets reach the host's stack, so that silence on TCP is a rule about TCP. Never fails.
 */
export function sendDatagrams(
  address: string,
  port: number,
  { signal, answered }: { signal: AbortSignal; answered: () => void },
): Promise<NonNullable<PortTarget['datagram']>> {
  return new Promise((done) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
    let timer: NodeJS.Timeout | undefined
    const end = (found: NonNullable<PortTarget['datagram']>) => {
      clearInterval(timer)
      signal.removeEventListener('abort', silent)
      socket.removeAllListeners().on('error', () => {})
      socket.close()
      done(found)
    }
    const silent = () => end('silent')
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED') answered()
      end(code === 'ECONNREFUSED' ? 'refused' : 'unreachable')
    })
    // Only a connected socket is told of refusals.
    socket.connect(port, address, () => {
      let left = most
      const send = () => {
        if (left > 0) socket.send(Buffer.alloc(1))
        left -= 1
      }
      send()
      timer = setInterval(send, againMs)
    })
    signal.addEventListener('abort', silent, { once: true })
    if (signal.aborted) silent()
  })
}
