import type { NetworkNamespace } from './network-namespace.ts'
import { startProgram } from './program.ts'

/** A service that listens in a namespace of the test. */
export interface HostService {
  /** Stops the program; the kernel still accepts connections for it. */
  freeze(): void
  thaw(): void
  stop(): Promise<void>
}

const program = `
const [port, backlog, greeting] = process.argv.slice(1)
require('node:net').createServer((socket) => {
  socket.on('error', () => {})
  socket.end(greeting)
}).listen({ port: Number(port), host: '::', backlog: Number(backlog) }, () => console.log('listening'))
`

/** Listens on a port of the namespace, greets whoever comes, and hangs up. */
export async function startService(
  namespace: NetworkNamespace,
  port: number,
  { backlog = 128, greeting = 'SSH-2.0-test\r\n' } = {},
): Promise<HostService> {
  const server = await startProgram(
    [
      ...['nsenter', `--net=${namespace.path}`, process.execPath, '-e', program],
      ...[String(port), String(backlog), greeting],
    ],
    { name: 'the service', ready: ({ output }) => output().includes('listening'), stopWith: 'SIGKILL' },
  )
  return {
    freeze: () => server.signal('SIGSTOP'),
    thaw: () => server.signal('SIGCONT'),
    stop: server.stop,
  }
}

const clients = `
const [port, count] = process.argv.slice(1).map(Number)
for (let one = 0; one < count; one += 1) {
  require('node:net').connect({ host: '127.0.0.1', port }).on('error', () => {})
}
`

/**
 * Connects so many clients from inside the namespace, and keeps them until it is stopped; the service is frozen, and its queue is
 * full when this returns.
 */
export function startClients(
  namespace: NetworkNamespace,
  port: number,
  count: number,
): Promise<{ stop(): Promise<void> }> {
  return startProgram(
    ['nsenter', `--net=${namespace.path}`, process.execPath, '-e', clients, String(port), String(count)],
    {
      name: 'clients that fill a queue',
      ready: async () => {
        const [, waiting, limit] = (await namespace.run('ss', ['-Hltn', `sport = :${port}`])).split(/\s+/)
        return Number(waiting) > Number(limit)
      },
    },
  )
}
