import { isLoopback } from '../../../net/address-class.ts'
import { addressFromWords } from './hex-address.ts'

/** One row of /proc/net/tcp or /proc/net/tcp6. */
export interface SocketRow {
  address: string
  port: number
  peer: string
  /** The kernel's number: 1 is ESTABLISHED, 3 SYN_RECV, 10 LISTEN (include/net/tcp_states.h). */
  state: number
  /** For a listening socket, the connections waiting to be accepted. */
  waiting: number
}

const listen = 10
/** ESTABLISHED and SYN_RECV: packets have arrived from the peer. A peer whose replies get lost stays in SYN_RECV. */
const withPeer = new Set([1, 3])

/** Parses /proc/net/tcp and tcp6 (Documentation/networking/proc_net_tcp.rst); skips invalid rows. */
export function parseSockets(text: string): SocketRow[] {
  return text.split('\n').flatMap((line) => {
    const [, local = '', remote = '', state = '', queues = ''] = line.trim().split(/\s+/, 5)
    const [address, port] = endpoint(local)
    const [peer] = endpoint(remote)
    if (address === undefined || peer === undefined || !/^[0-9A-F]{2}$/i.test(state)) return []
    const waiting = Number.parseInt(queues.split(':')[1] ?? '', 16)
    return [{ address, port, peer, state: Number.parseInt(state, 16), waiting: waiting || 0 }]
  })
}

function endpoint(text: string): [address: string | undefined, port: number] {
  const [address = '', port = ''] = text.split(':', 2)
  return /^[0-9A-F]{4}$/i.test(port) ? [addressFromWords(address), Number.parseInt(port, 16)] : [undefined, 0]
}

/** Listening sockets, each address and port once. */
export function listening(rows: SocketRow[]): SocketRow[] {
  const known = new Map<string, SocketRow>()
  for (const row of rows) {
    if (row.state === listen) known.set(`${row.address} ${row.port}`, row)
  }
  return [...known.values()]
}

const maxPeers = 1000

/** The addresses of peers other than loopback, without duplicates. */
export function peersOf(rows: SocketRow[]): string[] {
  const found = new Set<string>()
  for (const { state, peer } of rows) {
    if (withPeer.has(state) && !isLoopback(peer)) found.add(peer)
    if (found.size === maxPeers) break
  }
  return [...found]
}
