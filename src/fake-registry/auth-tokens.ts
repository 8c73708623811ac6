import { randomUUID } from 'node:crypto'
import { failure, json } from './answers.ts'
import type { People, TokenOptions } from './auth.ts'
import type { RequestLine, Resource } from './types.ts'

/** Issues tokens and checks credentials. */
export type Issuer = {
  answer(line: RequestLine, body: string): Resource
  judge(line: RequestLine, repository: string | undefined, schemes: Schemes): Verdict
  revoke(): void
}

/** The result of checking the credentials of a request. */
type Verdict = 'allowed' | 'anonymous' | 'invalid_token' | 'insufficient_scope'

/** The accepted schemes. With `basic`, requests without credentials may be anonymous; the others require a token even then. */
type Schemes = 'basic' | 'bearer' | 'both'

type Token = { user: string | undefined; scopes: string[]; expiresAt: number }

const DEFAULT_LIFETIME_S = 60

/** Creates an issuer of opaque tokens. */
export function createIssuer(options: People & TokenOptions): Issuer {
  const tokens = new Map<string, Token>()
  const lifetimeS = options.tokenLifetimeS ?? DEFAULT_LIFETIME_S

  function issue(user: string | undefined, scopes: string[]): Resource {
    const granted = scopes.flatMap((scope) => grantedOf(options, user, scope))
    const token = options.readable ? readableToken(granted) : randomUUID()
    tokens.set(token, { user, scopes: granted, expiresAt: Date.now() + lifetimeS * 1000 })
    const issued_at = new Date().toISOString()
    return json(200, { token, access_token: token, expires_in: Math.ceil(lifetimeS), issued_at })
  }

  return {
    answer(line, body) {
      const form = new URLSearchParams(body)
      const asked = line.method === 'POST' ? form : line.query
      const user = line.method === 'POST' ? userOfForm(options, form) : userOfHeader(options, line)
      if (user === 'nobody' || (user === undefined && !options.anonymousPull)) {
        return failure(401, 'UNAUTHORIZED', 'incorrect username or password')
      }
      return issue(
        user?.name,
        asked.getAll('scope').flatMap((scope) => scope.split(' ')),
      )
    },
    judge(line, repository, schemes) {
      const [scheme = '', value = ''] = String(line.headers.authorization ?? '').split(' ')
      if (scheme.toLowerCase() === 'bearer') return judgeToken(tokens.get(value), repository)
      if (schemes === 'bearer') return 'anonymous'
      const user = userOfHeader(options, line)
      if (user === 'nobody') return 'anonymous'
      if (user === undefined && (schemes === 'both' || repository === undefined)) return 'anonymous'
      return repository === undefined || mayPull(options, user?.name, repository) ? 'allowed' : 'anonymous'
    },
    revoke: () => tokens.clear(),
  }

  function judgeToken(token: Token | undefined, repository: string | undefined): Verdict {
    if (token === undefined || token.expiresAt <= Date.now()) return 'invalid_token'
    if (repository === undefined) return 'allowed'
    // Forgejo's only scope is `*`; what a token allows depends on its user.
    if (token.scopes.includes('*')) {
      return mayPull(options, token.user, repository) ? 'allowed' : 'insufficient_scope'
    }
    const granted = token.scopes.some((scope) => repositoryOf(scope) === repository)
    return granted ? 'allowed' : 'insufficient_scope'
  }
}

/** A scope, narrowed to the actions that a user may perform; empty if there are none. */
function grantedOf(people: People, user: string | undefined, scope: string): string[] {
  const repository = repositoryOf(scope)
  if (repository === undefined) return [scope]
  if (!mayPull(people, user, repository)) return []
  const mayPush = user !== undefined && people.pushes?.[user]?.includes(repository)
  return [mayPush ? scope : scope.replace(/,push$/, '')]
}

function readableToken(scopes: string[]): string {
  const access = scopes.map((scope) => {
    const [type = '', ...rest] = scope.split(':')
    const actions = (rest.pop() ?? '').split(',')
    return { type, name: rest.join(':'), actions }
  })
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ jti: randomUUID(), access })}.${randomUUID()}`
}

// The name in a scope may contain colons, if a registry puts a host with a port into it.
function repositoryOf(scope: string): string | undefined {
  const found = /^repository:(.+):([^:]*)$/.exec(scope)
  return found?.[2]?.split(',').includes('pull') ? found[1] : undefined
}

function mayPull(people: People, user: string | undefined, repository: string): boolean {
  const open = people.anonymousPull ?? false
  if (open === true || (open !== false && open.includes(repository))) return true
  if (user === undefined) return false
  return people.grants?.[user]?.includes(repository) ?? true
}

function userOfHeader(people: People, line: RequestLine): { name: string } | 'nobody' | undefined {
  const [scheme = '', value = ''] = String(line.headers.authorization ?? '').split(' ')
  if (scheme.toLowerCase() !== 'basic') return undefined
  const [name = '', ...password] = Buffer.from(value, 'base64').toString('utf8').split(':')
  return people.users?.[name] === password.join(':') ? { name } : 'nobody'
}

function userOfForm(options: People & TokenOptions, form: URLSearchParams): { name: string } | 'nobody' {
  if (form.get('grant_type') === 'refresh_token') {
    const name = options.identityTokens?.[form.get('refresh_token') ?? '']
    return name === undefined ? 'nobody' : { name }
  }
  const name = form.get('username') ?? ''
  return options.users?.[name] !== undefined && options.users[name] === form.get('password')
    ? { name }
    : 'nobody'
}
