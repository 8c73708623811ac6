import * as z from 'zod'
import type { Observed, Trouble } from '../../model.ts'
import { bareMediaType } from '../../oci/media-types.ts'
import type { Login } from '../../settings/logins.ts'
import { readBody } from '../wire/body.ts'
import { isLocal } from '../wire/redirect.ts'
import { seen, trouble, unseen } from '../wire/trouble.ts'
import type { Wire } from '../wire/wire.ts'
import type { Challenge } from './challenge.ts'
import { readRefusal } from './refusal.ts'

const answer = z.object({ token: z.string().optional(), access_token: z.string().optional() })

/** A token answer larger than this is none. */
const cap = 64 * 1024

/** What a token is asked with. */
export interface TokenRequest {
  challenge: Challenge
  /** The registry's address, against which a relative realm is resolved. */
  base: URL
  repository: string
  login: Login | undefined
  /** Plain http is allowed on every host, not on loopback alone. */
  insecure: boolean
  /** Called with the token before it is used, so that no output can hold it. */
  keepSecret: (secret: string) => void
}

/**
 * Gets a bearer token by GET, the form every registry answers (distribution, docs/spec/auth/token.md).
 * Gives the token, or why there is none.
 */
export async function fetchToken(wire: Wire, request: TokenRequest): Promise<Observed<string>> {
  const registry = request.base.host
  const realm = request.challenge.parameters.realm
  if (!realm || !URL.canParse(realm, request.base.href)) {
    const detail = realm ? 'the realm of its challenge is no address' : 'its challenge names no realm'
    return unseen(
      trouble('auth-challenge-invalid', registry, 'token', detail, realm ? [`realm ${realm}`] : []),
    )
  }
  const url = new URL(realm, request.base.href)
  const refused = unsafe(url, request)
  if (refused)
    return unseen(trouble('auth-challenge-invalid', registry, 'token', refused, [`realm ${url.origin}`]))
  addParameters(url, request)
  const login = request.login
  const credentials = login ? { authorization: basic(login) } : undefined
  const reply = await wire.send({
    url,
    method: 'GET',
    headers: { accept: 'application/json' },
    role: 'token',
    ...(credentials ? { credentials } : {}),
  })
  if (!reply.seen)
    return unseen(reply.why.kind === 'run-stopped' ? reply.why : serverTrouble(reply.why, registry))
  const { value } = reply
  if (value.status === 401 || value.status === 403) {
    return unseen(await refusedLogin(value, request, url.host))
  }
  if (value.status !== 200) {
    const refusal = await readRefusal(value)
    const detail = `the token server answered ${refusal.status} ${refusal.code || refusal.message}`.trim()
    const kind = refusal.status >= 500 ? 'token-server-unreachable' : 'token-response-invalid'
    return unseen({ ...trouble(kind, url.host, 'token', detail), status: refusal.status })
  }
  const contentType = bareMediaType(value.header('content-type') ?? '')
  const { bytes, end } = await readBody(value, cap)
  const token = end === 'whole' ? tokenIn(bytes) : undefined
  if (token) {
    request.keepSecret(token)
    return seen(token)
  }
  const detail =
    end === 'whole'
      ? `its answer (${contentType || 'no content type'}) holds no token`
      : `its answer did not end within ${cap / 1024} KiB`
  return unseen(trouble('token-response-invalid', url.host, 'token', detail))
}

/** The value of an `Authorization` header for a user name and password (RFC 7617). */
export const basic = (login: Login): string =>
  `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`

function unsafe(url: URL, request: TokenRequest): string | undefined {
  if (url.protocol === 'https:') return undefined
  if (url.protocol !== 'http:') return `its realm uses ${url.protocol}, not https:`
  const allowed = request.insecure || isLocal(url.hostname)
  return allowed || !request.login
    ? undefined
    : 'its realm is plain http, and credentials are not sent over that'
}

function addParameters(url: URL, { challenge, repository, login }: TokenRequest): void {
  const { service, scope } = challenge.parameters
  if (service) url.searchParams.set('service', service)
  // Forgejo's challenge says `scope="*"`, and its token server takes any.
  url.searchParams.append(
    'scope',
    scope || (repository === '' ? 'registry:catalog:*' : `repository:${repository}:pull`),
  )
  if (login) url.searchParams.set('account', login.username)
}

const serverTrouble = (why: Trouble, registry: string): Trouble => ({
  ...trouble('token-server-unreachable', why.host, 'token', why.detail),
  evidence: [`${registry} sends clients to ${why.host} for a token`, ...why.evidence],
})

async function refusedLogin(
  reply: Parameters<typeof readRefusal>[0],
  { login, base }: TokenRequest,
  host: string,
): Promise<Trouble> {
  const refusal = await readRefusal(reply)
  const said = [refusal.code, refusal.message].filter(Boolean).join(' ')
  const evidence = said ? [`${host} said: ${said}`] : []
  if (!login) {
    const detail = 'no credentials were sent, and it gives no token without them'
    return { ...trouble('access-denied', base.host, 'token', detail, evidence), status: refusal.status }
  }
  const detail = `the token server refused user “${login.username}” (${login.from})`
  return { ...trouble('bad-credentials', base.host, 'token', detail, evidence), status: refusal.status }
}

function tokenIn(bytes: Buffer): string | undefined {
  try {
    const parsed = answer.safeParse(JSON.parse(bytes.toString('utf8')))
    return parsed.data?.token || parsed.data?.access_token || undefined
  } catch {
    return undefined
  }
}
