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

/** What looking at the runner needs from outside. */
export interface RunnerOptions {
  access: HostAccess
  env: Env
  /** From the settings of these names. */
  windowMs: number
  listeners: Listener[]
  dockerSocket?: string
  hostSnapshot: boolean
  /** Where nothing is watched that only the host shows, the look need not go on after this. */
  enough?: AbortSignal
  /** Whether what was read does not go together, so that it has to be read again. */
  inconsistent: (fact: RunnerFact) => boolean
}

/** Docker takes up to half a second for a network; what still does not go together after this was not just being made. */
const againMs = 2500

/**
 * Looks at the runner from wherever this process is, as far as it can. It makes no bridge, no link and no rule; the one
 * thing it may start is the sibling that `host_snapshot` asks for. Never fails: what was not seen says why.
 */
export async function observeRunner(options: RunnerOptions): Promise<RunnerFact> {
  const { access, env } = options
  const found = await openEngine({
    ...(options.dockerSocket === undefined ? {} : { setting: options.dockerSocket }),
    env,
    uid: access.uid,
    signal: access.signal,
  })
  try {
    const docker = await observeDocker({
      found,
      container: await containerKind(access, env),
      now: access.now,
    })
    const { engine, networks } = docker
    const vantage = await observeVantage({ access, env, socket: found.socket, engine, networks })
    const look = await inspectHost(options, vantage, found.api)
    const fact = await joined(options, docker, look)
    return options.inconsistent(fact) ? await readAgain(options, fact, docker, found.api) : fact
  } finally {
    await found.api?.close()
  }
}

/** The host's side, and where it was seen from. */
interface HostInspection {
  vantage: VantageFact
  host: HostView
}

type Listening = Pick<Parameters<typeof observePorts>[0], 'host' | 'nodeAddresses'>

async function inspectHost(
  options: RunnerOptions,
  vantage: VantageFact,
  api: EngineApi | undefined,
): Promise<HostInspection & { ports: Area<PortsFact> }> {
  const look = viewHost(options, vantage, api)
  // Where the host shows nothing of what listens on it, its ports need not wait for it.
  if (vantage.hostView === 'none' && !options.hostSnapshot) {
    const [seen, ports] = await Promise.all([look, portsFrom(options, vantage, {})])
    return { ...seen, ports }
  }
  const seen = await look
  return { ...seen, ports: await portsFrom(options, vantage, listeningIn(seen.host)) }
}

const listeningIn = ({ listeners, routes }: HostView): Listening => ({
  ...(listeners.seen ? { host: listeners.value } : {}),
  ...(routes.seen ? { nodeAddresses: routes.value.local } : {}),
})

/** Through a sibling where that is wanted and shows more than this process sees itself, else from here. */
async function viewHost(
  { access, windowMs, hostSnapshot, enough }: RunnerOptions,
  vantage: VantageFact,
  api: EngineApi | undefined,
): Promise<HostInspection> {
  const { namespace, hostPid, capabilities, hostView } = vantage
  const seesRules = namespace !== 'container' && capabilities.includes('NET_ADMIN')
  const taken = hostSnapshot && !seesRules ? await snapshotBy(api, access, windowMs) : undefined
  if (taken?.ok) return { vantage: { ...vantage, hostView: 'sibling' }, host: taken.view }
  const host = await observeHost({
    ...{ access, namespace, hostPid, windowMs },
    ...(hostView === 'none' && enough ? { enough } : {}),
  })
  return { vantage: taken ? { ...vantage, snapshotFailed: taken.why } : vantage, host }
}

async function snapshotBy(
  api: EngineApi | undefined,
  access: HostAccess,
  windowMs: number,
): Promise<Snapshot> {
  return api
    ? takeSnapshot({ api, access, windowMs })
    : { ok: false, why: 'no engine answers at a socket here' }
}

/**
 * A process on the host itself asks nothing of it unasked: its own connections do not tell how containers reach it. In no
 * other place is a gateway dialled.
 */
async function portsFrom(
  { access, listeners, windowMs }: RunnerOptions,
  { namespace, container }: VantageFact,
  host: Listening,
): Promise<Area<PortsFact>> {
  const inside = namespace === 'container' && container !== 'none'
  if (!inside && listeners.length === 0) {
    const why = 'this process is in no container: only ports that the setting listeners names are dialled'
    return { seen: false, why, remedies: ['listeners'], applies: false }
  }
  const from = inside ? 'container' : 'host'
  return observePorts({ access, from, listeners, windowMs, ...host })
}

async function joined(
  options: RunnerOptions,
  docker: DockerSide,
  look: HostInspection & { ports: Area<PortsFact> },
): Promise<RunnerFact> {
  const { vantage, host, ports } = look
  const { links, rules, routes, kernel, conntrack, pressure, programs } = host
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
    at: options.access.now(),
  }
}

/** The engine's own events tell most, then the kernel. */
async function churnOf(docker: DockerSide, host: HostView): Promise<RunnerFact['churn']> {
  const events = await docker.churn()
  if (events.seen) return events
  return host.churn.seen || !events.applies ? host.churn : events
}

/** Networks, links and rules once more: what only one reading shows was on its way, and is no finding. */
async function readAgain(
  options: RunnerOptions,
  fact: RunnerFact,
  docker: DockerSide,
  api: EngineApi | undefined,
): Promise<RunnerFact> {
  const { access } = options
  await sleep(againMs, undefined, { signal: access.signal }).catch(() => {})
  const networks = await docker.networksAgain()
  const { host } = await viewHost({ ...options, windowMs: 0 }, fact.vantage, api)
  return { ...fact, again: { networks, links: host.links, rules: host.rules }, at: access.now() }
}
