import type { Readable } from 'node:stream'
import { Agent } from 'undici'

/** One request to an engine. `limit`: bytes of the response that are kept. */
export interface EngineRequest {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  body?: unknown
  timeoutMs: number
  limit: number
  signal?: AbortSignal
}

/** A response, or why there is none. `complete`: the body ended before the limit. */
export type Response =
  | {
      ok: true
      status: number
      header: (name: string) => string | undefined
      body: Buffer
      complete: boolean
    }
  | { ok: false; code: string; why: string }

/** A streamed response; the caller ends it by the request's signal or by destroying the body. */
type Stream = { ok: true; status: number; body: Readable } | { ok: false; code: string; why: string }

/** HTTP over a Unix socket; every response is bounded in time and size. Never throws. */
export interface Transport {
  request(options: EngineRequest): Promise<Response>
  /** As `request`, for responses without an end; `timeoutMs` covers only the wait for the headers. */
  stream(options: Omit<EngineRequest, 'limit'>): Promise<Stream>
  close(): Promise<void>
}

const connectMs = 3000
/** At most so many requests run at once: eight networks, a wait, a stream, and one to spare. */
const connections = 12

export function openTransport(socketPath: string): Transport {
  const agent = new Agent({
    connect: { socketPath, timeout: connectMs },
    connections,
    pipelining: 1,
    // Each request has its own time limit, over the whole response.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const send = ({ method, path, body }: Omit<EngineRequest, 'timeoutMs' | 'limit'>, signal: AbortSignal) =>
    agent.request({
      origin: 'http://localhost',
      method,
      path,
      signal,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })

  return {
    async request(options) {
      const limit = AbortSignal.timeout(options.timeoutMs)
      const signal = options.signal ? AbortSignal.any([limit, options.signal]) : limit
      try {
        const response = await send(options, signal)
        const { bytes, complete } = await readBody(response.body, options.limit)
        const header = (name: string) => firstValue(response.headers[name])
        return { ok: true, status: response.statusCode, header, body: bytes, complete }
      } catch (error) {
        return failure(error, options, limit)
      }
    },
    async stream(options) {
      const limit = new AbortController()
      const timer = setTimeout(() => limit.abort(), options.timeoutMs)
      const signal = options.signal ? AbortSignal.any([limit.signal, options.signal]) : limit.signal
      try {
        const { statusCode, body } = await send(options, signal)
        return { ok: true, status: statusCode, body }
      } catch (error) {
        return failure(error, options, limit.signal)
      } finally {
        clearTimeout(timer)
      }
    },
    close: () => agent.destroy(),
  }
}

async function readBody(body: Readable, limit: number): Promise<{ bytes: Buffer; complete: boolean }> {
  const parts: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    parts.push(chunk)
    size += chunk.length
    // Leaving the loop destroys the body, and with it the connection.
    if (size > limit) return { bytes: Buffer.concat(parts).subarray(0, limit), complete: false }
  }
  return { bytes: Buffer.concat(parts), complete: true }
}

/** By codes of Node and undici, measured on sockets that are missing, forbidden, not listening, silent or endless. */
const errorTexts: Record<string, string> = {
  ENOENT: 'no such socket',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ECONNREFUSED: 'connection refused: nothing listens on the socket',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed before a response arrived',
  UND_ERR_CONNECT_TIMEOUT: `no connection within ${connectMs / 1000} s`,
  UND_ERR_HEADERS_OVERFLOW: 'the response headers are too large',
}

function failure(
  error: unknown,
  { timeoutMs, signal }: Pick<EngineRequest, 'timeoutMs' | 'signal'>,
  limit: AbortSignal,
): { ok: false; code: string; why: string } {
  if (signal?.aborted) return { ok: false, code: 'stopped', why: 'the run was stopped' }
  if (limit.aborted) return { ok: false, code: 'timeout', why: `no response within ${timeoutMs / 1000} s` }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code.startsWith('HPE_') || (error instanceof Error && error.name === 'HTTPParserError'))
    return { ok: false, code: 'not-http', why: 'the response is not HTTP' }
  const text = error instanceof Error ? error.message : String(error)
  return { ok: false, code: code || 'unknown', why: errorTexts[code] ?? text.slice(0, 200) }
}

const firstValue = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value
