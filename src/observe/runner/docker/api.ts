import type { Readable } from 'node:stream'
import type { SocketState } from '../../../facts/runner.ts'
import {
  type ApiResponse,
  describeResponse,
  type FailedRequest,
  fieldsOf,
  jsonResponse,
  shortText,
  textResponse,
} from './response.ts'
import { type EngineRequest, openTransport, type Transport } from './transport.ts'

/** The API of an engine that answers, in a version that both sides support. */
export interface EngineApi {
  path: string
  flavour: 'docker' | 'podman'
  /** Version of the engine itself. */
  version: string
  apiVersion: string
  minApiVersion: string
  maxApiVersion: string
  /** GET of a JSON value; aborted when the run stops. */
  get(path: string, options?: GetOptions): Promise<ApiResponse>
  /** The same for a body that is not one JSON value. */
  text(path: string, options?: GetOptions): Promise<{ ok: true; text: string } | FailedRequest>
  /** Changes something. Not aborted when the run stops, so that a change can still be undone. */
  send(method: 'POST' | 'DELETE', path: string, options?: SendOptions): Promise<ApiResponse>
  /** A POST with a streamed response. */
  stream(path: string, signal: AbortSignal): Promise<{ ok: true; body: Readable } | FailedRequest>
  close(): Promise<void>
}

/** Defaults: 5 s, 4 MiB, the negotiated API version. */
interface GetOptions {
  timeoutMs?: number
  limit?: number
  version?: string
}

interface SendOptions extends GetOptions {
  body?: unknown
  signal?: AbortSignal
}

/**
 * The API versions supported here; the newest that the engine supports too is used, as Docker 29 accepts nothing below 1.44
 * (29.0) or 1.40 (29.3). 1.24 is the first with fractions of seconds and labels on networks, 1.51 the last before `/events`
 * negotiates its format. Engines report `firewall` from 1.49 on. Up to 1.56 the Engine API's change log removes nothing that
 * is requested here.
 */
const supportedApi = { min: '1.24', max: '1.51' }

const pingMs = 3000
const requestMs = 5000
const responseLimit = 4 * 1024 * 1024

/** What is at a socket, with the engine's API if one answers; the caller closes it. */
export type EngineConnection = { socket: SocketState; api?: EngineApi }

/** Finds out what answers at the socket and negotiates the API version. `group` owns the socket. Never throws. */
export async function openApi(path: string, group: number, signal: AbortSignal): Promise<EngineConnection> {
  const transport = openTransport(path)
  const connection = await negotiate(path, group, transport, signal)
  if (!connection.api) await transport.close()
  return connection
}

async function negotiate(
  path: string,
  group: number,
  transport: Transport,
  signal: AbortSignal,
): Promise<EngineConnection> {
  const get = (endpoint: string) =>
    transport.request({ method: 'GET', path: endpoint, timeoutMs: pingMs, limit: 64 * 1024, signal })
  const useless = (why: string) => ({ socket: { state: 'useless' as const, path, why } })

  const ping = await get('/_ping')
  if (!ping.ok) {
    if (ping.code === 'ENOENT') return { socket: { state: 'absent' as const, path } }
    if (ping.code === 'EACCES' || ping.code === 'EPERM')
      return { socket: { state: 'unreadable' as const, path, group } }
    const silence = silenceOf(ping.code)
    return { socket: { state: 'useless' as const, path, why: ping.why, ...(silence ? { silence } : {}) } }
  }
  const max = ping.header('api-version') ?? ''
  const podman = ping.header('libpod-api-version')
  if (ping.status !== 200 || !isVersion(max))
    return useless(`not a container engine (GET /_ping: ${describeResponse(ping)})`)

  const response = jsonResponse(textResponse(await get('/version'), 'GET /version'))
  if (!response.ok) return useless(response.why)
  const about = fieldsOf(response.value)
  const version = shortText(about.Version) ?? 'unknown'
  const min = shortText(about.MinAPIVersion) ?? ''
  if (!isVersion(min)) return useless('GET /version: the response does not name the supported API versions')
  if (isNewer(min, supportedApi.max) || isNewer(supportedApi.min, max)) {
    const ours = `${supportedApi.min} to ${supportedApi.max}`
    return { socket: { state: 'unsupported' as const, path, version, min, max, ours } }
  }
  const flavour = podman === undefined ? ('docker' as const) : ('podman' as const)
  const apiVersion = isNewer(max, supportedApi.max) ? supportedApi.max : max
  const engine = { path, flavour, version, apiVersion, minApiVersion: min, maxApiVersion: max }
  return {
    socket: { state: 'answers' as const, path, flavour },
    api: createApi(engine, transport, signal),
  }
}

/** What a socket without an answer tells of its daemon: the kernel refuses where it ended; a daemon that hangs still accepts. */
function silenceOf(code: string): 'no listener' | 'no response' | undefined {
  if (code === 'ECONNREFUSED') return 'no listener'
  return code === 'timeout' || code === 'UND_ERR_CONNECT_TIMEOUT' ? 'no response' : undefined
}

function createApi(
  about: Omit<EngineApi, 'get' | 'text' | 'send' | 'stream' | 'close'>,
  transport: Transport,
  signal: AbortSignal,
): EngineApi {
  const requestOf = (
    method: EngineRequest['method'],
    path: string,
    { timeoutMs = requestMs, limit = responseLimit, version = about.apiVersion, body, signal }: SendOptions,
  ): EngineRequest => ({
    ...{ method, path: `/v${version}${path}`, timeoutMs, limit },
    ...(body === undefined ? {} : { body }),
    ...(signal ? { signal } : {}),
  })
  const request = async (method: EngineRequest['method'], path: string, options: SendOptions) =>
    textResponse(await transport.request(requestOf(method, path, options)), `${method} ${withoutQuery(path)}`)
  return {
    ...about,
    get: async (path, options) => jsonResponse(await request('GET', path, { ...options, signal })),
    text: (path, options) => request('GET', path, { ...options, signal }),
    send: async (method, path, options = {}) => jsonResponse(await request(method, path, options)),
    stream: async (path, streamSignal) => {
      const response = await transport.stream(requestOf('POST', path, { signal: streamSignal }))
      const name = `POST ${withoutQuery(path)}`
      if (!response.ok) return { ok: false, why: `${name}: ${response.why}` }
      if (response.status === 200) return { ok: true, body: response.body }
      response.body.destroy()
      return { ok: false, status: response.status, why: `${name}: HTTP ${response.status}` }
    },
    close: () => transport.close(),
  }
}

const withoutQuery = (path: string): string => path.split('?')[0] ?? path

const isVersion = (text: string): boolean => /^\d{1,3}\.\d{1,3}$/.test(text)

/** Whether one API version is newer than another: `1.9` is older than `1.41`. */
export function isNewer(one: string, other: string): boolean {
  const [major = 0, minor = 0] = one.split('.').map(Number)
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number)
  return major === otherMajor ? minor > otherMinor : major > otherMajor
}
