import { createSign } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'

/** Who may do what, and what the tokens are like. */
export type TokenServerOptions = {
  users: Record<string, string>
  /** The repositories that a user may pull; `''` stands for nobody, and `*` for all. */
  pulls: Record<string, string[]>
  /** The users that may also push to what they may pull. */
  pushers?: string[]
  /** For how long the registry takes a token; it allows a minute more than the token itself says. */
  lifetimeMs?: number
  /** How far the clock of this server is ahead of the registry's. */
  aheadMs?: number
}

/** A token server whose tokens a registry with its `auth` section takes. */
export type TokenServer = {
  host: string
  /** The section `auth.token` of the registry's configuration. */
  auth: { realm: string; service: string; issuer: string; rootcertbundle: string }
  /** Who asked for which scopes, in order. */
  requests: { user: string; scopes: string[] }[]
  tokens: string[]
  stop(): Promise<void>
}

/** What tokens are signed with, and the certificate that the registry knows the signature by. */
export type TokenKey = { key: string; x5c: string; certFile: string; remove(): Promise<void> }

/** Makes an RSA key with a certificate of its own. */
export async function createTokenKey(): Promise<TokenKey> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-token-'))
  const certFile = join(directory, 'cert.pem')
  const keyFile = join(directory, 'key.pem')
  await execa('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=regguard test tokens'],
    ...['-keyout', keyFile, '-out', certFile],
  ])
  return {
    key: await readFile(keyFile, 'utf8'),
    x5c: (await readFile(certFile, 'utf8')).replace(/-----[^-]+-----|\s/g, ''),
    certFile,
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

const leewayMs = 60_000

/** The real clock, whatever a test makes of it later. */
const clock = Date.now

/** Starts a token server (distribution, docs/spec/auth/token.md) that signs with such a key. */
export async function startTokenServer(
  { key, x5c, certFile }: TokenKey,
  options: TokenServerOptions,
): Promise<TokenServer> {
  const requests: TokenServer['requests'] = []
  const tokens: string[] = []

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://token.test')
    const user = userOf(request, options)
    const scopes = url.searchParams.getAll('scope').flatMap((scope) => scope.split(' '))
    response.setHeader('date', new Date(clock() + (options.aheadMs ?? 0)).toUTCString())
    requests.push({ user: user ?? 'refused', scopes })
    if (user === undefined) {
      response.writeHead(401, { 'content-type': 'application/json' })
      response.end('{"errors":[{"code":"UNAUTHORIZED","message":"incorrect username or password"}]}')
      return
    }
    const token = sign(claimsFor(user, scopes, options), key, x5c)
    tokens.push(token)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ token, expires_in: 60, issued_at: new Date().toISOString() }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    host,
    auth: { realm: `http://${host}/token`, service, issuer, rootcertbundle: certFile },
    requests,
    tokens,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const service = 'the test registry'
const issuer = 'the test issuer'

/** The user of a request, `''` without a login, undefined for a wrong password. */
function userOf({ headers }: IncomingMessage, { users }: TokenServerOptions): string | undefined {
  const pair = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1]
  if (pair === undefined) return ''
  const [user = '', ...password] = Buffer.from(pair, 'base64').toString('utf8').split(':')
  return users[user] === password.join(':') ? user : undefined
}

function claimsFor(user: string, scopes: string[], options: TokenServerOptions): Record<string, unknown> {
  const { pulls, pushers = [], lifetimeMs = 300_000, aheadMs = 0 } = options
  const may = ['pull', '*', ...(pushers.includes(user) ? ['push'] : [])]
  const now = clock() + aheadMs
  const allowed = pulls[user] ?? []
  const access = scopes.flatMap((scope) => {
    const [, type = '', name = '', actions = ''] = /^([^:]+):(.+):([^:]*)$/.exec(scope) ?? []
    if (!allowed.includes('*') && !allowed.includes(name)) return []
    const granted = actions.split(',').filter((action) => may.includes(action))
    return granted.length > 0 ? [{ type, name, actions: granted }] : []
  })
  return {
    iss: issuer,
    sub: user,
    aud: service,
    iat: Math.floor(now / 1000),
    nbf: Math.floor(now / 1000) - 1,
    exp: Math.ceil((now + lifetimeMs - leewayMs) / 1000),
    jti: String(Math.random()),
    access,
  }
}

function sign(claims: Record<string, unknown>, key: string, x5c: string): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ typ: 'JWT', alg: 'RS256', x5c: [x5c] })}.${part(claims)}`
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`
}
