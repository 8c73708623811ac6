import { Agent } from 'undici'
import { type Failure, failureInfo } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { unseen } from '../../core/observed.ts'
import type { HostRole } from '../../facts/path.ts'
import type { Env } from '../../settings/sources.ts'
import { shownTo } from './certs-d.ts'
import { createDialer } from './dial.ts'
import { failure } from './failures.ts'
import { type InternalAddress, internalAddressOf, isRedirect, nextHop, redirectsInside } from './redirect.ts'
import { createRequestLog, type RequestLog } from './request-log.ts'
import type { Response } from './response.ts'
import { sendOnce } from './send-once.ts'
import { watchSentRequests } from './sent-requests.ts'
import { createSweep } from './sweep.ts'

/** A request for one object. Headers that only the first host may see are in `credentials`. */
export interface RequestSpec {
  url: URL
  method: 'GET' | 'HEAD' | 'POST'
  headers: Record<string, string>
  credentials?: Record<string, string>
  body?: string
  role: HostRole
  /** How often the same was asked before. */
  attempt?: number
}

export interface HttpClient {
  send: (request: RequestSpec) => Promise<Observed<Response>>
  /** Where a host is that another sends us to, if it must not be asked for that. */
  internalAddress: (from: URL, to: URL) => Promise<InternalAddress | undefined>
  /** Which client certificate a host was shown, in words. */
  shown: (host: string) => Promise<string>
  requestLog: RequestLog
  signal: AbortSignal
  close: () => Promise<void>
}

export interface HttpClientOptions {
  signal: AbortSignal
  skipTlsVerify: boolean
  authorities: string[]
  /** Docker's certs.d: authorities and client certificates by host. */
  certsRoot: string
  /** The step's environment, for the proxies that it names. */
  env?: Env
  /** Follow a redirect, or a realm, from a public registry to a private address. */
  privateRedirects?: boolean
  connections: number
  userAgent: string
  now: () => number
  limits?: Partial<typeof defaultLimits>
}

/** Milliseconds. A dead neighbour shows after 3.1 s (measured), so a connect limit under 4 s would hide it. */
export const defaultLimits = { connectMs: 10_000, tlsMs: 10_000, headersMs: 30_000, bodyMs: 30_000 }

/** Opens the road to registries: one pool per origin, HTTP/2 where the server speaks it, redirects by hand. */
export function openHttpClient(options: HttpClientOptions): HttpClient {
  const limits = { ...defaultLimits, ...options.limits }
  const requestLog = createRequestLog(options.now)
  const sentRequests = watchSentRequests()
  const sweep = createSweep()
  const count = (bytes: number) => {
    requestLog.received(bytes)
    sweep(bytes)
  }
  const endings = new Map<string, Failure>()
  const agent = new Agent({
    connect: createDialer({
      requestLog,
      ...limits,
      skipTlsVerify: options.skipTlsVerify,
      authorities: options.authorities,
      certsRoot: options.certsRoot,
      // undici destroys the socket with an error of its own, which says only that it closed.
      ended: (host, why) => {
        if (why.kind === 'tls-client-certificate') endings.set(host, why)
      },
      env: options.env ?? {},
      signal: options.signal,
    }),
    connections: options.connections,
    headersTimeout: limits.headersMs,
    bodyTimeout: limits.bodyMs,
    maxHeaderSize: 64 * 1024,
    keepAliveTimeout: 10_000,
  })
  const follow = async (request: RequestSpec, passed: string[]): Promise<Observed<Response>> => {
    const response = await sendOnce(request, {
      ...{ ...options, agent, requestLog, sentRequests, limits, count, endings },
    })
    if (!response.seen || !isRedirect(response.value.status)) return response
    response.value.discard()
    if (request.body !== undefined) return unseen(carried(request.url.host))
    const hop = nextHop(request.url, response.value.header('location'), passed)
    if (!hop.ok) return unseen(hop.why)
    const internalAddress = await redirectsInside(request.url, hop.url, requestLog, options)
    if (internalAddress) return unseen(internalAddress)
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
    return next.seen || same ? next : unseen(beyond(next.why, request.url.host))
  }
  return {
    send: (request) => follow(request, []),
    shown: (host) => shownTo(host, options.certsRoot),
    internalAddress: (from, to) => internalAddressOf(from, to, requestLog, options),
    requestLog,
    signal: options.signal,
    close: () => {
      sentRequests.close()
      return agent.destroy()
    },
  }
}

/** A form that holds a password goes where it was meant to go, and nowhere else. */
const carried = (host: string): Failure =>
  failure('redirect-refused', host, 'redirect', 'a redirect of a request that carries credentials')

/** A failure on a host that a redirect led to: the registry is fine, its storage's host is not. */
function beyond(why: Failure, from: string): Failure {
  if (failureInfo(why.kind).keptBehindRedirect) return why
  return {
    ...why,
    kind: 'storage-unreachable',
    evidence: [`${from} redirects blobs to ${why.host}`, ...why.evidence],
  }
}
