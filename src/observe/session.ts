import type { Group } from '../core/groups.ts'
import type { ImageFact } from '../facts/image.ts'
import type { Observation } from '../facts/observations.ts'
import type { RegistryFact } from '../facts/registry.ts'
import type { RunnerFact } from '../facts/runner.ts'
import { skipsTlsVerify } from '../settings/plan/insecure.ts'
import type { Plan } from '../settings/plan/plan.ts'
import type { Settings } from '../settings/schema.ts'
import type { Env } from '../settings/sources.ts'
import {
  type AuthSource,
  ambientSources,
  type Credentials,
  createCredentials,
} from './credentials/credentials.ts'
import { type HttpClient, openHttpClient } from './http/client.ts'
import { concurrencyOf } from './http/concurrency.ts'
import { observeImages } from './image/image.ts'
import { createStallLog, type StallLog } from './path/mtu/stall-log.ts'
import type { NameSources } from './path/names/sources.ts'
import { createOtherAddresses, type OtherAddresses } from './path/other-addresses.ts'
import { type HostAccess, openHostAccess } from './runner/host-access.ts'

/** What the observers need from outside. */
export interface ObserveOptions {
  settings: Settings
  plan: Plan
  version: string
  /** Certificate authorities to trust in addition to the built-in ones, in PEM form. */
  authorities: string[]
  /** Docker's certs.d: authorities and client certificates by host. */
  certsRoot: string
  /** Credentials from the setting `docker_config`. */
  authSources: AuthSource[]
  /** The step's environment: proxies, and the location of credentials. */
  env: Env
  signal: AbortSignal
  keepSecret: (secret: string) => void
  progress: (change: { found?: number; done?: number }) => void
  now: () => number
  /** The observations that the enabled checks read; nothing else is gathered. */
  wanted: ReadonlySet<Observation>
  /** Where resolvers are configured, if not where libc reads it. */
  nameSources?: Partial<NameSources>
  /** Whether the first reading of a runner contradicts itself, so that a second one is needed. */
  isInconsistent: (runner: RunnerFact) => boolean
}

/** What was found of the images and their registries. */
type Found = { image: ImageFact; registry: RegistryFact }

/** What the observers of a run share: one HTTP client and one walk through the images, started by the first that needs it. */
export interface Session {
  options: ObserveOptions
  client: HttpClient
  /** Walks through the images; the second call gives the same walk. */
  images: () => Promise<Found>
  /** Walks through them once more, with connections of its own. */
  imagesAgain: (client: HttpClient) => Promise<Found>
  /** The logins of the settings and of the surroundings. */
  credentials: () => Promise<Credentials>
  /** Opens another client like `client`, for connections that share nothing with it. */
  openClient: () => HttpClient
  /** Aborted when the images are done, so that watching the runner need not prolong the run. */
  imagesDone: AbortSignal
  /** The connections that stalled, with what the kernel knew of them. */
  stalls: StallLog
  others: OtherAddresses
}

/** Starts what the observers of a run share. Its client must be closed. */
export function openSession(options: ObserveOptions): Session {
  const stalls = createStallLog(hostAccess(options))
  const others = createOtherAddresses(options)
  const openClient = (connected?: OtherAddresses['connected']) => openClientOf(options, stalls, connected)
  const client = openClient(options.wanted.has('path.addresses') ? others.connected : undefined)
  const imagesDone = new AbortController()
  let walk: Promise<Found> | undefined
  const images = () => {
    walk ??= inspectImages(options, client).finally(() => imagesDone.abort())
    return walk
  }
  return {
    ...{ options, client, images, imagesDone: imagesDone.signal, stalls, others },
    imagesAgain: (other) => inspectImages(options, other),
    credentials: () => credentialsOf(options),
    openClient: () => openClient(),
  }
}

/** Whether an enabled check reads anything of these groups. */
export const wants = ({ wanted }: ObserveOptions, groups: Group[]): boolean =>
  [...wanted].some((observation) => groups.some((group) => observation.startsWith(`${group}.`)))

/** How to read the host that this process runs on. */
export const hostAccess = ({ signal, now, env }: ObserveOptions): HostAccess =>
  openHostAccess({ signal, now, path: env.PATH ?? '' })

/** What requests and probes have in common. The state of stalled connections is read only for checks that need it. */
export const connectionOptions = (options: ObserveOptions, stalls: StallLog) => ({
  skipTlsVerify: (host: string) => skipsTlsVerify(options.settings, host),
  userAgent: `regguard/${options.version}`,
  ...(options.wanted.has('path.mtu') ? { onStall: stalls.record } : {}),
})

const openClientOf = (
  options: ObserveOptions,
  stalls: StallLog,
  connected?: OtherAddresses['connected'],
): HttpClient =>
  openHttpClient({
    ...(connected ? { connected } : {}),
    signal: options.signal,
    authorities: options.authorities,
    certsRoot: options.certsRoot,
    env: options.env,
    privateRedirects: options.settings.private_redirects,
    connections: concurrencyOf(options.settings.concurrency).http1,
    now: options.now,
    ...connectionOptions(options, stalls),
  })

async function credentialsOf({
  plan,
  authSources,
  env,
  signal,
  keepSecret,
}: ObserveOptions): Promise<Credentials> {
  const sources = [...authSources, ...(await ambientSources(env))]
  return createCredentials({ logins: plan.logins, sources, env, signal, keepSecret })
}

async function inspectImages(options: ObserveOptions, client: HttpClient): Promise<Found> {
  const { plan, settings } = options
  // A check of another group that reads images is content with one of each.
  const extent = settings.checks.includes('image') ? 'whole' : 'sample'
  if (extent === 'sample' && !wants(options, ['image', 'registry', 'path']))
    return {
      image: { depth: settings.depth, extent, targets: [], repositories: [] },
      registry: { quirks: [] },
    }
  const credentials = await credentialsOf(options)
  const pushAccess = settings.push_access && options.wanted.has('registry.push')
  return observeImages({ ...options, ...plan, client, credentials, extent, pushAccess })
}
