import type { Observed } from '../../core/observed.ts'
import type { Challenge } from '../../net/challenge.ts'
import type { Credential } from '../credentials/credential.ts'
import type { HttpClient } from '../http/client.ts'
import type { Response } from '../http/response.ts'

/** What a token request needs. */
export interface TokenRequest {
  challenge: Challenge
  /** The registry's URL; a relative realm is resolved against it. */
  base: URL
  /** '' for the catalog. */
  repository: string
  credential: Credential | undefined
  /** Allows plain HTTP on every host, not only on loopback. */
  insecure: boolean
  /** Called with the token before it is used, so that outputs can mask it. */
  keepSecret: (secret: string) => void
  /** Milliseconds since the epoch. */
  now: () => number
}

/** The value of an `Authorization` header for a user name and password (RFC 7617). */
export const basic = ({ username, password }: { username: string; password: string }): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/** Requests a token by GET, with Basic credentials if there are any (distribution, docs/spec/auth/token.md). */
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
  const user = login && 'username' in login ? login : undefined
  if (user) url.searchParams.set('account', user.username)
  return client.send({
    url,
    method: 'GET',
    headers: { accept: 'application/json' },
    role: 'token',
    ...(user ? { credentials: { authorization: basic(user) } } : {}),
  })
}

/** Requests a token by POST as in OAuth2, with a password or a refresh token in a form (distribution, docs/spec/auth/oauth.md). */
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

// Forgejo sends `scope="*"`, and its token server accepts any scope.
const scopeOf = ({ parameters }: Challenge, repository: string): string =>
  parameters.scope || (repository === '' ? 'registry:catalog:*' : `repository:${repository}:pull`)
