import type { Readable } from 'node:stream'
import type { SocketState } from '../../../facts/runner.ts'
import { type ApiAnswer, json, type Refused, record, short, unexpectedAnswer, usable } from './answer.ts'
import { openTransport, type Question, type Transport } from './transport.ts'

/** An engine that answers, and the version of its API that both sides speak. */
export interface EngineApi {
  path: string
  flavour: 'docker' | 'podman'
  /** Of the engine itself. */
  version: string
  apiVersion: string
  minApiVersion: string
  maxApiVersion: string
  /** Asks for JSON. Ends with the run. */
  get(path: string, options?: AskOptions): Promise<ApiAnswer>
  /** The same, for an answer in another form. */
  text(path: string, options?: AskOptions): Promise<{ ok: true; text: string } | Refused>
  /** Changes something: not tied to the run's own end, so that what was begun can be taken back. */
  send(method: 'POST' | 'DELETE', path: string, options?: SendOptions): Promise<ApiAnswer>
  /** A POST whose answer is read as it comes. */
  stream(path: string, signal: AbortSignal): Promise<{ ok: true; body: Readable } | Refused>
  close(): Promise<void>
}

/** Defaults: 5 s, 4 MiB, the version agreed on. */
export interface AskOptions {
  timeoutMs?: number
  limit?: number
  version?: string
}

export interface SendOptions extends AskOptions {
  body?: unknown
  signal?: AbortSignal
}

/**
 * The versions that are spoken here. Docker 29 takes nothing below 1.44 (29.0) or 1.40 (29.3), so the newest that both
 * know is spoken. 1.24: fractions of seconds, labels on networks. 1.51: the last before `/events` negotiates its form;
 * `firewall` of an engine is told from 1.49 on. The change log of the Engine API up to 1.56 takes nothing away of what
 * is asked here.
 */
export const spoken = { min: '1.24', max: '1.51' }

const pingMs = 3000
const askMs = 5000
const answerLimit = 4 * 1024 * 1024

/** What is at a socket; whoever gets the API closes it. */
export type Found = { socket: SocketState; api?: EngineApi }

/** Finds out what answers at a socket of a group, and agrees on a version with it. Nothing is thrown. */
export async function openApi(path: string, group: number, signal: AbortSignal): Promise<Found> {
  const transport = openTransport(path)
  const found = await meet(path, group, transport, signal)
  if (!found.api) await transport.close()
  return found
}

async function meet(path: string, group: number, transport: Transport, signal: AbortSignal): Promise<Found> {
  const request = (question: string) =>
    transport.request({ method: 'GET', path: question, timeoutMs: pingMs, limit: 64 * 1024, signal })
  const useless = (why: string) => ({ socket: { state: 'useless' as const, path, why } })

  const ping = await request('/_ping')
  if (!ping.ok) {
    if (ping.code === 'ENOENT') return { socket: { state: 'absent' as const, path } }
    if (ping.code === 'EACCES' || ping.code === 'EPERM')
      return { socket: { state: 'unreadable' as const, path, group } }
    return useless(ping.why)
  }
  const max = ping.header('api-version') ?? ''
  const podman = ping.header('libpod-api-version')
  if (ping.status !== 200 || !isVersion(max))
    return useless(`${unexpectedAnswer(ping)}, not as an engine does`)

  const told = json(usable(await request('/version'), 'GET /version'))
  if (!told.ok) return useless(told.why)
  const about = record(told.value)
  const version = short(about.Version) ?? 'unknown'
  const min = short(about.MinAPIVersion) ?? ''
  if (!isVersion(min)) return useless('it does not tell which API versions it takes')
  if (newer(min, spoken.max) || newer(spoken.min, max)) {
    const ours = `${spoken.min} to ${spoken.max}`
    return { socket: { state: 'unsupported' as const, path, version, min, max, ours } }
  }
  const flavour = podman === undefined ? ('docker' as const) : ('podman' as const)
  const apiVersion = newer(max, spoken.max) ? spoken.max : max
  const engine = { path, flavour, version, apiVersion, minApiVersion: min, maxApiVersion: max }
  return {
    socket: { state: 'answers' as const, path, flavour },
    api: speak(engine, transport, signal),
  }
}

function speak(
  about: Omit<EngineApi, 'get' | 'text' | 'send' | 'stream' | 'close'>,
  transport: Transport,
  signal: AbortSignal,
): EngineApi {
  const question = (
    method: Question['method'],
    path: string,
    { timeoutMs = askMs, limit = answerLimit, version = about.apiVersion, body, signal }: SendOptions,
  ): Question => ({
    ...{ method, path: `/v${version}${path}`, timeoutMs, limit },
    ...(body === undefined ? {} : { body }),
    ...(signal ? { signal } : {}),
  })
  const request = async (method: Question['method'], path: string, options: SendOptions) =>
    usable(await transport.request(question(method, path, options)), `${method} ${bare(path)}`)
  return {
    ...about,
    get: async (path, options) => json(await request('GET', path, { ...options, signal })),
    text: (path, options) => request('GET', path, { ...options, signal }),
    send: async (method, path, options = {}) => json(await request(method, path, options)),
    stream: async (path, own) => {
      const came = await transport.stream(question('POST', path, { signal: own }))
      const name = `POST ${bare(path)}`
      if (!came.ok) return { ok: false, why: `${name}: ${came.why}` }
      if (came.status === 200) return { ok: true, body: came.body }
      came.body.destroy()
      return { ok: false, status: came.status, why: `${name}: it answers ${came.status}` }
    },
    close: () => transport.close(),
  }
}

const bare = (question: string): string => question.split('?')[0] ?? question

const isVersion = (text: string): boolean => /^\d{1,3}\.\d{1,3}$/.test(text)

/** Whether one API version is newer than another: `1.9` is older than `1.41`. */
export function newer(one: string, other: string): boolean {
  const [major = 0, minor = 0] = one.split('.').map(Number)
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number)
  return major === otherMajor ? minor > otherMinor : major > otherMajor
}
