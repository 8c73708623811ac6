import { setTimeout as sleep } from 'node:timers/promises'
import type { Area } from '../../core/observed.ts'
import type { HostView, PortsFact, RunnerFact, VantageFact } from '../../facts/runner.ts'
import type { Listener } from '../../settings/plan/listeners.ts'
import type { Env } from '../../settings/sources.ts'
import type { EngineApi } from './docker/api.ts'
import { type DockerSide, observeDocker } from './docker/docker.ts'
import { type Snapshot, takeSnapshot } from './docker/sibling.ts'
import { openEngine } from './docker/socket.ts'
import { observeHost } from './host/host.ts'
import type { HostAccess } from './host-access.ts'
import { observeInterfaces } from './interfaces.ts'
import { observePorts } from './ports/ports.ts'
import { containerKind, observeVantage } from './vantage.ts'

/** What observing the runner needs from outside. */
export interface RunnerOptions {
  access: HostAccess
  env: Env
  /** How long to watch the host; from the setting `runner_window`, as the next three are from theirs. */
  windowMs: number
  listeners: Listener[]
  dockerSocket?: string
  hostSnapshot: boolean
  /** Ends the watch early where the host's own state cannot be read anyway. */
  endEarly?: AbortSignal
  /** Whether the first reading contradicts itself, so that a second one is needed. */
  isInconsistent: (fact: RunnerFact) => boolean
}

/** Docker takes up to half a second to create a network; an inconsistency that outlasts this is not one in progress. */
const rereadAfterMs = 2500

/**
 * Observes the runner from wherever this process runs, as far as possible. Creates no bridge, link or rule; the only thing
 * it may start is the sibling that `host_snapshot` asks for. Never fails: an area that was not seen says why.
 */
export async function observeRunner(options: RunnerOptions): Promise<RunnerFact> {
  const { access, env } = options
  const connection = await openEngine({
    ...(options.dockerSocket === undefined ? {} : { setting: options.dockerSocket }),
    env,
    uid: access.uid,
    signal: access.signal,
  })
  try {
    const docker = await observeDocker({
      connection,
      container: await containerKind(access, env),
      now: access.now,
    })
    const { engine, networks } = docker
    const vantage = await observeVantage({ access, env, socket: connection.socket, engine, networks })
    const inspected = await inspectHost(options, vantage, connection.api)
    const fact = await runnerFactOf(options, docker, inspected)
    return options.isInconsistent(fact)
      ? await withSecondReading(options, fact, docker, connection.api)
      : fact
  } finally {
    await connection.api?.close()
  }
}

/** The host's own state, and from where it was read. */
interface ObservedHost {
  vantage: VantageFact
  host: HostView
}

type HostSockets = Pick<Parameters<typeof observePorts>[0], 'host' | 'nodeAddresses'>

async function inspectHost(
  options: RunnerOptions,
  vantage: VantageFact,
  api: EngineApi | undefined,
): Promise<ObservedHost & { ports: Area<PortsFact> }> {
  const inspecting = readHost(options, vantage, api)
  // Where the host's sockets cannot be read, dialling its ports need not wait for them.
  if (vantage.hostView === 'none' && !options.hostSnapshot) {
    const [observed, ports] = await Promise.all([inspecting, observeHostPorts(options, vantage, {})])
    return { ...observed, ports }
  }
  const observed = await inspecting
  return { ...observed, ports: await observeHostPorts(options, vantage, hostSocketsOf(observed.host)) }
}

const hostSocketsOf = ({ listeners, routes }: HostView): HostSockets => ({
  ...(listeners.seen ? { host: listeners.value } : {}),
  ...(routes.seen ? { nodeAddresses: routes.value.local } : {}),
})

/** Through a sibling where `host_snapshot` asks for one and this process cannot read the rules itself, else from here. */
async function readHost(
  { access, windowMs, hostSnapshot, endEarly }: RunnerOptions,
  vantage: VantageFact,
  api: EngineApi | undefined,
): Promise<ObservedHost> {
  const { namespace, hostPid, capabilities, hostView } = vantage
  const canReadRules = namespace !== 'container' && capabilities.includes('NET_ADMIN')
  const snapshot = hostSnapshot && !canReadRules ? await trySnapshot(api, access, windowMs) : undefined
  if (snapshot?.ok) return { vantage: { ...vantage, hostView: 'sibling' }, host: snapshot.view }
  const host = await observeHost({
    ...{ access, namespace, hostPid, windowMs },
    ...(hostView === 'none' && endEarly ? { endEarly } : {}),
  })
  return { vantage: snapshot ? { ...vantage, snapshotFailed: snapshot.why } : vantage, host }
}

async function trySnapshot(
  api: EngineApi | undefined,
  access: HostAccess,
  windowMs: number,
): Promise<Snapshot> {
  return api
    ? takeSnapshot({ api, access, windowMs })
    : { ok: false, why: 'no container engine answers at a socket' }
}

/**
 * Outside a container, only the ports in the setting `listeners` are dialled: connections from the host to itself do not show
 * how containers reach it. A gateway is dialled only from a container.
 */
async function observeHostPorts(
  { access, listeners, windowMs }: RunnerOptions,
  { namespace, container }: VantageFact,
  host: HostSockets,
): Promise<Area<PortsFact>> {
  const inContainer = namespace === 'container' && container !== 'none'
  if (!inContainer && listeners.length === 0) {
    const why = 'this process does not run in a container: only ports in the setting listeners are dialled'
    return { seen: false, why, remedies: ['listeners'], applies: false }
  }
  const from = inContainer ? 'container' : 'host'
  return observePorts({ access, from, listeners, windowMs, ...host })
}

async function runnerFactOf(
  options: RunnerOptions,
  docker: DockerSide,
  { vantage, host, ports }: ObservedHost & { ports: Area<PortsFact> },
): Promise<RunnerFact> {
  const { links, rules, routes, kernel, conntrack, pressure, programs, daemons, proxies } = host
  const interfaces = vantage.namespace === 'container' ? await observeInterfaces(options.access) : undefined
  return {
    ...{
      vantage,
      engine: docker.engine,
      networks: docker.networks,
      churn: await churnOf(docker, host),
    },
    ...{ links, rules, routes, ports, kernel, conntrack, pressure, programs },
    ...(interfaces ? { interfaces } : {}),
    ...(daemons ? { daemons } : {}),
    ...(proxies ? { proxies } : {}),
    ...(docker.published ? { published: docker.published } : {}),
    at: options.access.now(),
  }
}

/** The engine's own events show the most, then the kernel log. */
async function churnOf(docker: DockerSide, host: HostView): Promise<RunnerFact['churn']> {
  const events = await docker.churn()
  if (events.seen) return events
  return host.churn.seen || !events.applies ? host.churn : events
}

/** Adds a second reading of networks, links and rules: what only one reading shows was changing, and is not a finding. */
async function withSecondReading(
  options: RunnerOptions,
  fact: RunnerFact,
  docker: DockerSide,
  api: EngineApi | undefined,
): Promise<RunnerFact> {
  const { access } = options
  await sleep(rereadAfterMs, undefined, { signal: access.signal }).catch(() => {})
  const { networks, published } = await docker.reread()
  const { host } = await readHost({ ...options, windowMs: 0 }, fact.vantage, api)
  const { links, rules, proxies } = host
  const again = {
    ...{ networks, links, rules },
    ...(proxies ? { proxies } : {}),
    ...(published ? { published } : {}),
  }
  return { ...fact, again, at: access.now() }
}
