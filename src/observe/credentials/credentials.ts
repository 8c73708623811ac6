import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Observed } from '../../core/observed.ts'
import { seen } from '../../core/observed.ts'
import type { Login } from '../../settings/plan/logins.ts'
import type { Env } from '../../settings/sources.ts'
import { type AuthFile, lookUp, parseAuthFile } from './auth-file.ts'
import { type Credential, secretOf } from './credential.ts'
import { credentialFromHelper } from './helper.ts'

/** Finds the credential for a repository, undefined if there is none; each repository is looked up once. */
export type Credentials = (
  registry: string,
  apiHost: string,
  repository: string,
) => Promise<Observed<Credential | undefined>>

/** An auth file, and its source as messages name it. */
export interface AuthSource {
  from: string
  auth: AuthFile
}

/**
 * Creates the lookup of credentials: first the logins of the settings, then `sources` in their order. The first source with an entry
 * for the registry is used.
 */
export function createCredentials(options: {
  logins: Login[]
  sources: AuthSource[]
  env: Env
  /** Ends a running helper when the run ends. */
  signal: AbortSignal
  /** Called with every secret that is found, so that outputs can mask it. */
  keepSecret: (secret: string) => void
}): Credentials {
  const known = new Map<string, Promise<Observed<Credential | undefined>>>()
  const find = async (
    registry: string,
    apiHost: string,
    repository: string,
  ): Promise<Observed<Credential | undefined>> => {
    const login = options.logins.find((one) => one.registry === registry)
    if (login) return seen({ kind: 'password', ...login })
    for (const { auth, from } of options.sources) {
      const entry = lookUp(auth, registry, repository, from)
      if (!entry) continue
      if ('credential' in entry) return seen(entry.credential)
      const credential = await credentialFromHelper(entry.helper, entry.server, apiHost, options)
      if (!credential.seen || credential.value) return credential
    }
    return seen(undefined)
  }
  return (registry, apiHost, repository) => {
    const key = `${registry}/${repository}`
    const found =
      known.get(key) ??
      find(registry, apiHost, repository).then((result) => {
        if (result.seen && result.value) options.keepSecret(secretOf(result.value))
        return result
      })
    known.set(key, found)
    return found
  }
}

/**
 * The auth files of the step's environment, in order of precedence: `DOCKER_AUTH_CONFIG` (the JSON itself),
 * `$DOCKER_CONFIG/config.json` or `~/.docker/config.json`, `$REGISTRY_AUTH_FILE`, and `containers/auth.json` in
 * `$XDG_RUNTIME_DIR` or `~/.config`. No setting names them, so a file that is missing or not valid is ignored.
 */
export async function ambientSources(env: Env): Promise<AuthSource[]> {
  const { HOME: home, XDG_RUNTIME_DIR: runtime, DOCKER_CONFIG: docker, REGISTRY_AUTH_FILE: named } = env
  const files = [
    docker ? join(docker, 'config.json') : home && join(home, '.docker/config.json'),
    named,
    runtime && join(runtime, 'containers/auth.json'),
    home && join(home, '.config/containers/auth.json'),
  ]
  const found: AuthSource[] = []
  const inline = env.DOCKER_AUTH_CONFIG && parseAuthFile(env.DOCKER_AUTH_CONFIG)
  if (inline) found.push({ from: 'DOCKER_AUTH_CONFIG', auth: inline })
  for (const path of files) {
    const content = path && (await readFile(path, 'utf8').catch(() => undefined))
    const auth = content ? parseAuthFile(content) : undefined
    if (path && auth) found.push({ from: path, auth })
  }
  return found
}
