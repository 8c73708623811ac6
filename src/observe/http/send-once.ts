import type { Agent } from 'undici'
import type { Failure } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import { describeClientCertificate } from './certs-d.ts'
import type { defaultLimits, HttpClientOptions, RequestSpec } from './client.ts'
import { failure, failureOf, stopped } from './failures.ts'
import type { FirstConnections } from './first-connections.ts'
import type { Resend } from './goaway.ts'
import { proxyRefusal, requestTarget, withPossibleProxy } from './plain-proxy.ts'
import { type createProxyLookup, proxyAuthorization, proxyFailure } from './proxy.ts'
import { type RequestEntry, type RequestLog, redactedUrl } from './request-log.ts'
import { type Response, responseOf } from './response.ts'
import type { SentRequests } from './sent-requests.ts'

/** What all requests of a run share. */
export interface RequestContext extends Omit<HttpClientOptions, 'limits'> {
  agent: Agent
  requestLog: RequestLog
  sentRequests: SentRequests
  firstConnections: FirstConnections
  resend: Resend
  limits: typeof defaultLimits
  count: (bytes: number) => void
  /** The TLS alerts about client certificates that ended connections, by host. */
  certificateAlerts: Map<string, Failure>
  proxyOf: ReturnType<typeof createProxyLookup>
}

/**
 * Sends one request, directly or through the proxy that the environment configures, and waits for the response headers. Follows no
 * redirects and does not retry.
 */
export async function sendOnce(spec: RequestSpec, context: RequestContext): Promise<Observed<Response>> {
  const host = spec.url.host
  const { signal } = context
  if (signal.aborted) return unseen(stopped(host, signal))
  const entry = context.requestLog.begin(spec)
  const result = await exchange(spec, entry, context)
  if (result.seen) return result
  const why = { url: redactedUrl(spec.url), ...result.why }
  return unseen(entry.failed(why))
}

async function exchange(
  spec: RequestSpec,
  entry: RequestEntry,
  context: RequestContext,
): Promise<Observed<Response>> {
  const { host } = spec.url
  const { agent, signal } = context
  const secure = spec.url.protocol === 'https:'
  const proxy = context.proxyOf(spec.url)
  if (proxy && 'problem' in proxy)
    return unseen(failure('proxy-failed', host, 'connect', `${proxy.from} ${proxy.problem}`))
  const plain = !secure && proxy?.url.protocol.startsWith('http') ? proxy : undefined
  try {
    const request = {
      ...requestTarget(spec.url, plain),
      method: spec.method,
      headers: {
        'user-agent': context.userAgent,
        'accept-encoding': 'identity',
        ...spec.headers,
        ...spec.credentials,
        ...(plain ? { host, ...proxyAuthorization(plain) } : {}),
      },
      ...(spec.body === undefined ? {} : { body: spec.body }),
      // False, because undici closes an HTTP/1.1 connection after every HEAD by default. A proxy may close connections without
      // notice, so there each request gets its own.
      reset: plain !== undefined,
    }
    const connected = secure ? await context.firstConnections.enter(spec.url.origin) : () => {}
    const data = await context
      .resend(() => {
        const forget = context.sentRequests.expect(request, (socket) => {
          connected()
          entry.sent(socket, plain?.url.host)
        })
        return agent.request(request).finally(forget)
      })
      .finally(connected)
    entry.answered(data.statusCode)
    const response = responseOf(data, spec, context)
    response.body.once('close', () => entry.ended(bodyFailure(response)))
    context.requestLog.recordHeaders(host, response.header)
    if (!plain) return seen(response)
    context.requestLog.connected(host, {
      addresses: [],
      source: 'DNS',
      protocol: 'http',
      http2: false,
      proxy: plain.url.host,
      phases: {},
    })
    return proxyRefusal(response, plain) ?? seen(withPossibleProxy(response, plain))
  } catch (error) {
    if (signal.aborted) return unseen(stopped(host, signal, 'headers'))
    const why = await withCertificateAlert(
      withTimeoutDetail(failureOf(error, host, 'headers'), context.limits),
      context,
    )
    // A cut connection is retried; any other failure is the proxy's.
    return unseen(plain && why.kind !== 'connection-cut' ? proxyFailure(plain, host, why.detail) : why)
  }
}

/** Why a body broke off; undefined if it was read to its end, or if regguard dropped the rest (undici's AbortError). */
function bodyFailure({ body, host, url, signal }: Response): Failure | undefined {
  const error = body.errored
  if (!error) return undefined
  if (signal.aborted) return { ...stopped(host, signal, 'body'), url }
  if (error.name === 'AbortError') return undefined
  return { ...failureOf(error, host, 'body'), url }
}

function withTimeoutDetail(why: Failure, limits: typeof defaultLimits): Failure {
  if (why.kind !== 'answer-timeout') return why
  const detail = `no response within ${limits.headersMs / 1000} s after the request was sent`
  return { ...why, detail, ms: limits.headersMs }
}

/** Replaces a cut connection by the TLS alert that ended it, if there was one: undici reports only that the connection was closed. */
async function withCertificateAlert(
  why: Failure,
  { certificateAlerts, certsRoot }: RequestContext,
): Promise<Failure> {
  const cause = (why.kind === 'connection-cut' && certificateAlerts.get(why.host)) || why
  if (cause.kind !== 'tls-client-certificate') return cause
  return { ...cause, detail: await describeClientCertificate(cause.host, certsRoot) }
}
