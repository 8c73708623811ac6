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

/** Docker's config.json, or containers' auth.json, read: who to be where. */
export type AuthFile = z.infer<typeof file>

/** Reads an auth file; undefined when it is no JSON of that form. */
export function parseAuthFile(content: string): AuthFile | undefined {
  try {
    return file.safeParse(JSON.parse(content)).data
  } catch {
    return undefined
  }
}

/** What an auth file says for a repository: a credential, a helper to ask, or nothing. */
export type Answer = { credential: Credential } | { helper: string; server: string } | undefined

/**
 * Looks a repository up as containers-auth.json(5) has it: `host/namespace/repository` first, then shorter and shorter, then the
 * host; a helper for the host comes before the entries, the store of all after them (Docker's order).
 */
export function lookUp(auth: AuthFile, registry: string, repository: string, from: string): Answer {
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

/** `host/team/app`, `host/team`: never the bare host, which has spellings of its own. */
function paths(registry: string, repository: string): string[] {
  const parts = repository.split('/')
  return parts.map((_, at) => [registry, ...parts.slice(0, parts.length - at)].join('/'))
}

/** Docker Hub's key is an old address that every tool writes. */
const serverNames = (registry: string): string[] =>
  registry === 'docker.io'
    ? ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io', 'registry-1.docker.io']
    : [registry]

const bare = (name: string): string =>
  name
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/$/, '')

const sameServer = (name: string, key: string): boolean => bare(name) === bare(key)

function credentialIn(found: z.infer<typeof entry>, from: string): Credential | undefined {
  if (found.registrytoken) return { kind: 'bearer', token: found.registrytoken, from }
  if (found.identitytoken) return { kind: 'identity', token: found.identitytoken, from }
  if (found.username && found.password) {
    return { kind: 'password', username: found.username, password: found.password, from }
  }
  return found.auth ? basicAuth(found.auth, from) : undefined
}

/** `auth` is base64 of `user:password`; the password may hold colons, and old tools padded it with NULs. */
function basicAuth(auth: string, from: string): Credential | undefined {
  const plain = Buffer.from(auth, 'base64').toString('utf8')
  const colon = plain.indexOf(':')
  const [username, password] = [plain.slice(0, colon), plain.slice(colon + 1).replace(/\0+$/, '')]
  return colon > 0 && password !== '' ? { kind: 'password', username, password, from } : undefined
}
