import { type Failure, failureInfo } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import type { Credential } from '../credentials/credential.ts'
import type { HttpClient } from '../http/client.ts'
import { createAdaptiveLimit } from '../http/limit.ts'
import { proxyOrHost } from '../http/plain-proxy.ts'
import type { Response } from '../http/response.ts'
import { withRetries } from '../http/retries.ts'
import { type Allowance, createAllowance } from './allowance.ts'
import { createAuthority } from './auth.ts'
import { readRefusal } from './refusal.ts'
import { refusedBy } from './refused-by.ts'
import { decideScheme, schemeFor } from './scheme.ts'

/** A request to a registry, below `/v2/<repository>/`; of the registry itself where the repository is ''. */
export interface RegistryRequest {
  method: 'GET' | 'HEAD'
  path: string
  headers?: Record<string, string>
}

/** One registry, with its logins, its patience and its limit of requests under way. */
export interface Registry {
  host: string
  signal: AbortSignal
  now: () => number
  /** What it lets this account ask for. */
  allowance: Allowance
  /** True when the registry asked for a login, and nobody gave one. */
  isAnonymous: (repository: string) => Promise<boolean>
  /**
   * Asks, and hands the answer to `read`, which may find that its body broke off. Answers of 2xx, 404, 416, and
   * those in `also`, are `read`'s to judge; 401 is answered with a login; all else becomes a trouble here.
   * What passes is asked again.
   */
  request: <T>(
    repository: string,
    request: RegistryRequest,
    read: (response: Response) => Promise<Observed<T>>,
    also?: number[],
  ) => Promise<Observed<T>>
}

export interface RegistryOptions {
  client: HttpClient
  host: string
  credential: (repository: string) => Promise<Observed<Credential | undefined>>
  insecure: boolean
  concurrency: number
  keepSecret: (secret: string) => void
  now: () => number
}

/** A registry that needs more repetitions than this in one run is not flaky but ill. */
const maxRepetitions = 64

/** After so many requests in a row without an answer a host is taken for down, and not asked any more. */
const outage = 6

/** Opens a registry; nothing is sent before the first question, and there is no `/v2/` ping at all. */
export function openRegistry(options: RegistryOptions): Registry {
  const { client, host } = options
  const base = new URL(`${schemeFor(options)}://${host}/`)
  const decided = decideScheme(base)
  const authority = createAuthority({ ...options, base })
  const limit = createAdaptiveLimit(options.concurrency)
  let repetitions = maxRepetitions
  const isAnonymous = async (repository: string) => {
    const credential = await options.credential(repository)
    return credential.seen && credential.value === undefined
  }
  const allowance = createAllowance()
  let silent = 0
  let down: Failure | undefined

  const authorized = async (
    repository: string,
    request: RegistryRequest,
    attempt: number,
    logins = 0,
  ): Promise<Observed<Response>> => {
    const used = authority.current(repository)
    const response = await client.send({
      url: new URL(repository === '' ? `v2/${request.path}` : `v2/${repository}/${request.path}`, base),
      method: request.method,
      headers: request.headers ?? {},
      role: 'registry',
      attempt,
      ...(used === undefined ? {} : { credentials: { authorization: used } }),
    })
    if (response.seen && response.value.host === base.host) allowance.saw(response.value.header)
    // A redirect's host gets no login, so its 401 is its own.
    if (!response.seen || response.value.status !== 401 || response.value.host !== base.host) return response
    if (logins === maxLogins)
      return unseen(refusalBy(response.value, await authority.refused(response.value, repository)))
    const answer = await authority.answer(response.value, repository, used)
    if (answer.seen) return authorized(repository, request, attempt, logins + 1)
    return unseen(refusalBy(response.value, answer.why))
  }

  const once = async <T>(
    repository: string,
    request: RegistryRequest,
    attempt: number,
    read: (response: Response) => Promise<Observed<T>>,
    also: number[],
  ): Promise<Observed<T>> => {
    if (down) return unseen(down)
    const response = await decided(() => authorized(repository, request, attempt))
    if (!response.seen) {
      // A refused login, or a dead storage behind a redirect, says nothing of whether the registry is there.
      if (response.why.host === base.host && failureInfo(response.why.kind).noAnswer) silent += 1
      if (silent >= outage)
        down = { ...response.why, detail: `${response.why.detail} (given up after ${silent} tries)` }
      return response
    }
    silent = 0
    if (response.value.status === 429 || response.value.status === 503) limit.slower()
    else limit.well()
    if (mayBeRead(response.value.status, also)) return read(response.value)
    const anonymous = response.value.status === 403 && (await isAnonymous(repository))
    const why = await refusedBy(response.value, base.host, anonymous, options.now())
    return unseen(
      why.kind === 'tls-client-certificate' ? { ...why, detail: await client.shown(why.host) } : why,
    )
  }

  return {
    host,
    isAnonymous: authority.isAnonymous,
    signal: client.signal,
    now: options.now,
    allowance,
    request: (repository, request, read, also = []) =>
      limit.run(() =>
        withRetries((attempt) => once(repository, request, attempt, read, also), {
          signal: client.signal,
          mayRepeat: () => {
            repetitions -= 1
            return repetitions >= 0
          },
          retried: (why) => client.requestLog.retried(why.host, `${why.kind}: ${why.detail}`),
        }),
      ),
  }
}

/** A refused login, by a registry or by a proxy with a login of its own: tinyproxy answers 401 where 407 would be right (measured). */
function refusalBy(response: Response, why: Failure): Failure {
  if (!response.perhaps?.url.username || why.kind === 'run-stopped' || why.status !== 401) return why
  return proxyOrHost(response, response.perhaps, [`if it is ${why.host}: ${why.detail}`, ...why.evidence])
}

/** A request may be challenged when it starts without a token, and when that token ran out on the way. */
const maxLogins = 2

const mayBeRead = (status: number, also: number[]): boolean =>
  (status >= 200 && status < 300) || status === 404 || status === 416 || also.includes(status)

/** Reads a whole answer that must be short, as one step of `ask`. */
export const refusalOf = async (response: Response) => {
  const { status, code, message } = await readRefusal(response)
  return seen({ status, code, message })
}
