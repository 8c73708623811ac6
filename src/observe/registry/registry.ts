import type { Observed, Trouble, TroubleKind } from '../../model.ts'
import type { Credential } from '../credentials/credential.ts'
import { isLoopback } from '../wire/address-class.ts'
import { createAdaptiveLimit } from '../wire/limit.ts'
import { patiently, retryAfterMs, type Waiting } from '../wire/patience.ts'
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
  'proxy-failed',
])

/** After so many requests in a row without an answer a host is taken for down, and not asked any more. */
const outage = 6

/** Opens a registry; nothing is sent before the first question, and there is no `/v2/` ping at all. */
export function openRegistry(options: RegistryOptions): Registry {
  const { wire, host } = options
  const base = new URL(`${scheme(options)}://${host}/`)
  // Loopback is asked in plain http, as Docker does; one that wants TLS there is heard once, and asked so.
  let undecided = base.protocol === 'http:' && !options.insecure
  const authority = createAuthority({ ...options, base })
  const limit = createAdaptiveLimit(options.concurrency)
  let repetitions = mostRepetitions
  const isAnonymous = async (repository: string) => {
    const credential = await options.credential(repository)
    return credential.seen && credential.value === undefined
  }
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
    if (turn === maxLogins) return unseen(await authority.refused(reply.value, repository))
    const answer = await authority.answer(reply.value, repository, used)
    return answer.seen ? authorized(repository, ask, turn + 1) : answer
  }

  const decided = async (repository: string, ask: RegistryAsk): Promise<Observed<Reply>> => {
    const first = await authorized(repository, ask)
    if (!undecided) return first
    undecided = false
    if (!wantsTls(first)) return first
    if (first.seen) first.value.discard()
    base.protocol = 'https:'
    const second = await authorized(repository, ask)
    if (second.seen || certificateTroubles.has(second.why.kind)) return second
    base.protocol = 'http:'
    return authorized(repository, ask)
  }

  const once = async <T>(
    repository: string,
    ask: RegistryAsk,
    read: (reply: Reply) => Promise<Observed<T>>,
    also: number[],
  ): Promise<Observed<T>> => {
    if (down) return unseen(down)
    const reply = await decided(repository, ask)
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
    return unseen(await refusedBy(reply.value, base.host, anonymous, options.now()))
  }

  return {
    host,
    isAnonymous: authority.isAnonymous,
    signal: wire.signal,
    now: options.now,
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

/** A request may be challenged when it starts without a token, and when that token ran out on the way. */
const maxLogins = 2

/** What only a server that speaks TLS can cause. */
const certificateTroubles = new Set<TroubleKind>(['tls-untrusted', 'tls-expired', 'tls-name-mismatch'])

/** True for an answer that a TLS server gives to plain http: a cut connection, or a 400 that says so. */
function wantsTls(reply: Observed<Reply>): boolean {
  if (!reply.seen) return reply.why.kind === 'connection-cut' || reply.why.kind === 'answer-invalid'
  return reply.value.status === 400
}

/** https, but for loopback (as Docker has it) and with `insecure`. */
function scheme({ host, insecure }: RegistryOptions): 'http' | 'https' {
  const { hostname } = new URL(`http://${host}`)
  return insecure || isLoopback(hostname) ? 'http' : 'https'
}

const mayBeRead = (status: number, also: number[]): boolean =>
  (status >= 200 && status < 300) || status === 404 || status === 416 || also.includes(status)

async function refusedBy(reply: Reply, registry: string, anonymous: boolean, now: number): Promise<Waiting> {
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
    const reset = wait === undefined ? '' : `, and asks to wait ${Math.ceil(wait / 1000)} s`
    return about('rate-limited', `it answered 429${left}${reset}`)
  }
  if (status === 403 && anonymous)
    return about('denied-or-missing', 'it answered 403, and no credentials were sent')
  if (status === 403) return about('access-denied', 'it answered 403')
  if (
    status === 400 &&
    /http request to an? https server|plain http request was sent to https/i.test(message)
  ) {
    return about('tls-expected', 'it speaks TLS on this port, and was asked in plain http')
  }
  if (status === 500 && !html) return about('registry-error', 'it answered 500')
  if (status >= 500) return about('registry-unavailable', `it answered ${status}`)
  return about(html ? 'not-a-registry' : 'answer-invalid', `it answered ${status}`)
}

/** Reads a whole answer that must be short, as one step of `ask`. */
export const refusalOf = async (reply: Reply) => {
  const { status, code, message } = await readRefusal(reply)
  return seen({ status, code, message })
}
