import type { Agent } from 'undici'
import type { Failure } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import { shownTo } from './certs-d.ts'
import type { defaultLimits, HttpClientOptions, RequestSpec } from './client.ts'
import { failure, failureOf, stopped } from './failures.ts'
import { doubted, placeOf, proxyRefusal } from './plain-proxy.ts'
import { proxyAuthorization, proxyFailure, proxyFor } from './proxy.ts'
import { type RequestEntry, type RequestLog, shownUrl } from './request-log.ts'
import { type Response, responseOf } from './response.ts'
import type { SentRequests } from './sent-requests.ts'
import { throughShutdowns } from './shutdown.ts'

/** What every request of a run shares. */
export interface RequestContext extends Omit<HttpClientOptions, 'limits'> {
  agent: Agent
  requestLog: RequestLog
  sentRequests: SentRequests
  limits: typeof defaultLimits
  count: (bytes: number) => void
  /** Alerts about client certificates with which servers ended connections, by host. */
  endings: Map<string, Failure>
}

/** Sends one request on the road that is right for it, and waits for the headers of its answer; redirects are not followed here. */
export async function sendOnce(spec: RequestSpec, context: RequestContext): Promise<Observed<Response>> {
  const host = spec.url.host
  const { signal } = context
  if (signal.aborted) return unseen(stopped(host, signal))
  const entry = context.requestLog.asked(spec)
  const result = await exchange(spec, entry, context)
  if (result.seen) return result
  const why = { url: shownUrl(spec.url), ...result.why }
  entry.failed(why)
  return unseen(why)
}

async function exchange(
  spec: RequestSpec,
  entry: RequestEntry,
  context: RequestContext,
): Promise<Observed<Response>> {
  const { host } = spec.url
  const { agent, signal } = context
  const { protocol, hostname, port } = spec.url
  const secure = protocol === 'https:'
  const proxy = proxyFor(context.env ?? {}, protocol, hostname, Number(port) || (secure ? 443 : 80))
  if (proxy && 'wrong' in proxy)
    return unseen(failure('proxy-failed', host, 'connect', `${proxy.from} ${proxy.wrong}`))
  const plain = !secure && proxy?.url.protocol.startsWith('http') ? proxy : undefined
  try {
    const request = {
      ...placeOf(spec.url, plain),
      method: spec.method,
      headers: {
        'user-agent': context.userAgent,
        'accept-encoding': 'identity',
        ...spec.headers,
        ...spec.credentials,
        ...(plain ? { host, ...proxyAuthorization(plain) } : {}),
      },
      ...(spec.body === undefined ? {} : { body: spec.body }),
      signal,
      // undici closes an h1 connection after every HEAD unless told not to; a proxy may close it without a word, so there
      // each request has one of its own.
      reset: plain !== undefined,
    }
    const answer = await throughShutdowns(() => {
      const forget = context.sentRequests.expect(request, entry.sent)
      return agent.request(request).finally(forget)
    })
    entry.answered(answer.statusCode)
    const response = responseOf(answer, spec, context)
    response.body.once('close', entry.ended)
    context.requestLog.headers(host, response.header)
    if (!plain) return seen(response)
    context.requestLog.connected(host, {
      addresses: [],
      source: 'DNS',
      protocol: 'http',
      http2: false,
      proxy: plain.url.host,
      phases: {},
    })
    return proxyRefusal(response, plain) ?? seen(doubted(response, plain))
  } catch (error) {
    if (signal.aborted) return unseen(stopped(host, signal))
    const why = await explained(timed(failureOf(error, host, 'headers'), context.limits), context)
    // A cut passes, and is asked again; all else is the proxy's.
    return unseen(plain && why.kind !== 'connection-cut' ? proxyFailure(plain, host, why.detail) : why)
  }
}

function timed(why: Failure, limits: typeof defaultLimits): Failure {
  if (why.kind !== 'answer-timeout') return why
  const detail = `the request was sent, and no answer came in ${limits.headersMs / 1000} s`
  return { ...why, detail, ms: limits.headersMs }
}

/** A connection that closed for a TLS alert, which came beside the request: the alert says why. */
async function explained(why: Failure, { endings, certsRoot }: RequestContext): Promise<Failure> {
  const cause = (why.kind === 'connection-cut' && endings.get(why.host)) || why
  if (cause.kind !== 'tls-client-certificate') return cause
  return { ...cause, detail: await shownTo(cause.host, certsRoot) }
}
