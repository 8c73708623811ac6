import type { Facts, ImageFact, RunnerFact } from '../core/model.ts'
import type { Plan } from '../settings/plan/plan.ts'
import type { Settings } from '../settings/schema.ts'
import type { Env } from '../settings/sources.ts'
import { type AuthSource, ambientSources, createCredentials } from './credentials/credentials.ts'
import { openWire, type Wire } from './http/client.ts'
import { observeImages } from './image/image.ts'
import { withBeyond } from './runner/beyond.ts'
import { realWorld } from './runner/host-access.ts'
import { observeRunner } from './runner/runner.ts'

/** What observing needs from outside. */
export interface ObserveOptions {
  settings: Settings
  plan: Plan
  version: string
  /** Certificate authorities to trust beside the built-in ones, in PEM form. */
  authorities: string[]
  /** Docker's certs.d: authorities and client certificates by host. */
  certsRoot: string
  /** What the setting `docker_config` holds. */
  authSources: AuthSource[]
  /** The step's environment: proxies, and where credentials lie. */
  env: Env
  signal: AbortSignal
  keepSecret: (secret: string) => void
  progress: (change: { found?: number; done?: number }) => void
  now: () => number
  /** Whether what was read of a runner does not go together, so that it has to be read again. */
  suspicious: (runner: RunnerFact) => boolean
}

/** Gathers all facts of a run. It ends when everything was looked at, or soon after `signal` aborts. */
export async function observe(options: ObserveOptions): Promise<Facts> {
  const { settings } = options
  const wire = openWire({
    signal: options.signal,
    skipTlsVerify: settings.skip_tls_verify,
    authorities: options.authorities,
    certsRoot: options.certsRoot,
    env: options.env,
    privateRedirects: settings.private_redirects,
    connections: settings.concurrency,
    userAgent: `regguard/${options.version}`,
    now: options.now,
  })
  const imagesDone = new AbortController()
  try {
    const [image, runner] = await Promise.all([
      lookAtImages(options, wire).finally(() => imagesDone.abort()),
      settings.checks.includes('runner') ? lookAtRunner(options, imagesDone.signal) : undefined,
    ])
    const road = wire.ledger.fact()
    return { image, road, ...(runner ? { runner: withBeyond(runner, road) } : {}) }
  } finally {
    await wire.close()
  }
}

async function lookAtImages(options: ObserveOptions, wire: Wire): Promise<ImageFact> {
  const { plan, authSources, env, signal, keepSecret } = options
  const sources = [...authSources, ...(await ambientSources(env))]
  const credentials = createCredentials({ logins: plan.logins, sources, env, signal, keepSecret })
  return observeImages({ ...options, ...plan, wire, credentials })
}

function lookAtRunner(options: ObserveOptions, imagesDone: AbortSignal): Promise<RunnerFact> {
  const { settings, plan, env, signal, now, suspicious } = options
  return observeRunner({
    ...{ env, suspicious, listeners: plan.listeners },
    world: realWorld({ signal, now, path: env.PATH ?? '' }),
    windowMs: settings.runner_window,
    hostSnapshot: settings.host_snapshot,
    ...(settings.docker_socket === undefined ? {} : { dockerSocket: settings.docker_socket }),
    // Alone, the look at the runner has the whole window.
    ...(plan.targets.length > 0 || plan.catalog ? { enough: imagesDone } : {}),
  })
}
