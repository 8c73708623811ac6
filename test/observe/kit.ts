import type { AddressInfo, Server, Socket } from 'node:net'
import { afterEach } from 'vitest'
import type { Failure } from '../../src/core/failure.ts'
import type { Observed } from '../../src/core/observed.ts'
import {
  type EmbeddedRegistry,
  type RegistryOptions,
  startRegistry,
} from '../../src/fake-registry/registry.ts'
import { type HttpClient, type HttpClientOptions, openHttpClient } from '../../src/observe/http/client.ts'
import type { Response } from '../../src/observe/http/response.ts'

/** Starts registries that are closed after each test. */
export function useRegistries(): (options?: RegistryOptions) => Promise<EmbeddedRegistry> {
  const open: EmbeddedRegistry[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((registry) => registry.close()))
  })
  return async (options) => {
    const registry = await startRegistry(options)
    open.push(registry)
    return registry
  }
}

/** A server of a test, on a free port of 127.0.0.1. */
export type Served = { host: string; port: number; connections: () => number; close: () => Promise<void> }

/** Starts any server, counts its connections, and closes it after each test. */
export function useServers(): (server: Server) => Promise<Served> {
  const open: Served[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((server) => server.close()))
  })
  return async (server) => {
    const served = await serve(server)
    open.push(served)
    return served
  }
}

async function serve(server: Server): Promise<Served> {
  const sockets = new Set<Socket>()
  let connections = 0
  server.on('connection', (socket: Socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${port}`,
    port,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

/** Opens wires that are closed after each test. */
export function useWires(): (options?: Partial<HttpClientOptions>) => HttpClient {
  const open: HttpClient[] = []
  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.close()))
  })
  return (options) => {
    const client = openHttpClient({
      signal: new AbortController().signal,
      skipTlsVerify: () => false,
      authorities: [],
      certsRoot: '/nowhere/certs.d',
      connections: 16,
      userAgent: 'regguard/test',
      now: Date.now,
      ...options,
    })
    open.push(client)
    return client
  }
}

/** Sends one request without a body. */
export function get(
  client: HttpClient,
  url: string,
  method: 'GET' | 'HEAD' = 'GET',
): Promise<Observed<Response>> {
  return client.send({ url: new URL(url), method, headers: {}, role: 'registry' })
}

/** What was seen; an error with the reason where it was not. */
export function seenIn<T>(observed: Observed<T>): T {
  if (observed.seen) return observed.value
  throw new Error(`not seen: ${observed.why.kind}: ${observed.why.detail}`)
}

/** Why something was not seen; an error where it was. */
export function whyOf(observed: Observed<unknown>): Failure {
  if (!observed.seen) return observed.why
  throw new Error('it was seen, and should not have been')
}

/** Something that must be there. */
export function sure<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not there')
  return value
}
