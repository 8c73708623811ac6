import type { Socket } from 'node:net'
import { Agent } from 'undici'
import { type Failure, failureInfo } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { unseen } from '../../core/observed.ts'
import type { HostRole } from '../../facts/path.ts'
import type { Env } from '../../settings/sources.ts'
import { describeClientCertificate } from './certs-d.ts'
import { createDialer, type DialOptions } from './dial.ts'
import { failure } from './failures.ts'
import { createFirstConnections } from './first-connections.ts'
import { createResend } from './goaway.ts'
import { createAddressGuard, type InternalAddress, redirectRefusal } from './internal-address.ts'
import { createMinorGc } from './minor-gc.ts'
import { createProxyLookup } from './proxy.ts'
import { isRedirect, nextHop } from './redirect.ts'
import { createRequestLog, type RequestLog, redactedUrl } from './request-log.ts'
import type { Response } from './response.ts'
import { sendOnce } from './send-once.ts'
import { watchSentRequests } from './sent-requests.ts'
import { createSilentHosts } from './silent-hosts.ts'

/** One request. The headers in `credentials` are sent to the origin of `url` only, never to the target of a redirect. */
export interface RequestSpec {
  url: URL
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE'
  headers: Record<string, string>
  credentials?: Record<string, string>
  body?: string
  role: HostRole
  /** How many attempts were made before this one. */
  attempt?: number
  /** Returns a redirect as it is, for a protocol whose requests are signed for one host. */
  keepRedirects?: true
}

/** Sends requests and follows redirects. */
export interface HttpClient {
  send: (request: RequestSpec) => Promise<Observed<Response>>
  /** The address of `to`, if it is too internal for `from` to lead there; undefined if it may be requested. */
  internalAddress: (from: URL, to: URL) => Promise<InternalAddress | undefined>
  /** Whether requests to this URL go through a proxy. */
  isProxied: (url: URL) => boolean
  /** Why a host that requires a client certificate refused this one. */
  describeClientCertificate: (host: string) => Promise<string>
  /** Whether the last connection to a host, name and port, speaks HTTP/2. */
  usesHttp2: (host: string) => boolean
  requestLog: RequestLog
  signal: AbortSignal
  close: () => Promise<void>
}

/** How requests are sent. */
export interface HttpClientOptions {
  /** Aborts all requests when the run ends. */
  signal: AbortSignal
  /** Whether the certificate of a host, name and port, is accepted as it is. */
  skipTlsVerify: (host: string) => boolean
  /** Certificate authorities to trust in addition to the built-in ones, in PEM form. */
  authorities: string[]
  /** Docker's certs.d: authorities and client certificates by host. */
  certsRoot: string
  /** Called with each direct connection, and all addresses of the host. */
  connected?: DialOptions['connected']
  /** The step's environment, with its proxy variables. */
  env?: Env
  /** Allows redirects and realms that lead from a public registry to a private address. */
  privateRedirects?: boolean
  /** The most connections to one origin. */
  connections: number
  userAgent: string
  /** Milliseconds since the epoch. */
  now: () => number
  /** How many requests are logged one by one, if not as many as usual. */
  logged?: number
  /** Called with a connection on which the TLS handshake timed out, before it is closed. */
  onStall?: (socket: Socket) => Promise<void>
  /** Time limits in milliseconds that differ from the defaults. */
  limits?: Partial<typeof defaultLimits>
}

/** In milliseconds. The kernel reports a dead neighbour after 3.1 s (measured), so a connect limit under 4 s would hide it. */
export const defaultLimits = { connectMs: 10_000, tlsMs: 10_000, headersMs: 30_000, bodyMs: 30_000 }

/** Opens an HTTP client: one connection pool per origin, HTTP/2 if the server offers it, redirects checked one by one. */
export function openHttpClient(options: HttpClientOptions): HttpClient {
  const limits = { ...defaultLimits, ...options.limits }
  const requestLog = createRequestLog(options.now, undefined, options.logged)
  const sentRequests = watchSentRequests()
  const firstConnections = createFirstConnections()
  const resend = createResend()
  const collectGarbage = createMinorGc()
  const count = (bytes: number) => {
    requestLog.received(bytes)
    collectGarbage(bytes)
  }
  const certificateAlerts = new Map<string, Failure>()
  const silentHosts = createSilentHosts(() => performance.now())
  const guard = createAddressGuard(requestLog, options)
  const agent = new Agent({
    connect: createDialer({
      requestLog,
      silentHosts,
      ...limits,
      skipTlsVerify: options.skipTlsVerify,
      authorities: options.authorities,
      certsRoot: options.certsRoot,
      // undici reports only that the connection was closed.
      onLateError: (host, why) => {
        if (why.kind === 'tls-client-certificate') certificateAlerts.set(host, why)
      },
      ...(options.onStall ? { onStall: options.onStall } : {}),
      refusal: guard.refusal,
      ...(options.connected ? { connected: options.connected } : {}),
      env: options.env ?? {},
      signal: options.signal,
    }),
    connections: options.connections,
    headersTimeout: limits.headersMs,
    bodyTimeout: limits.bodyMs,
    maxHeaderSize: 64 * 1024,
    keepAliveTimeout: 10_000,
  })
  // Once for all requests: a listener for each of them costs more than the rest of its bookkeeping.
  const stopAll = () => void agent.destroy().catch(() => {})
  options.signal.addEventListener('abort', stopAll, { once: true })
  const proxyOf = createProxyLookup(options.env ?? {})
  const follow = async (request: RequestSpec, passed: string[]): Promise<Observed<Response>> => {
    const { host } = request.url
    const given = silentHosts.verdict(host)
    if (given) return unseen({ ...given, url: redactedUrl(request.url) })
    const sentAt = performance.now()
    const response = await sendOnce(request, {
      ...{
        ...options,
        agent,
        requestLog,
        sentRequests,
        firstConnections,
        resend,
        limits,
        count,
        certificateAlerts,
        proxyOf,
      },
    })
    if (response.seen) silentHosts.answered(host)
    else silentHosts.failed(sentAt, response.why)
    if (!response.seen || request.keepRedirects || !isRedirect(response.value.status)) return response
    response.value.discard()
    if (request.body !== undefined) return unseen(redirectedForm(request.url.host))
    const hop = nextHop(request.url, response.value.header('location'), passed)
    if (!hop.ok) return unseen(hop.why)
    const internalAddress = await guard.internalAddress(request.url, hop.url)
    if (internalAddress) return unseen(redirectRefusal(request.url, hop.url, internalAddress))
    const { credentials, ...rest } = request
    const same = hop.url.origin === request.url.origin
    const next = await follow(
      {
        ...rest,
        url: hop.url,
        ...(same && credentials ? { credentials } : {}),
        role: same ? request.role : 'storage',
      },
      [...passed, request.url.href],
    )
    return next.seen || same ? next : unseen(behindRedirect(next.why, request.url.host))
  }
  return {
    send: (request) => follow(request, []),
    usesHttp2: requestLog.usesHttp2,
    describeClientCertificate: (host) => describeClientCertificate(host, options.certsRoot),
    internalAddress: guard.internalAddress,
    isProxied: (url) => proxyOf(url) !== undefined,
    requestLog,
    signal: options.signal,
    close: () => {
      options.signal.removeEventListener('abort', stopAll)
      sentRequests.close()
      return agent.destroy()
    },
  }
}

/** A form with a password is never sent on to another place. */
const redirectedForm = (host: string): Failure =>
  failure('redirect-refused', host, 'redirect', 'a redirect of a request with credentials in its body')

/** The failure of a host that a redirect led to: the registry works, the host of its storage does not. */
function behindRedirect(why: Failure, from: string): Failure {
  if (failureInfo(why.kind).keptBehindRedirect) return why
  return {
    ...why,
    kind: 'storage-unreachable',
    evidence: [`${from} redirects blobs to ${why.host}`, ...why.evidence],
  }
}
