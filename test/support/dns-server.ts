import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterEach } from 'vitest'
import { questionIn, type Response, responseTo } from './dns-records.ts'

/** What a server does with a query: respond, send other bytes, or nothing. */
type DnsAnswer = Response | Buffer | 'silence'
/** Answers a query; over TCP for one that was truncated before. */
export type DnsHandler = (name: string, type: 'A' | 'AAAA', over: 'udp' | 'tcp') => DnsAnswer

/** A DNS server of a test. */
export interface DnsServer {
  address: string
  port: number
  /** The names that were asked for, with their types. */
  asked: string[]
}

/** Starts DNS servers on addresses of loopback, all on one port, and closes them after each test. */
export function useDnsServers(): (servers: Record<string, DnsHandler>) => Promise<DnsServer[]> {
  const open: (() => void)[] = []
  afterEach(() => {
    for (const close of open.splice(0)) close()
  })
  return async (servers) => {
    const started: DnsServer[] = []
    for (const [address, handle] of Object.entries(servers)) {
      started.push(await start(address, started[0]?.port ?? 0, handle, open))
    }
    return started
  }
}

async function start(
  address: string,
  port: number,
  handle: DnsHandler,
  open: (() => void)[],
): Promise<DnsServer> {
  const asked: string[] = []
  const respond = (query: Buffer, over: 'udp' | 'tcp'): Buffer | undefined => {
    const { name, type } = questionIn(query)
    asked.push(`${name} ${type}`)
    const answer = handle(name, type, over)
    if (answer === 'silence') return undefined
    return Buffer.isBuffer(answer) ? answer : responseTo(query, answer)
  }
  const udp = createSocket('udp4')
  udp.on('message', (query, from) => {
    const response = respond(query, 'udp')
    if (response) udp.send(response, from.port, from.address)
  })
  udp.bind(port, address)
  await once(udp, 'listening')
  open.push(() => udp.close())
  const { port: bound } = udp.address()
  const tcp = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', (query) => {
      const response = respond(Buffer.from(query).subarray(2), 'tcp')
      if (!response) return
      const length = Buffer.alloc(2)
      length.writeUInt16BE(response.length)
      socket.end(Buffer.concat([length, response]))
    })
  })
  tcp.listen(bound, address)
  const isFree = await once(tcp, 'listening').then(
    () => true,
    () => false,
  )
  // Another program may have this port over TCP.
  if (!isFree && port === 0) return start(address, 0, handle, open)
  open.push(() => tcp.close())
  return { address, port: bound, asked }
}
