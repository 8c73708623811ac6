import type { Readable } from 'node:stream'
import { Agent } from 'undici'

/** One question to an engine. `limit`: bytes of its answer that are kept. */
export interface Question {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  body?: unknown
  timeoutMs: number
  limit: number
  signal?: AbortSignal
}

/** What came of it. `whole`: the answer ended before the limit. */
export type Response =
  | { ok: true; status: number; header: (name: string) => string | undefined; body: Buffer; whole: boolean }
  | { ok: false; code: string; why: string }

/** An answer that is read as it comes; whoever asked ends it, by its signal or by destroying it. */
export type Stream = { ok: true; status: number; body: Readable } | { ok: false; code: string; why: string }

/** HTTP over a Unix socket, with every answer bounded in time and bytes. Nothing here throws. */
export interface Transport {
  request(question: Question): Promise<Response>
  /** As `request`, for answers without an end; `timeoutMs` bounds the wait for its beginning only. */
  stream(question: Omit<Question, 'limit'>): Promise<Stream>
  close(): Promise<void>
}

const connectMs = 3000
/** More questions than this are never under way at once: eight networks, a wait, a stream, and one to spare. */
const connections = 12

export function openTransport(socketPath: string): Transport {
  const agent = new Agent({
    connect: { socketPath, timeout: connectMs },
    connections,
    pipelining: 1,
    // Each question has a limit of its own, over all of its answer.
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const send = ({ method, path, body }: Omit<Question, 'timeoutMs' | 'limit'>, signal: AbortSignal) =>
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
    async request(question) {
      const limit = AbortSignal.timeout(question.timeoutMs)
      const signal = question.signal ? AbortSignal.any([limit, question.signal]) : limit
      try {
        const answer = await send(question, signal)
        const { bytes, whole } = await readBody(answer.body, question.limit)
        const header = (name: string) => one(answer.headers[name])
        return { ok: true, status: answer.statusCode, header, body: bytes, whole }
      } catch (error) {
        return failure(error, question, limit)
      }
    },
    async stream(question) {
      const limit = new AbortController()
      const timer = setTimeout(() => limit.abort(), question.timeoutMs)
      const signal = question.signal ? AbortSignal.any([limit.signal, question.signal]) : limit.signal
      try {
        const { statusCode, body } = await send(question, signal)
        return { ok: true, status: statusCode, body }
      } catch (error) {
        return failure(error, question, limit.signal)
      } finally {
        clearTimeout(timer)
      }
    },
    close: () => agent.destroy(),
  }
}

async function readBody(body: Readable, limit: number): Promise<{ bytes: Buffer; whole: boolean }> {
  const parts: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    parts.push(chunk)
    size += chunk.length
    // Leaving the loop destroys the body, and with it the connection.
    if (size > limit) return { bytes: Buffer.concat(parts).subarray(0, limit), whole: false }
  }
  return { bytes: Buffer.concat(parts), whole: true }
}

/** Codes of Node and undici, measured on a missing, a forbidden, a deserted, a silent and a talkative socket. */
const words: Record<string, string> = {
  ENOENT: 'there is no such socket',
  EACCES: 'this user may not open the socket',
  EPERM: 'this user may not open the socket',
  ECONNREFUSED: 'nobody listens on the socket',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed before an answer came',
  UND_ERR_CONNECT_TIMEOUT: `the socket took no connection in ${connectMs / 1000} s`,
  UND_ERR_HEADERS_OVERFLOW: 'the answer has endless headers',
}

function failure(
  error: unknown,
  { timeoutMs, signal }: Pick<Question, 'timeoutMs' | 'signal'>,
  limit: AbortSignal,
): { ok: false; code: string; why: string } {
  if (signal?.aborted) return { ok: false, code: 'stopped', why: 'the run was stopped' }
  if (limit.aborted) return { ok: false, code: 'timeout', why: `no answer in ${timeoutMs / 1000} s` }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code.startsWith('HPE_') || (error instanceof Error && error.name === 'HTTPParserError'))
    return { ok: false, code: 'no-http', why: 'what answers there is no HTTP' }
  const said = error instanceof Error ? error.message : String(error)
  return { ok: false, code: code || 'unknown', why: words[code] ?? said.slice(0, 200) }
}

const one = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value
