import type { Group } from '../core/groups.ts'
import type { Facts } from '../facts/facts.ts'
import type { ImageFact } from '../facts/image.ts'
import type { Observation } from '../facts/observations.ts'
import type { RegistryFact } from '../facts/registry.ts'
import type { RunnerFact } from '../facts/runner.ts'
import type { Plan } from '../settings/plan/plan.ts'
import type { Settings } from '../settings/schema.ts'
import type { Env } from '../settings/sources.ts'
import { type AuthSource, ambientSources, createCredentials } from './credentials/credentials.ts'
import { type HttpClient, openHttpClient } from './http/client.ts'
import { observeImages } from './image/image.ts'
import { withBeyond } from './runner/beyond.ts'
import { openHostAccess } from './runner/host-access.ts'
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
  /** What the enabled checks read: nothing else is observed. */
  wanted: ReadonlySet<Observation>
  /** Whether what was read of a runner does not go together, so that it has to be read again. */
  inconsistent: (runner: RunnerFact) => boolean
}

/** What observers share: one HTTP client, and one walk through the images, whoever asks first. */
interface Session {
  options: ObserveOptions
  client: HttpClient
  images: () => ReturnType<typeof observeImages>
  /** Aborted when the images are done: the runner need not be watched longer for their sake. */
  imagesDone: AbortSignal
}

/** Who gathers the facts of each group. */
const observers = {
  image: async ({ images }) => (await images()).image,
  registry: async ({ images }) => (await images()).registry,
  path: async ({ images, client }) => {
    await images()
    return client.requestLog.fact()
  },
  runner: async ({ options, imagesDone }) =>
    wants(options, ['runner']) ? inspectRunner(options, imagesDone) : undefined,
} satisfies { [G in Group]: (session: Session) => Promise<Facts[G]> }

/** Gathers the facts of a run. It ends when everything that is wanted was observed, or soon after `signal` aborts. */
export async function observe(options: ObserveOptions): Promise<Facts> {
  const client = openHttpClient({
    signal: options.signal,
    skipTlsVerify: options.settings.skip_tls_verify,
    authorities: options.authorities,
    certsRoot: options.certsRoot,
    env: options.env,
    privateRedirects: options.settings.private_redirects,
    connections: options.settings.concurrency,
    userAgent: `regguard/${options.version}`,
    now: options.now,
  })
  const imagesDone = new AbortController()
  let walk: ReturnType<typeof observeImages> | undefined
  const images = () => {
    walk ??= inspectImages(options, client).finally(() => imagesDone.abort())
    return walk
  }
  const session = { options, client, images, imagesDone: imagesDone.signal }
  try {
    const [image, registry, path, runner] = await Promise.all([
      observers.image(session),
      observers.registry(session),
      observers.path(session),
      observers.runner(session),
    ])
    return { image, registry, path, ...(runner ? { runner: withBeyond(runner, path) } : {}) }
  } finally {
    await client.close()
  }
}

const wants = ({ wanted }: ObserveOptions, groups: Group[]): boolean =>
  [...wanted].some((observation) => groups.some((group) => observation.startsWith(`${group}.`)))

async function inspectImages(
  options: ObserveOptions,
  client: HttpClient,
): Promise<{ image: ImageFact; registry: RegistryFact }> {
  const { plan, authSources, env, signal, keepSecret, settings } = options
  const extent = wants(options, ['image']) ? 'whole' : 'sample'
  if (extent === 'sample' && !wants(options, ['registry', 'path']))
    return {
      image: { depth: settings.depth, extent, targets: [], repositories: [] },
      registry: { quirks: [] },
    }
  const sources = [...authSources, ...(await ambientSources(env))]
  const credentials = createCredentials({ logins: plan.logins, sources, env, signal, keepSecret })
  return observeImages({ ...options, ...plan, client, credentials, extent })
}

function inspectRunner(options: ObserveOptions, imagesDone: AbortSignal): Promise<RunnerFact> {
  const { settings, plan, env, signal, now, inconsistent } = options
  return observeRunner({
    ...{ env, inconsistent, listeners: plan.listeners },
    access: openHostAccess({ signal, now, path: env.PATH ?? '' }),
    windowMs: settings.runner_window,
    hostSnapshot: settings.host_snapshot,
    ...(settings.docker_socket === undefined ? {} : { dockerSocket: settings.docker_socket }),
    // Alone, the look at the runner has the whole window.
    ...(plan.targets.length > 0 || plan.catalog ? { enough: imagesDone } : {}),
  })
}
