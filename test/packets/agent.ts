// Runs in a network namespace of the packet laboratory and does what its parent asks for: one JSON value per line, in and out.
import { createSocket } from 'node:dgram'
import { createServer, connect as dial, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { createInterface } from 'node:readline'
import { openHostAccess } from '../../src/observe/runner/host-access.ts'

/** A request to an agent. */
export type Request =
  | { kind: 'listen'; ports: number[]; datagrams: number[] }
  | { kind: 'connect'; host: string; port: number; from: number; ms: number }
  | { kind: 'send'; host: string; port: number; from: number; ms: number }
  | { kind: 'run'; program: string; args: string[]; timeoutMs?: number; input?: string }
  | { kind: 'read'; path: string; limit?: number }

const access = openHostAccess({
  signal: new AbortController().signal,
  now: Date.now,
  path: process.env.PATH ?? '',
})

/** One port at a time is bound: the others may have failed. */
const listen = async (ports: number[], datagrams: number[]): Promise<true> => {
  for (const port of ports) {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.end()
    })
    await new Promise<void>((resolve, reject) => {
      server.on('error', reject)
      server.listen({ port, host: '::' }, resolve)
    })
  }
  // Of a socket for all addresses, an answer has the address of its route, whichever was asked.
  const own = Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.map(({ address }) => address).filter((address) => !address.startsWith('fe80:')),
  )
  for (const address of own)
    for (const port of datagrams) {
      const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4', (_message, from) =>
        socket.send('answer', from.port, from.address),
      )
      socket.on('error', () => {})
      await new Promise<void>((resolve) => socket.bind(port, address, resolve))
    }
  return true
}

const send = ({ host, port, from, ms }: Extract<Request, { kind: 'send' }>): Promise<string> =>
  new Promise((resolve) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
    const end = (result: string) => {
      clearTimeout(timer)
      socket.close()
      resolve(result)
    }
    const timer = setTimeout(() => end('timeout'), ms)
    socket.on('message', () => end('answered'))
    socket.on('error', () => end('failed'))
    socket.bind(from, () => socket.send('question', port, host, (error) => error && end('failed')))
  })

const connect = ({ host, port, from, ms }: Extract<Request, { kind: 'connect' }>): Promise<string> =>
  new Promise((resolve) => {
    const socket = dial({ host, port, localPort: from })
    const end = (result: string) => {
      clearTimeout(timer)
      socket.resetAndDestroy()
      resolve(result)
    }
    const timer = setTimeout(() => end('timeout'), ms)
    socket.on('connect', () => end('connected'))
    socket.on('error', (error) => end('code' in error ? String(error.code) : 'failed'))
  })

async function answer(request: Request): Promise<unknown> {
  switch (request.kind) {
    case 'listen':
      return listen(request.ports, request.datagrams)
    case 'connect':
      return connect(request)
    case 'send':
      return send(request)
    case 'run':
      return access.run(request.program, request.args, { timeoutMs: request.timeoutMs ?? 5000 })
    case 'read':
      return access.read(request.path, request.limit)
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, request } = JSON.parse(line) as { id: number; request: Request }
  void answer(request).then((result) => process.stdout.write(`${JSON.stringify({ id, result })}\n`))
}
process.exit(0)
