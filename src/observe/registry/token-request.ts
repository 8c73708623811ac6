import type { Observed } from '../../core/observed.ts'
import type { Challenge } from '../../net/challenge.ts'
import type { Credential } from '../credentials/credential.ts'
import type { HttpClient } from '../http/client.ts'
import type { Response } from '../http/response.ts'

/** What a token is asked with. */
export interface TokenRequest {
  challenge: Challenge
  /** The registry's address, against which a relative realm is resolved. */
  base: URL
  repository: string
  credential: Credential | undefined
  /** Plain http is allowed on every host, not on loopback alone. */
  insecure: boolean
  /** Called with the token before it is used, so that no output can hold it. */
  keepSecret: (secret: string) => void
  now: () => number
}

/** The value of an `Authorization` header for a user name and password (RFC 7617). */
export const basic = ({ username, password }: { username: string; password: string }): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/** Asks by GET, with Basic credentials where there are any (distribution, docs/spec/auth/token.md). */
export function getToken(
  client: HttpClient,
  realm: URL,
  { challenge, repository, credential }: TokenRequest,
): Promise<Observed<Response>> {
  const url = new URL(realm)
  const { service } = challenge.parameters
  if (service) url.searchParams.set('service', service)
  url.searchParams.append('scope', scopeOf(challenge, repository))
  const login =
    credential?.kind === 'identity' ? { username: '<token>', password: credential.token } : credential
  const named = login && 'username' in login ? login : undefined
  if (named) url.searchParams.set('account', named.username)
  return client.send({
    url,
    method: 'GET',
    headers: { accept: 'application/json' },
    role: 'token',
    ...(named ? { credentials: { authorization: basic(named) } } : {}),
  })
}

/** Asks by POST, as OAuth2 has it: a password or a refresh token in a form (distribution, docs/spec/auth/oauth.md). */
export function postToken(
  client: HttpClient,
  url: URL,
  { challenge, repository, credential }: TokenRequest,
): Promise<Observed<Response>> {
  const { service = '' } = challenge.parameters
  const form = new URLSearchParams({ client_id: 'regguard', service, scope: scopeOf(challenge, repository) })
  if (credential?.kind === 'identity') {
    form.set('grant_type', 'refresh_token')
    form.set('refresh_token', credential.token)
  } else if (credential?.kind === 'password') {
    form.set('grant_type', 'password')
    form.set('username', credential.username)
    form.set('password', credential.password)
  }
  return client.send({
    url,
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
    role: 'token',
  })
}

// Forgejo's challenge says `scope="*"`, and its token server takes any.
const scopeOf = ({ parameters }: Challenge, repository: string): string =>
  parameters.scope || (repository === '' ? 'registry:catalog:*' : `repository:${repository}:pull`)
