import { failure } from './answers.ts'
import { createIssuer } from './auth-tokens.ts'
import type { Target } from './routes.ts'
import type { RequestLine, Resource } from './types.ts'

/** The authentication of a registry. */
export type AuthMode =
  | { kind: 'none' }
  | ({ kind: 'basic' } & People)
  | ({ kind: 'bearer'; realm?: string; service?: string } & People & TokenOptions)
  /** Two challenges, `scope="*"`, tokens only by GET; accepts Basic as well. */
  | ({ kind: 'forgejo'; realm?: string } & People & TokenOptions)

/** The accounts, and what each may pull. */
export type People = {
  /** Passwords by user name. */
  users?: Record<string, string>
  /** Repositories that a user may pull; a user without an entry may pull all. */
  grants?: Record<string, string[]>
  /** Repositories that a user may push to; nobody may push to others. */
  pushes?: Record<string, string[]>
  /** The repositories that can be pulled without credentials; true for all. */
  anonymousPull?: boolean | string[]
}

/** The properties of tokens. */
export type TokenOptions = {
  tokenLifetimeS?: number
  /** Tokens are JWTs that show what they grant, without a signature. */
  readable?: boolean
  /** User names by identity token, for `grant_type=refresh_token`. */
  identityTokens?: Record<string, string>
}

/** The authorization of one registry. */
export type Auth = {
  /** The response to a token request; undefined for other requests. */
  tokenAnswer(line: RequestLine, body: string): Resource | undefined
  /** The 401 response; undefined if the request is authorized. */
  refusal(line: RequestLine, target: Target): Resource | undefined
  revokeTokens(): void
}

/** Creates the authorization for a registry at `url`. */
export function createAuth(mode: AuthMode, url: string): Auth {
  if (mode.kind === 'none') {
    return { tokenAnswer: () => undefined, refusal: () => undefined, revokeTokens: () => {} }
  }
  const issuer = createIssuer(mode)
  const tokenPath = mode.kind === 'forgejo' ? '/v2/token' : '/token'
  return {
    tokenAnswer: (line, body) => {
      if (mode.kind === 'basic' || line.pathname !== tokenPath) return undefined
      if (mode.kind === 'forgejo' && line.method === 'POST') return failure(404, 'UNSUPPORTED', 'Not found')
      return issuer.answer(line, body)
    },
    refusal: (line, target) => {
      const repository = 'name' in target ? target.name : undefined
      const verdict = issuer.judge(line, repository, mode.kind === 'forgejo' ? 'both' : mode.kind)
      if (verdict === 'allowed') return undefined
      return failure(401, 'UNAUTHORIZED', 'authentication required', {
        'www-authenticate': challengesOf(mode, url + tokenPath, target, verdict),
      })
    },
    revokeTokens: issuer.revoke,
  }
}

function challengesOf(
  mode: Exclude<AuthMode, { kind: 'none' }>,
  tokenUrl: string,
  target: Target,
  verdict: 'anonymous' | 'invalid_token' | 'insufficient_scope',
): string[] {
  if (mode.kind === 'basic') return ['Basic realm="Registry Realm"']
  const realm = mode.realm ?? tokenUrl
  if (mode.kind === 'forgejo') {
    return [
      `Bearer realm="${realm}",service="container_registry",scope="*"`,
      'Basic realm="Gitea Container Registry"',
    ]
  }
  const scope = scopeOf(target)
  const members = [
    `realm="${realm}"`,
    `service="${mode.service ?? 'embedded-registry'}"`,
    ...(scope === undefined ? [] : [`scope="${scope}"`]),
    ...(verdict === 'anonymous' ? [] : [`error="${verdict}"`]),
  ]
  return [`Bearer ${members.join(',')}`]
}

function scopeOf(target: Target): string | undefined {
  if (target.kind === 'catalog') return 'registry:catalog:*'
  return 'name' in target ? `repository:${target.name}:pull` : undefined
}
