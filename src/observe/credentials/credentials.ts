import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Observed } from '../../core/observed.ts'
import { seen } from '../../core/observed.ts'
import type { Login } from '../../settings/plan/logins.ts'
import type { Env } from '../../settings/sources.ts'
import { type AuthFile, lookUp, parseAuthFile } from './auth-file.ts'
import { type Credential, secretOf } from './credential.ts'
import { askHelper } from './helper.ts'

/** Finds who to be at a repository; the answer is remembered. */
export type Credentials = (
  registry: string,
  apiHost: string,
  repository: string,
) => Promise<Observed<Credential | undefined>>

/** An auth file, and where it came from. */
export interface AuthSource {
  from: string
  auth: AuthFile
}

/**
 * Credentials in the order users expect: what the settings name, then Docker's configuration from the setting, then what the
 * step's environment and home hold. The first source that knows the registry decides.
 */
export function createCredentials(options: {
  logins: Login[]
  sources: AuthSource[]
  env: Env
  /** Ends a helper that is under way when the run ends. */
  signal: AbortSignal
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
      const answer = lookUp(auth, registry, repository, from)
      if (!answer) continue
      if ('credential' in answer) return seen(answer.credential)
      const asked = await askHelper(answer.helper, answer.server, apiHost, options)
      if (!asked.seen || asked.value) return asked
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
 * The auth files of a step's surroundings, in the order they are asked: `DOCKER_AUTH_CONFIG` (the JSON itself),
 * `$DOCKER_CONFIG/config.json` or `~/.docker/config.json`, `$REGISTRY_AUTH_FILE`, containers' `auth.json`. One that is not
 * there, or is no such file, is passed over: nobody named it to us.
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
