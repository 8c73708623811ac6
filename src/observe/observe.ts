import type { Facts } from '../model.ts'
import type { Settings } from '../settings/schema.ts'
import type { Env } from '../settings/sources.ts'
import type { Plan } from '../settings/targets.ts'
import { type AuthSource, ambientSources, createCredentials } from './credentials/credentials.ts'
import { observeImages } from './image/image.ts'
import { openWire } from './wire/wire.ts'

/** What observing needs from outside. */
export interface ObserveOptions {
  settings: Settings
  plan: Plan
  version: string
  /** Certificate authorities to trust beside the built-in ones, in PEM form. */
  authorities: string[]
  /** What the setting `docker_config` holds. */
  authSources: AuthSource[]
  /** The step's environment: proxies, and where credentials lie. */
  env: Env
  signal: AbortSignal
  keepSecret: (secret: string) => void
  progress: (change: { found?: number; done?: number }) => void
  now: () => number
}

/** Gathers all facts of a run. It ends when everything was looked at, or soon after `signal` aborts. */
export async function observe(options: ObserveOptions): Promise<Facts> {
  const { settings, plan, now, authSources } = options
  const wire = openWire({
    signal: options.signal,
    skipTlsVerify: settings.skip_tls_verify,
    authorities: options.authorities,
    env: options.env,
    privateRedirects: settings.private_redirects,
    connections: settings.concurrency,
    userAgent: `regguard/${options.version}`,
    now,
  })
  try {
    const sources = [...authSources, ...(await ambientSources(options.env))]
    const credentials = createCredentials({
      logins: plan.logins,
      sources,
      env: options.env,
      signal: options.signal,
      keepSecret: options.keepSecret,
    })
    const image = await observeImages({ ...options, ...plan, wire, credentials })
    return { image, road: wire.ledger.fact() }
  } finally {
    await wire.close()
  }
}
