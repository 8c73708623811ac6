import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createRawServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { EngineApi } from '../../src/observe/runner/docker/api.ts'
import { openEngine } from '../../src/observe/runner/docker/socket.ts'

/** One request that the fake engine got; `path` without the version. */
export interface Asked {
  method: string
  version: string
  path: string
  query: URLSearchParams
  body: string
}

/** An answer: a value becomes JSON, a text goes as it is, `undefined` is a 404. */
export type Answered =
  | { status?: number; value?: unknown; text?: string; type?: string; headers?: Record<string, string> }
  | undefined

export interface FakeEngineOptions {
  version?: string
  /** The API versions it takes. */
  min?: string
  max?: string
  podman?: boolean
  /** Answers what is below the version. */
  answer?: (asked: Asked, response: ServerResponse) => Answered | Promise<Answered> | 'answered'
}

/** An engine's API on a Unix socket of the test's own. `asked` grows with every request. */
export interface FakeEngine {
  path: string
  asked: Asked[]
}

/** Gives what makes fake engines and other servers at Unix sockets; all end after the test. */
export function useSockets() {
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
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
    ends.push(async () => {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
      await rm(directory, { recursive: true, force: true })
    })
    return path
  }

  /** A server that does as the test says with each connection. */
  const raw = (talk: (socket: Socket) => void) => listen(createRawServer(talk))

  const engine = async (options: FakeEngineOptions = {}): Promise<FakeEngine> => {
    const asked: Asked[] = []
    const path = await listen(
      createServer((request, response) => void serve(request, response, options, asked)),
    )
    return { path, asked }
  }

  /** What regguard makes of the socket. */
  const open = async (setting: string, signal = new AbortController().signal) => {
    const found = await openEngine({ setting, env: {}, uid: 0, signal })
    if (found.api) ends.push(found.api.close)
    return found
  }

  /** The API of a fake engine, and what it was asked after the two had met. */
  const api = async (options: FakeEngineOptions): Promise<{ api: EngineApi; asked: Asked[] }> => {
    const fake = await engine(options)
    const { api: met, socket } = await open(fake.path)
    if (!met) throw new Error(`the fake engine was not taken for one: ${JSON.stringify(socket)}`)
    fake.asked.splice(0)
    return { api: met, asked: fake.asked }
  }

  return { raw, engine, open, api }
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { version = '27.0.0', min = '1.24', max = '1.47', podman = false, answer }: FakeEngineOptions,
  asked: Asked[],
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://engine')
  const parts: Buffer[] = []
  for await (const chunk of request) parts.push(chunk)
  const [, spoken = '', path = url.pathname] = /^\/v([\d.]+)(\/.*)$/.exec(url.pathname) ?? []
  const one: Asked = {
    ...{ method: request.method ?? '', version: spoken, path, query: url.searchParams },
    body: Buffer.concat(parts).toString('utf8'),
  }
  asked.push(one)
  const named = podman
    ? { server: 'Libpod/4.3.1 (linux)', 'libpod-api-version': '4.3.1' }
    : { server: 'Docker/27.0.0 (linux)' }
  if (path === '/_ping')
    return end(response, { text: 'OK', type: 'text/plain', headers: { 'api-version': max, ...named } })
  if (path === '/version')
    return end(response, { value: { Version: version, ApiVersion: max, MinAPIVersion: min } })
  const made = await answer?.(one, response)
  if (made !== 'answered') end(response, made ?? { status: 404, value: { message: 'page not found' } })
}

function end(response: ServerResponse, made: NonNullable<Answered>): void {
  const {
    status = 200,
    value,
    text = value === undefined ? '' : JSON.stringify(value),
    type = 'application/json',
  } = made
  response.writeHead(status, { 'content-type': type, ...made.headers })
  response.end(text)
}
