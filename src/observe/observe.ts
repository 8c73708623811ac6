import type { Group } from '../core/groups.ts'
import type { Facts } from '../facts/facts.ts'
import type { ImageFact } from '../facts/image.ts'
import type { Observation } from '../facts/observations.ts'
import type { MirrorsFact } from '../facts/path/mirrors.ts'
import type { NamesFact } from '../facts/path/names.ts'
import type { RoundFact } from '../facts/path/round.ts'
import type { PathFact } from '../facts/path.ts'
import { hasRetriesOnPath, isPathFailing } from '../facts/queries/path/failing.ts'
import { roundOf } from '../facts/queries/path/rounds.ts'
import type { RegistryFact } from '../facts/registry.ts'
import type { RunnerFact } from '../facts/runner.ts'
import { skipsTlsVerify } from '../settings/plan/insecure.ts'
import type { Plan } from '../settings/plan/plan.ts'
import type { Settings } from '../settings/schema.ts'
import type { Env } from '../settings/sources.ts'
import { type AuthSource, ambientSources, createCredentials } from './credentials/credentials.ts'
import { type HttpClient, openHttpClient } from './http/client.ts'
import { observeImages } from './image/image.ts'
import { createStallLog, type StallLog } from './path/mtu/stall-log.ts'
import { observeNames } from './path/names/observe-names.ts'
import type { NameSources } from './path/names/sources.ts'
import { createOtherAddresses, type OtherAddresses } from './path/other-addresses.ts'
import { observePath, type Requests } from './path/path.ts'
import type { ProbeOptions } from './path/probe-leg.ts'
import { withBeyond } from './runner/beyond.ts'
import { type HostAccess, openHostAccess } from './runner/host-access.ts'
import { observeRunner } from './runner/runner.ts'

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

/** The options, with what the observers of the path share. */
type Shared = ObserveOptions & { stalls: StallLog }

/** What the observers share: one HTTP client and one walk through the images, started by the first that needs it. */
interface Session {
  options: Shared
  client: HttpClient
  images: () => ReturnType<typeof observeImages>
  /** Aborted when the images are done, so that watching the runner need not prolong the run. */
  imagesDone: AbortSignal
  others: OtherAddresses
}

/** The observer of each group's facts. */
const observers = {
  image: async ({ images }) => (await images()).image,
  registry: async ({ images }) => (await images()).registry,
  path: async (session) => {
    const { options, images, client, others } = session
    const requests = images().then((found) => {
      const path = client.requestLog.fact()
      return { path, isFailing: isPathFailing(found) || hasRetriesOnPath(path) }
    })
    if (!wants(options, ['path'])) return (await requests).path
    const [path, addresses, rounds, names, mirrors] = await Promise.all([
      inspectPath(options, requests),
      requests.then(others.results),
      repeatImages(session),
      inspectNames(session, requests),
      inspectMirrors(session),
    ])
    return {
      ...path,
      ...(addresses.length > 0 ? { addresses } : {}),
      ...(rounds.length > 0 ? { rounds } : {}),
      ...(names ? { names } : {}),
      ...(mirrors ? { mirrors } : {}),
    }
  },
  runner: async ({ options, imagesDone }) =>
    wants(options, ['runner']) ? inspectRunner(options, imagesDone) : undefined,
} satisfies { [G in Group]: (session: Session) => Promise<Facts[G]> }

/** Gathers the facts of a run; returns when all wanted observations are complete, or soon after `signal` aborts. */
export async function observe(given: ObserveOptions): Promise<Facts> {
  const options = { ...given, stalls: createStallLog(hostAccess(given)) }
  const others = createOtherAddresses(options)
  const client = openClient(options, options.wanted.has('path.addresses') ? others.connected : undefined)
  const imagesDone = new AbortController()
  let walk: ReturnType<typeof observeImages> | undefined
  const images = () => {
    walk ??= inspectImages(options, client).finally(() => imagesDone.abort())
    return walk
  }
  const session = { options, client, images, imagesDone: imagesDone.signal, others }
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

const hostAccess = ({ signal, now, env }: ObserveOptions): HostAccess =>
  openHostAccess({ signal, now, path: env.PATH ?? '' })

/** Reads the state of stalled connections only for checks that need it. */
const onStall = ({ wanted, stalls }: Shared) => (wanted.has('path.mtu') ? { onStall: stalls.record } : {})

const openClient = (options: Shared, connected?: OtherAddresses['connected']): HttpClient =>
  openHttpClient({
    ...(connected ? { connected } : {}),
    signal: options.signal,
    skipTlsVerify: (host) => skipsTlsVerify(options.settings, host),
    authorities: options.authorities,
    certsRoot: options.certsRoot,
    env: options.env,
    privateRedirects: options.settings.private_redirects,
    connections: options.settings.concurrency,
    userAgent: `regguard/${options.version}`,
    now: options.now,
    ...onStall(options),
  })

const wants = ({ wanted }: ObserveOptions, groups: Group[]): boolean =>
  [...wanted].some((observation) => groups.some((group) => observation.startsWith(`${group}.`)))

async function inspectImages(
  options: Shared,
  client: HttpClient,
): Promise<{ image: ImageFact; registry: RegistryFact }> {
  const { plan, authSources, env, signal, keepSecret, settings } = options
  // A check of another group that reads images is content with one of each.
  const extent = settings.checks.includes('image') ? 'whole' : 'sample'
  if (extent === 'sample' && !wants(options, ['image', 'registry', 'path']))
    return {
      image: { depth: settings.depth, extent, targets: [], repositories: [] },
      registry: { quirks: [] },
    }
  const sources = [...authSources, ...(await ambientSources(env))]
  const credentials = createCredentials({ logins: plan.logins, sources, env, signal, keepSecret })
  const pushAccess = settings.push_access && options.wanted.has('registry.push')
  return observeImages({ ...options, ...plan, client, credentials, extent, pushAccess })
}

const probeOptions = (options: Shared): ProbeOptions => ({
  ...options,
  skipTlsVerify: (host) => skipsTlsVerify(options.settings, host),
  userAgent: `regguard/${options.version}`,
  ...onStall(options),
})

async function inspectMirrors({ options, images }: Session): Promise<MirrorsFact | undefined> {
  const { settings, plan, wanted } = options
  if (settings.mirror_config.length === 0 || !wanted.has('path.mirrors')) return undefined
  // Its parsers are loaded only where there is something to parse.
  const { observeMirrors } = await import('./path/mirrors/mirrors.ts')
  return observeMirrors(
    images().then(({ image }) => image),
    {
      ...probeOptions(options),
      mirrorConfig: settings.mirror_config,
      targets: plan.targets,
    },
  )
}

function inspectPath(options: Shared, requests: Promise<Requests>): Promise<PathFact> {
  const { settings, plan, wanted } = options
  return observePath(requests, {
    ...probeOptions(options),
    stalls: options.stalls,
    privateRedirects: settings.private_redirects,
    endpoints: wanted.has('path.legs') ? plan.endpoints : [],
    always: settings.vantage !== undefined,
    mtu: !wanted.has('path.mtu') ? 'never' : settings.path_mtu ? 'always' : 'after a timeout',
    repeat: settings.repeat,
    references: plan.targets.map(({ reference }) => reference),
    dockerSocket: settings.docker_socket,
  })
}

/** Asks for the names of the path, beside the requests to them. */
async function inspectNames(
  { options, client }: Session,
  requests: Promise<Requests>,
): Promise<NamesFact | undefined> {
  const { settings, plan, signal, nameSources = {}, wanted } = options
  if (!wanted.has('path.names')) return undefined
  const expectsAddresses = settings.internal_addresses.length > 0 || settings.expect_pins.length > 0
  const askForHosts = observeNames({
    ...{
      plan,
      client,
      signal,
      sources: { ...nameSources, dnsConfig: settings.dns_config },
      expectsAddresses,
    },
    probe: probeOptions(options),
  })
  return askForHosts(await requests)
}

/** Verifies the images as often as `repeat` asks for, each time with a client, and so with connections, of its own. */
async function repeatImages({ options, client, images }: Session): Promise<RoundFact[]> {
  const { settings, plan, now, signal } = options
  const rounds: RoundFact[] = []
  if (settings.repeat === 1 || (plan.targets.length === 0 && !plan.catalog)) return rounds
  while (rounds.length < settings.repeat && !signal.aborted) {
    const isFirst = rounds.length === 0
    const own = isFirst ? client : openClient(options)
    const at = now()
    const facts = await (isFirst ? images() : inspectImages(options, own))
    rounds.push(roundOf(facts, own.requestLog.fact(), at, now() - at))
    if (!isFirst) await own.close()
  }
  return rounds
}

function inspectRunner(options: ObserveOptions, imagesDone: AbortSignal): Promise<RunnerFact> {
  const { settings, plan, env, isInconsistent } = options
  return observeRunner({
    ...{ env, isInconsistent, listeners: plan.listeners },
    access: hostAccess(options),
    windowMs: settings.runner_window,
    hostSnapshot: settings.host_snapshot,
    ...(settings.docker_socket === undefined ? {} : { dockerSocket: settings.docker_socket }),
    // Without images to verify, the runner is watched for the whole window.
    ...(plan.targets.length > 0 || plan.catalog ? { endEarly: imagesDone } : {}),
  })
}
