import { once } from 'node:events'
import { execa } from 'execa'
import type { NetworkNamespace } from './network-namespace.ts'

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
  const child = execa(
    'nsenter',
    [`--net=${namespace.path}`, process.execPath, '-e', program, String(port), String(backlog), greeting],
    { reject: false, buffer: false },
  )
  await once(child.stdout, 'data')
  return {
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    stop: async () => {
      child.kill('SIGKILL')
      await child
    },
  }
}

const clients = `
const [port, count] = process.argv.slice(1).map(Number)
for (let one = 0; one < count; one += 1) {
  require('node:net').connect({ host: '127.0.0.1', port }).on('error', () => {})
}
setTimeout(() => console.log('connected'), 300)
`

/** Connects so many clients from inside the namespace, and keeps them until it is stopped. */
export async function startClients(
  namespace: NetworkNamespace,
  port: number,
  count: number,
): Promise<{ stop(): Promise<void> }> {
  const child = execa(
    'nsenter',
    [`--net=${namespace.path}`, process.execPath, '-e', clients, String(port), String(count)],
    { reject: false, buffer: false },
  )
  await once(child.stdout, 'data')
  return {
    stop: async () => {
      child.kill('SIGKILL')
      await child
    },
  }
}
