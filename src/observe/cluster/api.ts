import { setTimeout as wait } from 'node:timers/promises'
import { Agent, type Dispatcher, ProxyAgent } from 'undici'
import type { ApiFailure } from '../../facts/cluster/rights.ts'
import { bodyOf } from '../http/body-text.ts'
import { failureOf } from '../http/failures.ts'
import type { ClusterAccess } from './access.ts'
import { type Credential, type CredentialOptions, openCredentials } from './credentials.ts'
import { socksConnector } from './socks.ts'

/** How requests to the API server are sent. */
export interface ApiOptions extends CredentialOptions {
  userAgent: string
  limits?: Partial<typeof defaultLimits>
}

/** In milliseconds and bytes. A page of 500 pods is about 4 MB. */
const defaultLimits = {
  connectMs: 10_000,
  headersMs: 30_000,
  bodyMs: 30_000,
  bodyBytes: 64 * 1024 * 1024,
  retryMs: 1000,
}
const maxAttempts = 4

type ApiAnswer = { ok: true; value: unknown } | { ok: false; failure: ApiFailure }

/** A client of the Kubernetes API that only reads. */
export interface ClusterApi {
  get: (path: string, query?: Record<string, string>, options?: { maxBytes?: number }) => Promise<ApiAnswer>
  /** The time of the API server at its last answer, in milliseconds since the epoch. */
  serverTime: () => number
  close: () => Promise<void>
}

/** Opens a client for an access. Throttled requests, 5xx and lost connections are tried again, a few times and not for long. */
export function openApi(access: ClusterAccess, options: ApiOptions): ClusterApi {
  const limits = { ...defaultLimits, ...options.limits }
  const credentials = openCredentials(access, options)
  let drift = 0
  let opened: { agent: Dispatcher; cert: string | undefined } | undefined
  const agentFor = async ({ cert, key }: Credential): Promise<Dispatcher> => {
    if (opened && opened.cert === cert) return opened.agent
    await opened?.agent.close()
    opened = { agent: agentOf(access, { ...limits, signal: options.signal }, cert, key), cert }
    return opened.agent
  }

  const sendOnce = async (url: URL, maxBytes: number): Promise<ApiAnswer & { retryAfterMs?: number }> => {
    const credential = await credentials.get()
    if (!credential.ok) return { ok: false, failure: { kind: 'unauthorized', why: credential.why } }
    const { authorization } = credential.value
    try {
      const dispatcher = await agentFor(credential.value)
      const response = await dispatcher.request({
        ...{
          origin: url.origin,
          path: `${url.pathname}${url.search}`,
          method: 'GET',
          signal: options.signal,
        },
        headers: {
          ...{ accept: 'application/json', 'user-agent': options.userAgent },
          ...(authorization === undefined ? {} : { authorization }),
        },
      })
      const text = await bodyOf(response.body, maxBytes)
      const date = Date.parse(String(response.headers.date ?? ''))
      if (!Number.isNaN(date)) drift = date - options.now()
      const { statusCode: status } = response
      if (status === 200) return text === undefined ? tooLarge : parsed(text)
      const seconds = Number(response.headers['retry-after'])
      return {
        ok: false,
        failure: refusal(status, text ?? ''),
        ...(seconds > 0 ? { retryAfterMs: Math.min(seconds * 1000, 10_000) } : {}),
      }
    } catch (error) {
      return { ok: false, failure: connectionFailure(error, url.host, options.signal) }
    }
  }

  return {
    serverTime: () => options.now() + drift,
    get: async (path, query = {}, { maxBytes = limits.bodyBytes } = {}) => {
      const url = new URL(access.server)
      url.pathname = `${url.pathname.replace(/\/+$/, '')}${path}`
      url.search = new URLSearchParams(query).toString()
      for (let attempt = 1; ; attempt += 1) {
        const { retryAfterMs = limits.retryMs, ...answer } = await sendOnce(url, maxBytes)
        if (answer.ok || attempt === maxAttempts) return answer
        const { kind } = answer.failure
        if (kind === 'unauthorized' && attempt === 1 && credentials.renew()) continue
        if (kind !== 'throttled' && !(attempt === 1 && (kind === 'server-error' || kind === 'unreachable')))
          return answer
        await wait(retryAfterMs, undefined, { signal: options.signal }).catch(() => {})
        if (options.signal.aborted) return answer
      }
    },
    close: async () => {
      await opened?.agent.destroy()
    },
  }
}

function agentOf(
  { tls, proxy }: ClusterAccess,
  limits: typeof defaultLimits & { signal: AbortSignal },
  cert: string | undefined,
  key: string | undefined,
): Dispatcher {
  const connect = {
    rejectUnauthorized: !tls.skipVerify,
    timeout: limits.connectMs,
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ...(tls.servername === undefined ? {} : { servername: tls.servername }),
  }
  const common = { headersTimeout: limits.headersMs, bodyTimeout: limits.bodyMs, connections: 4 }
  if (proxy?.protocol.startsWith('socks'))
    return new Agent({ ...common, connect: socksConnector(proxy, connect, limits) })
  return proxy
    ? new ProxyAgent({ ...common, uri: proxy.href, requestTls: connect })
    : new Agent({ ...common, connect })
}

const tooLarge: ApiAnswer = { ok: false, failure: { kind: 'invalid', why: 'the answer is too large' } }

function parsed(text: string): ApiAnswer {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch {
    return {
      ok: false,
      failure: { kind: 'invalid', why: 'the answer is not JSON, so this is no Kubernetes API' },
    }
  }
}

/** The message of a Status names the user and what is forbidden; a body of anything else is not quoted. */
function refusal(status: number, text: string): ApiFailure {
  const message = statusMessage(text)
  const said = message === undefined ? `HTTP ${status}` : `HTTP ${status}: ${message}`
  if (status === 401)
    return { kind: 'unauthorized', status, why: `the API server does not accept the credentials (${said})` }
  if (status === 403) return { kind: 'forbidden', status, why: said }
  if (status === 404) return { kind: 'not-found', status, why: said }
  if (status === 410) return { kind: 'expired', status, why: said }
  if (status === 429) return { kind: 'throttled', status, why: said }
  if (status >= 500) return { kind: 'server-error', status, why: said }
  return { kind: 'invalid', status, why: said }
}

function statusMessage(text: string): string | undefined {
  try {
    const { kind, message } = JSON.parse(text) as { kind?: unknown; message?: unknown }
    return kind === 'Status' && typeof message === 'string' && message !== ''
      ? message.slice(0, 300)
      : undefined
  } catch {
    return undefined
  }
}

function connectionFailure(error: unknown, host: string, signal: AbortSignal): ApiFailure {
  if (signal.aborted)
    return {
      kind: 'stopped',
      why: signal.reason instanceof Error ? signal.reason.message : 'the run was stopped',
    }
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'UND_ERR_CONNECT_TIMEOUT')
    return { kind: 'timeout', why: `no connection to ${host} within 10 s` }
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT')
    return { kind: 'timeout', why: `no answer from ${host} in time` }
  const { detail } = failureOf(error, host, 'connect')
  return { kind: 'unreachable', why: `${host}: ${detail}` }
}
