import { type Failure, failureInfo } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import type { PushAccess } from '../../facts/registry.ts'
import { type Challenge, parseChallenges } from '../../net/challenge.ts'
import type { Credential } from '../credentials/credential.ts'
import type { HttpClient } from '../http/client.ts'
import type { Concurrency } from '../http/concurrency.ts'
import { createPace, type Turn } from '../http/pace.ts'
import { proxyOrHostFailure } from '../http/plain-proxy.ts'
import type { Response } from '../http/response.ts'
import { type Allowance, createAllowance } from './allowance.ts'
import { createAuthenticator } from './auth.ts'
import { observePushAccess } from './push-access.ts'
import { readRefusal } from './refusal.ts'
import { failureOfResponse } from './response-failure.ts'
import { detectScheme, schemeFor } from './scheme.ts'

/** A request to `/v2/<repository>/<path>`, or to `/v2/<path>` if the repository is ''. */
interface RegistryRequest {
  method: 'GET' | 'HEAD'
  path: string
  headers?: Record<string, string>
}

/** One registry, with its logins, retries and concurrency limit. */
export interface Registry {
  /** Name and port, as in its URLs. */
  host: string
  signal: AbortSignal
  /** Milliseconds since the epoch. */
  now: () => number
  /** The rate limit of this account. */
  allowance: Allowance
  /** Resolves once a request would be sent at once; with `isLast` only where nobody else waits for that. */
  room: (isLast?: boolean) => Promise<void>
  /** True if the registry required a login and no credentials are configured. */
  isAnonymous: (repository: string) => Promise<boolean>
  /** Whether the login may push; requested after it pulled, or failed to. */
  pushAccess: (repository: string, mayPull: boolean) => Promise<PushAccess>
  /**
   * Sends a request and passes the response to `read`, which may fail in turn if the body is cut off. `read` gets responses with
   * status 2xx, 404, 416 and those in `accepted`; a 401 leads to a login; every other response is a failure. Temporary failures
   * are retried.
   */
  request: <T>(
    repository: string,
    request: RegistryRequest,
    read: (response: Response) => Promise<Observed<T>>,
    accepted?: number[],
  ) => Promise<Observed<T>>
}

/** How a registry is used. */
export interface RegistryOptions {
  client: HttpClient
  /** Name and port, as in its URLs. */
  host: string
  credential: (repository: string) => Promise<Observed<Credential | undefined>>
  /** Allows plain HTTP. */
  insecure: boolean
  concurrency: Concurrency
  /** Called with every secret that is obtained, so that outputs can mask it. */
  keepSecret: (secret: string) => void
  /** Milliseconds since the epoch. */
  now: () => number
}

/**
 * How many retries one registry gets in a run. A registry that needs more is not flaky but broken: a burst that is refused as a whole halves
 * what is sent at once, so that it is one after at most twice as many refusals as may be under way.
 */
const maxRetries = 128

/** After this many consecutive requests without a response a host counts as down, and gets no more requests. */
const maxUnanswered = 6

/** Opens a registry. Nothing is sent before the first request; `/v2/` is never pinged. */
export function openRegistry(options: RegistryOptions): Registry {
  const { client, host } = options
  const base = new URL(`${schemeFor(options)}://${host}/`)
  const withScheme = detectScheme(base, { ...options, isProxied: client.isProxied })
  const authenticator = createAuthenticator({ ...options, base })
  const pace = createPace({
    ...{ concurrency: options.concurrency.http1, maxRetries, signal: client.signal },
    retried: client.requestLog.retried,
  })
  const isAnonymous = async (repository: string) => {
    const credential = await options.credential(repository)
    return credential.seen && credential.value === undefined
  }
  const allowance = createAllowance()
  let unanswered = 0
  let cuts = 0
  let down: Failure | undefined

  const sendAuthorized = async (
    repository: string,
    request: RegistryRequest,
    attempt: number,
    logins = 0,
  ): Promise<Observed<Response>> => {
    const used = authenticator.current(repository)
    const response = await client.send({
      url: new URL(repository === '' ? `v2/${request.path}` : `v2/${repository}/${request.path}`, base),
      method: request.method,
      headers: request.headers ?? {},
      role: 'registry',
      attempt,
      ...(used === undefined ? {} : { credentials: { authorization: used } }),
    })
    if (response.seen && response.value.host === base.host) allowance.update(response.value.header)
    // The target of a redirect gets no login; its 401 is not the registry's.
    if (!response.seen || response.value.status !== 401 || response.value.host !== base.host) return response
    if (logins === maxLogins)
      return unseen(loginFailure(response.value, await authenticator.rejection(response.value, repository)))
    const login = await authenticator.logIn(response.value, repository, used)
    if (login.seen) return sendAuthorized(repository, request, attempt, logins + 1)
    return unseen(loginFailure(response.value, login.why))
  }

  const attemptOnce = async <T>(
    repository: string,
    request: RegistryRequest,
    turn: Turn,
    read: (response: Response) => Promise<Observed<T>>,
    accepted: number[],
  ): Promise<Observed<T>> => {
    if (down) return unseen(down)
    const cutsBefore = cuts
    const response = await withScheme(() => sendAuthorized(repository, request, turn.attempt))
    if (!response.seen) {
      // A refused login, or an unreachable storage behind a redirect, does not show whether the registry is up.
      if (response.why.host === base.host && failureInfo(response.why.kind).noAnswer) {
        // A connection that is cut ends every request on it, and is one sign that the host is down, not one for each.
        const isCut = response.why.kind === 'connection-cut'
        if (!isCut || cuts === cutsBefore) unanswered += 1
        if (isCut && cuts === cutsBefore) cuts += 1
      }
      if (unanswered >= maxUnanswered)
        down = {
          ...response.why,
          detail: `${response.why.detail} (no more requests after ${unanswered} without a response)`,
        }
      return response
    }
    unanswered = 0
    if (client.usesHttp2(base.host)) pace.raise(options.concurrency.http2)
    if (response.value.status === 429 || response.value.status === 503) turn.overloaded()
    else turn.answered()
    if (isReadable(response.value.status, accepted)) return read(response.value)
    const anonymous = response.value.status === 403 && (await isAnonymous(repository))
    const why = await failureOfResponse(response.value, base.host, anonymous, options.now())
    return unseen(
      why.kind === 'tls-client-certificate'
        ? { ...why, detail: await client.describeClientCertificate(why.host) }
        : why,
    )
  }

  /** A registry that lets everybody pull shows at its root how it authenticates (distribution-spec, end-1). */
  const challengesFor = async (repository: string): Promise<Observed<Challenge[]>> => {
    const known = authenticator.challenges(repository)
    if (known) return seen(known)
    const url = new URL('v2/', base)
    const response = await withScheme(() =>
      client.send({ url, method: 'GET', headers: {}, role: 'registry' }),
    )
    if (!response.seen) return response
    response.value.discard()
    const isOwn = response.value.status === 401 && response.value.host === base.host
    return seen(isOwn ? parseChallenges(response.value.headers('www-authenticate')) : [])
  }

  return {
    host,
    isAnonymous: authenticator.isAnonymous,
    pushAccess: async (repository, mayPull) =>
      observePushAccess({
        ...{ ...options, base, repository, mayPull },
        credential: await options.credential(repository),
        challenges: await challengesFor(repository),
      }),
    signal: client.signal,
    now: options.now,
    allowance,
    room: pace.room,
    request: (repository, request, read, accepted = []) =>
      pace.run(
        (turn) => attemptOnce(repository, request, turn, read, accepted),
        // Nothing is sent any more.
        () => down === undefined,
      ),
  }
}

/** The failure of a login. A proxy with a login may have sent the 401: tinyproxy does so where 407 would be right (measured). */
function loginFailure(response: Response, why: Failure): Failure {
  if (!response.possibleProxy?.url.username || why.kind === 'run-stopped' || why.status !== 401) return why
  return proxyOrHostFailure(response, response.possibleProxy, [
    `if ${why.host} sent it: ${why.detail}`,
    ...why.evidence,
  ])
}

/** A request may be challenged twice: when it is sent without a token, and when its token has expired in the meantime. */
const maxLogins = 2

const isReadable = (status: number, accepted: number[]): boolean =>
  (status >= 200 && status < 300) || status === 404 || status === 416 || accepted.includes(status)

/** Reads an error response as a value, for a `read` that accepts it. */
export const refusalOf = async (response: Response) => {
  const { status, code, message } = await readRefusal(response)
  return seen({ status, code, message })
}
