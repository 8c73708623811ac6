import type { Observed, Trouble } from '../../model.ts'
import { type Credential, whoOf } from '../credentials/credential.ts'
import type { Reply } from '../wire/reply.ts'
import { seen, trouble, unseen } from '../wire/trouble.ts'
import type { Wire } from '../wire/wire.ts'
import { type Challenge, parseChallenges } from './challenge.ts'
import { type ErrorAnswer, readRefusal } from './refusal.ts'
import { basic, fetchToken, type Token } from './token.ts'

/** The value of an `Authorization` header, or undefined for none. */
export type Authorization = string | undefined

/** Keeps the authorization of each repository; a challenge is answered once, however many requests wait for it. */
export interface Authority {
  current: (repository: string) => Authorization
  /** Answers a 401: the authorization to try again with, or why there is none. `used` is what was refused. */
  answer: (reply: Reply, repository: string, used: Authorization) => Promise<Observed<Authorization>>
  /** Why a registry refuses the token that it had asked for. */
  refused: (reply: Reply, repository: string) => Promise<Trouble>
  /** True when the registry asked for a login, and nobody gave one. */
  isAnonymous: (repository: string) => Promise<boolean>
}

export interface AuthorityOptions {
  wire: Wire
  base: URL
  credential: (repository: string) => Promise<Observed<Credential | undefined>>
  insecure: boolean
  keepSecret: (secret: string) => void
  now: () => number
}

/** Registries allow clocks to differ by a minute or so; docker_auth's tokens by less. */
const skewMs = 60_000

/** An authority for one registry. */
export function createAuthority(options: AuthorityOptions): Authority {
  const held = new Map<string, Authorization>()
  const granted = new Map<string, string>()
  const challenged = new Set<string>()
  const flights = new Map<string, Promise<Observed<Authorization>>>()

  const authorize = async (reply: Reply, refusal: ErrorAnswer, repository: string, used: Authorization) => {
    const credential = await options.credential(repository)
    if (!credential.seen) return credential
    const { value: who } = credential
    const headers = reply.headers('www-authenticate')
    const said = saidBy(reply.host, refusal)
    if (headers.length === 0) {
      const detail = 'it answered 401 without saying how to log in'
      return unseen<Authorization>({
        ...trouble('auth-challenge-missing', reply.host, 'token', detail, said),
        status: 401,
      })
    }
    const challenges = parseChallenges(headers)
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
    if (bearer) {
      if (bearer.parameters.error === 'insufficient_scope') {
        return unseen<Authorization>(tooNarrow(bearer, reply.host, who, granted.get(repository)))
      }
      const token = await tokenFor(bearer, repository, who, used, options)
      if (token.seen) granted.set(repository, token.value.granted)
      return token.seen ? seen<Authorization>(`Bearer ${token.value.token}`) : token
    }
    if (challenges.some(({ scheme }) => scheme === 'basic'))
      return basicFor(who, used, reply.host, said, options)
    const detail = 'it asks for a login of a kind that registries do not use'
    const shown = [`WWW-Authenticate: ${headers.join(', ')}`]
    return unseen<Authorization>(trouble('auth-challenge-invalid', reply.host, 'token', detail, shown))
  }

  return {
    current: (repository) => held.get(repository),
    answer: async (reply, repository, used) => {
      challenged.add(repository)
      const refusal = await readRefusal(reply)
      // Somebody else's flight may have landed while this request was on its way.
      if (held.get(repository) !== used) return seen(held.get(repository))
      const flying = flights.get(repository)
      if (flying) return flying
      const flight = authorize(reply, refusal, repository, used)
      flights.set(repository, flight)
      const result = await flight
      flights.delete(repository)
      if (result.seen) held.set(repository, result.value)
      return result
    },
    refused: async (reply, repository) => {
      const refusal = await readRefusal(reply)
      const credential = await options.credential(repository)
      const who = credential.seen ? credential.value : undefined
      const bearer = parseChallenges(reply.headers('www-authenticate')).find(
        ({ scheme }) => scheme === 'bearer',
      )
      if (bearer?.parameters.error === 'insufficient_scope') {
        return tooNarrow(bearer, reply.host, who, granted.get(repository))
      }
      return tokenRefused(reply, refusal, who, options.now())
    },
    isAnonymous: async (repository) => {
      const credential = await options.credential(repository)
      return challenged.has(repository) && credential.seen && credential.value === undefined
    },
  }
}

async function tokenFor(
  challenge: Challenge,
  repository: string,
  credential: Credential | undefined,
  used: Authorization,
  options: AuthorityOptions,
): Promise<Observed<Token>> {
  if (credential?.kind === 'bearer') {
    if (used === undefined) return seen({ token: credential.token, granted: '' })
    const detail = `it refused ${whoOf(credential)}`
    return unseen({ ...trouble('bad-credentials', options.base.host, 'token', detail), status: 401 })
  }
  return fetchToken(options.wire, { ...options, challenge, repository, credential })
}

function tooNarrow(challenge: Challenge, host: string, who: Credential | undefined, granted = ''): Trouble {
  const scope = challenge.parameters.scope ?? ''
  const evidence = [
    ...(scope ? [`scope wanted: ${scope}`] : []),
    ...(granted ? [`scope granted: ${granted}`] : []),
  ]
  if (!who) return nobody(host, evidence)
  const detail = `${whoOf(who)} got a token that does not allow a pull here`
  return { ...trouble('insufficient-scope', host, 'token', detail, evidence), status: 401 }
}

function basicFor(
  who: Credential | undefined,
  used: Authorization,
  host: string,
  said: string[],
  { keepSecret }: AuthorityOptions,
): Observed<Authorization> {
  if (!who) return unseen(nobody(host, said))
  if (who.kind !== 'password' || used !== undefined) {
    const detail =
      who.kind === 'password' ? `it refused ${whoOf(who)}` : `it takes a password, not ${whoOf(who)}`
    return unseen({ ...trouble('bad-credentials', host, 'token', detail, said), status: 401 })
  }
  const authorization = basic(who)
  keepSecret(authorization.slice('Basic '.length))
  return seen(authorization)
}

/** A fresh token that is refused: when the clocks differ, that is why (hub-feedback#647, docker_auth#59, harbor#15911). */
function tokenRefused(reply: Reply, refusal: ErrorAnswer, who: Credential | undefined, now: number): Trouble {
  const said = saidBy(reply.host, refusal)
  const date = Date.parse(reply.header('date') ?? '')
  const aheadMs = date - now
  if (Math.abs(aheadMs) > skewMs) {
    const way = aheadMs > 0 ? 'ahead of' : 'behind'
    const detail = `it refuses the token it had asked for, and its clock is ${Math.round(Math.abs(aheadMs) / 1000)} s ${way} ours`
    return { ...trouble('clock-skew', reply.host, 'token', detail, said), status: 401 }
  }
  if (!who) return nobody(reply.host, said)
  const detail = `it refused the token it had asked for; ${whoOf(who)} may not pull here`
  return { ...trouble('access-denied', reply.host, 'token', detail, said), status: 401 }
}

/** Nobody logged in, and it is refused: whether there is an image cannot be told. */
const nobody = (host: string, evidence: string[]): Trouble => ({
  ...trouble(
    'denied-or-missing',
    host,
    'token',
    'no credentials were sent, and it tells nothing without them',
    evidence,
  ),
  status: 401,
})

const saidBy = (host: string, { code, message }: ErrorAnswer): string[] => {
  const said = [code, message].filter(Boolean).join(' ')
  return said ? [`${host} said: ${said}`] : []
}
