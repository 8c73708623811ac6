import type { Observed, Trouble, TroubleKind } from '../../core/model.ts'
import type { Credential } from '../credentials/credential.ts'
import type { Wire } from '../http/client.ts'
import { seen, unseen } from '../http/failures.ts'
import { createAdaptiveLimit } from '../http/limit.ts'
import { proxyOrHost } from '../http/plain-proxy.ts'
import type { Reply } from '../http/response.ts'
import { patiently } from '../http/retries.ts'
import { type Allowance, createAllowance } from './allowance.ts'
import { createAuthority } from './auth.ts'
import { readRefusal } from './refusal.ts'
import { refusedBy } from './refused-by.ts'
import { decideScheme, schemeFor } from './scheme.ts'

/** A request to a registry, below `/v2/<repository>/`; of the registry itself where the repository is ''. */
export interface RegistryAsk {
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
  ask: <T>(
    repository: string,
    ask: RegistryAsk,
    read: (reply: Reply) => Promise<Observed<T>>,
    also?: number[],
  ) => Promise<Observed<T>>
}

export interface RegistryOptions {
  wire: Wire
  host: string
  credential: (repository: string) => Promise<Observed<Credential | undefined>>
  insecure: boolean
  concurrency: number
  keepSecret: (secret: string) => void
  now: () => number
}

/** A registry that needs more repetitions than this in one run is not flaky but ill. */
const mostRepetitions = 64

/** Troubles of a host that does not answer at all. */
const silence = new Set<TroubleKind>([
  'name-not-resolved',
  'connection-refused',
  'connection-timeout',
  'host-unreachable',
  'connection-cut',
  'answer-timeout',
  'tls-untrusted',
  'tls-expired',
  'tls-name-mismatch',
  'tls-plain-http',
  'tls-failed',
  'tls-client-certificate',
  'proxy-failed',
])

/** After so many requests in a row without an answer a host is taken for down, and not asked any more. */
const outage = 6

/** Opens a registry; nothing is sent before the first question, and there is no `/v2/` ping at all. */
export function openRegistry(options: RegistryOptions): Registry {
  const { wire, host } = options
  const base = new URL(`${schemeFor(options)}://${host}/`)
  const decided = decideScheme(base)
  const authority = createAuthority({ ...options, base })
  const limit = createAdaptiveLimit(options.concurrency)
  let repetitions = mostRepetitions
  const isAnonymous = async (repository: string) => {
    const credential = await options.credential(repository)
    return credential.seen && credential.value === undefined
  }
  const allowance = createAllowance()
  let silent = 0
  let down: Trouble | undefined

  const authorized = async (repository: string, ask: RegistryAsk, turn = 0): Promise<Observed<Reply>> => {
    const used = authority.current(repository)
    const reply = await wire.send({
      url: new URL(repository === '' ? `v2/${ask.path}` : `v2/${repository}/${ask.path}`, base),
      method: ask.method,
      headers: ask.headers ?? {},
      role: 'registry',
      ...(used === undefined ? {} : { credentials: { authorization: used } }),
    })
    if (reply.seen && reply.value.host === base.host) allowance.saw(reply.value.header)
    // A redirect's host gets no login, so its 401 is its own.
    if (!reply.seen || reply.value.status !== 401 || reply.value.host !== base.host) return reply
    if (turn === maxLogins)
      return unseen(refusalBy(reply.value, await authority.refused(reply.value, repository)))
    const answer = await authority.answer(reply.value, repository, used)
    if (answer.seen) return authorized(repository, ask, turn + 1)
    return unseen(refusalBy(reply.value, answer.why))
  }

  const once = async <T>(
    repository: string,
    ask: RegistryAsk,
    read: (reply: Reply) => Promise<Observed<T>>,
    also: number[],
  ): Promise<Observed<T>> => {
    if (down) return unseen(down)
    const reply = await decided(() => authorized(repository, ask))
    if (!reply.seen) {
      // A refused login, or a dead storage behind a redirect, says nothing of whether the registry is there.
      if (reply.why.host === base.host && silence.has(reply.why.kind)) silent += 1
      if (silent >= outage)
        down = { ...reply.why, detail: `${reply.why.detail} (given up after ${silent} tries)` }
      return reply
    }
    silent = 0
    if (reply.value.status === 429 || reply.value.status === 503) limit.slower()
    else limit.well()
    if (mayBeRead(reply.value.status, also)) return read(reply.value)
    const anonymous = reply.value.status === 403 && (await isAnonymous(repository))
    const why = await refusedBy(reply.value, base.host, anonymous, options.now())
    return unseen(
      why.kind === 'tls-client-certificate' ? { ...why, detail: await wire.shown(why.host) } : why,
    )
  }

  return {
    host,
    isAnonymous: authority.isAnonymous,
    signal: wire.signal,
    now: options.now,
    allowance,
    ask: (repository, ask, read, also = []) =>
      limit.run(() =>
        patiently(() => once(repository, ask, read, also), {
          signal: wire.signal,
          mayRepeat: () => {
            repetitions -= 1
            return repetitions >= 0
          },
          retried: (why) => wire.ledger.retried(why.host, `${why.kind}: ${why.detail}`),
        }),
      ),
  }
}

/** A refused login, by a registry or by a proxy with a login of its own: tinyproxy answers 401 where 407 would be right (measured). */
function refusalBy(reply: Reply, why: Trouble): Trouble {
  if (!reply.perhaps?.url.username || why.kind === 'run-stopped' || why.status !== 401) return why
  return proxyOrHost(reply, reply.perhaps, [`if it is ${why.host}: ${why.detail}`, ...why.evidence])
}

/** A request may be challenged when it starts without a token, and when that token ran out on the way. */
const maxLogins = 2

const mayBeRead = (status: number, also: number[]): boolean =>
  (status >= 200 && status < 300) || status === 404 || status === 416 || also.includes(status)

/** Reads a whole answer that must be short, as one step of `ask`. */
export const refusalOf = async (reply: Reply) => {
  const { status, code, message } = await readRefusal(reply)
  return seen({ status, code, message })
}
