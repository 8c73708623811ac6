import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { PortTarget } from '../../../facts/runner.ts'

/**
 * One datagram is not enough: kernels rate-limit ICMP errors, and datagrams get lost. Too many do harm: datagrams for a neighbour
 * that does not answer ARP share a queue (unres_qlen_bytes), and a kernel sends at most 50 errors in a burst (icmp_msgs_burst).
 */
const intervalMs = 250
const maxDatagrams = 4

/**
 * Sends UDP datagrams of one byte to a closed port until the host refuses them or `signal` aborts. A refusal proves that packets
 * reach the host's network stack, so silence on TCP is caused by a rule about TCP. Never rejects.
 */
export function sendDatagrams(
  address: string,
  port: number,
  { signal, onAnswer }: { signal: AbortSignal; onAnswer: () => void },
): Promise<NonNullable<PortTarget['datagram']>> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
    let timer: NodeJS.Timeout | undefined
    const end = (outcome: NonNullable<PortTarget['datagram']>) => {
      clearInterval(timer)
      signal.removeEventListener('abort', silent)
      socket.removeAllListeners().on('error', () => {})
      socket.close()
      resolve(outcome)
    }
    const silent = () => end('silent')
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED') onAnswer()
      end(code === 'ECONNREFUSED' ? 'refused' : 'unreachable')
    })
    // Only a connected socket receives ICMP errors.
    socket.connect(port, address, () => {
      let left = maxDatagrams
      const send = () => {
        if (left > 0) socket.send(Buffer.alloc(1))
        left -= 1
      }
      send()
      timer = setInterval(send, intervalMs)
    })
    signal.addEventListener('abort', silent, { once: true })
    if (signal.aborted) silent()
  })
}
