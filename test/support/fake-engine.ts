import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createRawServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { EngineApi } from '../../src/observe/runner/docker/api.ts'
import { openEngine } from '../../src/observe/runner/docker/socket.ts'

/** One request to the fake engine; `path` without the API version. */
export interface FakeRequest {
  method: string
  version: string
  path: string
  query: URLSearchParams
  body: string
}

/** A response: `value` is sent as JSON, `text` as it is; undefined is a 404. */
export type FakeResponse =
  | { status?: number; value?: unknown; text?: string; type?: string; headers?: Record<string, string> }
  | undefined

export interface FakeEngineOptions {
  version?: string
  /** The API versions it supports. */
  min?: string
  max?: string
  podman?: boolean
  /** Responds to requests below the version; `sent` where it wrote to `response` itself. */
  respond?: (request: FakeRequest, response: ServerResponse) => FakeResponse | Promise<FakeResponse> | 'sent'
}

/** An engine's API on a Unix socket of its own. `requests` grows with each request. */
export interface FakeEngine {
  path: string
  requests: FakeRequest[]
}

/** Functions that start fake engines and other servers on Unix sockets; all are closed after each test. */
export function useSockets() {
  const cleanups: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  })

  const listen = async (server: Server): Promise<string> => {
    const directory = await mkdtemp(join(tmpdir(), 'regguard-socket-'))
    const path = join(directory, 'engine.sock')
    const open = new Set<Socket>()
    server.on('connection', (socket: Socket) => {
      open.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => open.delete(socket))
    })
    await new Promise<void>((resolve) => server.listen(path, resolve))
    cleanups.push(async () => {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
      await rm(directory, { recursive: true, force: true })
    })
    return path
  }

  /** A server that treats each connection as the test says. */
  const raw = (handle: (socket: Socket) => void) => listen(createRawServer(handle))

  const engine = async (options: FakeEngineOptions = {}): Promise<FakeEngine> => {
    const requests: FakeRequest[] = []
    const path = await listen(
      createServer((request, response) => void serve(request, response, options, requests)),
    )
    return { path, requests }
  }

  /** Connects to a socket as regguard does. */
  const open = async (setting: string, signal = new AbortController().signal) => {
    const connection = await openEngine({ setting, env: {}, uid: 0, signal })
    if (connection.api) cleanups.push(connection.api.close)
    return connection
  }

  /** The API of a fake engine, and the requests after the version was negotiated. */
  const api = async (options: FakeEngineOptions): Promise<{ api: EngineApi; requests: FakeRequest[] }> => {
    const { path, requests } = await engine(options)
    const connection = await open(path)
    if (!connection.api)
      throw new Error(`the fake engine was not accepted: ${JSON.stringify(connection.socket)}`)
    requests.splice(0)
    return { api: connection.api, requests }
  }

  return { raw, engine, open, api }
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { version = '27.0.0', min = '1.24', max = '1.47', podman = false, respond }: FakeEngineOptions,
  requests: FakeRequest[],
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://engine')
  const parts: Buffer[] = []
  for await (const chunk of request) parts.push(chunk)
  const [, apiVersion = '', path = url.pathname] = /^\/v([\d.]+)(\/.*)$/.exec(url.pathname) ?? []
  const received: FakeRequest = {
    ...{ method: request.method ?? '', version: apiVersion, path, query: url.searchParams },
    body: Buffer.concat(parts).toString('utf8'),
  }
  requests.push(received)
  const headers: Record<string, string> = podman
    ? { server: 'Libpod/4.3.1 (linux)', 'libpod-api-version': '4.3.1' }
    : { server: 'Docker/27.0.0 (linux)' }
  if (path === '/_ping')
    return send(response, { text: 'OK', type: 'text/plain', headers: { 'api-version': max, ...headers } })
  if (path === '/version')
    return send(response, { value: { Version: version, ApiVersion: max, MinAPIVersion: min } })
  const answer = await respond?.(received, response)
  if (answer !== 'sent') send(response, answer ?? { status: 404, value: { message: 'page not found' } })
}

function send(response: ServerResponse, answer: NonNullable<FakeResponse>): void {
  const {
    status = 200,
    value,
    text = value === undefined ? '' : JSON.stringify(value),
    type = 'application/json',
    headers = {},
  } = answer
  response.writeHead(status, { 'content-type': type, ...headers })
  response.end(text)
}
