import type { Repository } from '../../oci/reference.ts'
import { isInsecure, skipsTlsVerify } from '../../settings/plan/insecure.ts'
import type { Login } from '../../settings/plan/logins.ts'
import type { Settings } from '../../settings/schema.ts'
import type { Env } from '../../settings/sources.ts'
import { type AuthSource, ambientSources, createCredentials } from '../credentials/credentials.ts'
import { type HttpClient, openHttpClient } from '../http/client.ts'
import { concurrencyOf } from '../http/concurrency.ts'
import { openRegistry, type Registry } from '../registry/registry.ts'

/** What the requests of a watch need from outside. */
export interface WatchAccess {
  settings: Settings
  logins: Login[]
  version: string
  authorities: string[]
  certsRoot: string
  authSources: AuthSource[]
  env: Env
  keepSecret: (secret: string) => void
  /** Forgets a secret that is over, once for each time that it was kept. */
  forgetSecret: (secret: string) => void
  now: () => number
}

/** A registry during one run. Each run has connections and tokens of its own, so that nothing old is left from the last. */
export interface WatchedRegistry {
  at: Pick<Repository, 'registry' | 'apiHost'>
  client: HttpClient
  registry: Registry
  /** The secrets of this run alone: they are kept as such until they are forgotten. */
  tokens: string[]
}

/** Opens a registry for one run. Its client must be closed. */
export async function openWatched(
  access: WatchAccess,
  at: Pick<Repository, 'registry' | 'apiHost'>,
  signal: AbortSignal,
): Promise<WatchedRegistry> {
  const { settings, logins, env, keepSecret, now } = access
  const concurrency = concurrencyOf(settings.concurrency)
  const client = openHttpClient({
    ...{ signal, authorities: access.authorities, certsRoot: access.certsRoot, env, now },
    skipTlsVerify: (host) => skipsTlsVerify(settings, host),
    privateRedirects: settings.private_redirects,
    connections: concurrency.http1,
    userAgent: `regguard/${access.version}`,
    logged: 0,
  })
  const sources = [...access.authSources, ...(await ambientSources(env))]
  const credentials = createCredentials({ logins, sources, env, signal, keepSecret })
  const tokens: string[] = []
  const registry = openRegistry({
    ...{ client, host: at.apiHost, now, concurrency },
    keepSecret: (token) => {
      keepSecret(token)
      tokens.push(token)
    },
    credential: (repository) => credentials(at.registry, at.apiHost, repository),
    insecure: isInsecure(settings, at.apiHost),
  })
  return { at, client, registry, tokens }
}
