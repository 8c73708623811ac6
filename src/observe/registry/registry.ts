import type { Observed, Trouble } from '../../model.ts'
import type { Login } from '../../settings/logins.ts'
import { createLimit } from '../wire/limit.ts'
import { patiently, retryAfterMs, type Waiting } from '../wire/patience.ts'
import { isLocal } from '../wire/redirect.ts'
import type { Reply } from '../wire/reply.ts'
import { seen, trouble, unseen } from '../wire/trouble.ts'
import type { Wire } from '../wire/wire.ts'
import { createAuthority } from './auth.ts'
import { readRefusal } from './refusal.ts'

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
  login: Login | undefined
  insecure: boolean
  concurrency: number
  keepSecret: (secret: string) => void
  now: () => number
}

/** After so many requests in a row without an answer a host is taken for down, and not asked any more. */
const outage = 6

/** Opens a registry; nothing is sent before the first question, and there is no `/v2/` ping at all. */
export function openRegistry(options: RegistryOptions): Registry {
  const { wire, host } = options
  const base = new URL(`${scheme(options)}://${host}/`)
  const authority = createAuthority({ ...options, base })
  const limit = createLimit(options.concurrency)
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
    // A redirect's host gets no login, so its 401 is its own.
    if (!reply.seen || reply.value.status !== 401 || reply.value.host !== base.host) return reply
    if (turn === maxLogins) return unseen(await tokenRefused(reply.value, options.login))
    const answer = await authority.answer(reply.value, repository, used)
    return answer.seen ? authorized(repository, ask, turn + 1) : answer
  }

  const once = async <T>(
    repository: string,
    ask: RegistryAsk,
    read: (reply: Reply) => Promise<Observed<T>>,
    also: number[],
  ): Promise<Observed<T>> => {
    if (down) return unseen(down)
    const reply = await authorized(repository, ask)
    if (!reply.seen) {
      silent += 1
      if (silent >= outage)
        down = { ...reply.why, detail: `${reply.why.detail} (given up after ${silent} tries)` }
      return reply
    }
    silent = 0
    if (mayBeRead(reply.value.status, also)) return read(reply.value)
    return unseen(await refusedBy(reply.value, base.host, options.now()))
  }

  return {
    host,
    signal: wire.signal,
    now: options.now,
    ask: (repository, ask, read, also = []) =>
      limit(() =>
        patiently(() => once(repository, ask, read, also), {
          signal: wire.signal,
          retried: (why) => wire.ledger.retried(why.host, `${why.kind}: ${why.detail}`),
        }),
      ),
  }
}

/** A request may be challenged when it starts without a token, and when that token ran out on the way. */
const maxLogins = 2

/** https, but for loopback (as Docker has it) and with `insecure`. */
function scheme({ host, insecure }: RegistryOptions): 'http' | 'https' {
  const { hostname } = new URL(`http://${host}`)
  return insecure || isLocal(hostname) ? 'http' : 'https'
}

const mayBeRead = (status: number, also: number[]): boolean =>
  (status >= 200 && status < 300) || status === 404 || status === 416 || also.includes(status)

async function refusedBy(reply: Reply, registry: string, now: number): Promise<Waiting> {
  const { status, host } = reply
  const wait = retryAfterMs(reply.header('retry-after'), now)
  const remaining = reply.header('ratelimit-remaining')
  const { code, message, html } = await readRefusal(reply)
  const said = [code, message].filter(Boolean).join(' ')
  const evidence = said ? [`${host} said: ${said}`] : []
  const about = (kind: Trouble['kind'], detail: string): Waiting => ({
    ...trouble(kind, host, 'headers', detail, evidence),
    status,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  })
  if (host !== registry && (status === 401 || status === 403)) {
    return about('storage-forbidden', `${registry} redirects to ${host}, which answered ${status}`)
  }
  if (status === 429) {
    const left = remaining === undefined ? '' : `, RateLimit-Remaining ${remaining}`
    return about('rate-limited', `it answered 429${left}`)
  }
  if (status === 403) return about('access-denied', 'it answered 403')
  if (status === 500 && !html) return about('registry-error', 'it answered 500')
  if (status >= 500) return about('registry-unavailable', `it answered ${status}`)
  return about(html ? 'not-a-registry' : 'answer-invalid', `it answered ${status}`)
}

async function tokenRefused(reply: Reply, login: Login | undefined): Promise<Trouble> {
  const { code, message } = await readRefusal(reply)
  const said = [code, message].filter(Boolean).join(' ')
  const detail = login
    ? `it refused the token it had asked for; user “${login.username}” (${login.from}) may not pull here`
    : 'it refuses anonymous pulls, and no credentials were sent'
  return {
    ...trouble('access-denied', reply.host, 'token', detail, said ? [`${reply.host} said: ${said}`] : []),
    status: 401,
  }
}

/** Reads a whole answer that must be short, as one step of `ask`. */
export const refusalOf = async (reply: Reply) => {
  const { status, code, message } = await readRefusal(reply)
  return seen({ status, code, message })
}
