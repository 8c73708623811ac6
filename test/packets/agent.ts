// Runs in a network namespace of the packet laboratory and does what its parent asks for: one JSON value per line, in and out.
import { createServer, connect as dial } from 'node:net'
import { createInterface } from 'node:readline'
import { openHostAccess } from '../../src/observe/runner/host-access.ts'

/** A request to an agent. */
export type Request =
  | { kind: 'listen'; ports: number[] }
  | { kind: 'connect'; host: string; port: number; from: number; ms: number }
  | { kind: 'run'; program: string; args: string[]; timeoutMs?: number; input?: string }
  | { kind: 'read'; path: string; limit?: number }

const access = openHostAccess({
  signal: new AbortController().signal,
  now: Date.now,
  path: process.env.PATH ?? '',
})

/** One port at a time is bound: the others may have failed. */
const listen = async (ports: number[]): Promise<true> => {
  for (const port of ports) {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.end()
    })
    await new Promise<void>((resolve, reject) => {
      server.on('error', reject)
      server.listen({ port, host: '0.0.0.0' }, resolve)
    })
  }
  return true
}

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
      return listen(request.ports)
    case 'connect':
      return connect(request)
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
