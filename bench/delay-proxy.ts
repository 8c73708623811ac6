import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

/** Starts a TCP proxy that delays every byte in both directions: a network path with latency on one machine. */
export async function startDelayProxy(
  target: string,
  delayMs: number,
): Promise<{ host: string; close: () => Promise<void> }> {
  const [hostname = '', port = ''] = target.split(':')
  const open = new Set<Socket>()
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: hostname, port: Number(port), noDelay: true })
    forward(client, upstream, delayMs)
    forward(upstream, client, delayMs)
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('close', () => open.delete(socket))
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port: proxyPort } = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${proxyPort}`,
    close: () =>
      new Promise((done) => {
        for (const socket of open) socket.destroy()
        server.close(() => done())
      }),
  }
}

function forward(from: Socket, to: Socket, delayMs: number): void {
  from.on('data', (chunk) => setTimeout(() => to.write(chunk), delayMs))
  from.on('end', () => setTimeout(() => to.end(), delayMs))
  from.on('error', () => to.destroy())
}
