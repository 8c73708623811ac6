import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'

/** A network path with latency on one machine. */
export interface DelayProxy {
  /** Where it listens, address and port. */
  host: string
  /** The connections and bytes since the last call. */
  taken: () => { connections: number; bytes: number }
  close: () => Promise<void>
}

/**
 * An address of this machine that is not a loopback address, where there is one: a port of a loopback address is asked in plain HTTP
 * first (docs/decisions/0007-loopback.md), which no registry elsewhere is. Packets to it do not leave the machine.
 */
export const ownAddress: string =
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? '127.0.0.1'

/** Starts a TCP proxy that delays every byte in both directions. */
export async function startDelayProxy(target: string, delayMs: number): Promise<DelayProxy> {
  const [hostname = '', port = ''] = target.split(':')
  const open = new Set<Socket>()
  let count = { connections: 0, bytes: 0 }
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: hostname, port: Number(port), noDelay: true })
    count.connections += 1
    forward(client, upstream, delayMs, () => {})
    forward(upstream, client, delayMs, (bytes) => {
      count.bytes += bytes
    })
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('close', () => open.delete(socket))
    }
  })
  await new Promise<void>((done) => server.listen(0, ownAddress, done))
  const { port: proxyPort } = server.address() as AddressInfo
  return {
    host: `${ownAddress}:${proxyPort}`,
    taken: () => {
      const before = count
      count = { connections: 0, bytes: 0 }
      return before
    },
    close: () =>
      new Promise((done) => {
        for (const socket of open) socket.destroy()
        server.close(() => done())
      }),
  }
}

function forward(from: Socket, to: Socket, delayMs: number, passed: (bytes: number) => void): void {
  const later = delayMs === 0 ? (act: () => void) => act() : (act: () => void) => setTimeout(act, delayMs)
  from.on('data', (chunk) => {
    passed(chunk.length)
    later(() => to.write(chunk))
  })
  from.on('end', () => later(() => to.end()))
  from.on('error', () => to.destroy())
}
