import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createSecureServer } from 'node:http2'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server, Socket } from 'node:net'

/** A key pair to serve HTTPS with. `http2: false` offers HTTP/1.1 only. */
export type TlsOptions = { key: string | Buffer; cert: string | Buffer; http2?: boolean }

/** Handles one request. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** Starts a server on a free port of 127.0.0.1; `close` ends its connections as well. */
export async function listen(
  handler: Handler,
  tls: TlsOptions | undefined,
): Promise<{ host: string; url: string; close(): Promise<void> }> {
  const server = serverFor(handler, tls)
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    host,
    url: `${tls ? 'https' : 'http'}://${host}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function serverFor(handler: Handler, tls: TlsOptions | undefined): Server {
  if (tls === undefined) return createServer(handler)
  const { key, cert } = tls
  if (tls.http2 === false) return createTlsServer({ key, cert }, handler)
  // Node's HTTP/2 compatibility API has all members that handlers use.
  return createSecureServer({ key, cert, allowHTTP1: true }, handler as unknown as () => void)
}
