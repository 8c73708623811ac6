import * as z from 'zod'
import type { Credential } from './credential.ts'

const text = z.string().optional().catch(undefined)
const entry = z.object({
  auth: text,
  username: text,
  password: text,
  identitytoken: text,
  registrytoken: text,
})
const file = z.object({
  auths: z.record(z.string(), entry.catch({})).optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
  credsStore: text,
})

/** A parsed config.json of Docker, or auth.json of containers-auth.json(5). */
export type AuthFile = z.infer<typeof file>

/** Parses an auth file; undefined if it is not JSON of that form. */
export function parseAuthFile(content: string): AuthFile | undefined {
  try {
    return file.safeParse(JSON.parse(content)).data
  } catch {
    return undefined
  }
}

/** What an auth file has for a repository: a credential, a credential helper with the server to ask it for, or nothing. */
export type AuthEntry = { credential: Credential } | { helper: string; server: string } | undefined

/**
 * Looks up a repository as containers-auth.json(5) describes: `host/namespace/repository` first, then ever shorter prefixes, then
 * the host. A helper for the host (`credHelpers`) comes before the entries, the store for all hosts (`credsStore`) after them, as in
 * Docker. `from` becomes the credential's source.
 */
export function lookUp(auth: AuthFile, registry: string, repository: string, from: string): AuthEntry {
  const servers = serverNames(registry)
  for (const server of servers) {
    const helper = auth.credHelpers?.[server]
    if (helper) return { helper, server }
  }
  for (const key of [...paths(registry, repository), ...servers]) {
    const found = Object.entries(auth.auths ?? {}).find(([name]) => sameServer(name, key))
    const credential = found && credentialIn(found[1], from)
    if (credential) return { credential }
  }
  const [server] = servers
  return auth.credsStore && server ? { helper: auth.credsStore, server } : undefined
}

/** `host/team/app`, `host/team`; not the host alone, which `serverNames` covers. */
function paths(registry: string, repository: string): string[] {
  const parts = repository.split('/')
  return parts.map((_, at) => [registry, ...parts.slice(0, parts.length - at)].join('/'))
}

/** The keys of a host. Tools store Docker Hub under the URL of its old API. */
const serverNames = (registry: string): string[] =>
  registry === 'docker.io'
    ? ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io', 'registry-1.docker.io']
    : [registry]

const serverName = (name: string): string =>
  name
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/$/, '')

const sameServer = (name: string, key: string): boolean => serverName(name) === serverName(key)

function credentialIn(found: z.infer<typeof entry>, from: string): Credential | undefined {
  if (found.registrytoken) return { kind: 'bearer', token: found.registrytoken, from }
  if (found.identitytoken) return { kind: 'identity', token: found.identitytoken, from }
  if (found.username && found.password) {
    return { kind: 'password', username: found.username, password: found.password, from }
  }
  return found.auth ? basicAuth(found.auth, from) : undefined
}

/** Decodes `auth`, base64 of `user:password`. The password may contain colons; old tools padded it with NUL bytes. */
function basicAuth(auth: string, from: string): Credential | undefined {
  const plain = Buffer.from(auth, 'base64').toString('utf8')
  const colon = plain.indexOf(':')
  const [username, password] = [plain.slice(0, colon), plain.slice(colon + 1).replace(/\0+$/, '')]
  return colon > 0 && password !== '' ? { kind: 'password', username, password, from } : undefined
}
