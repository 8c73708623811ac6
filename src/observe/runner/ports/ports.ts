import { randomInt } from 'node:crypto'
import { isIP, isIPv6 } from 'node:net'
import type { Area } from '../../../core/observed.ts'
import type { Remedy } from '../../../core/remedy.ts'
import type { ListenerFact, PortsFact, PortTarget } from '../../../facts/runner.ts'
import type { Listener } from '../../../settings/plan/listeners.ts'
import type { HostAccess } from '../host-access.ts'
import { chooseTargets, noGateway, type TargetSources } from './choose.ts'
import { defaultGateways } from './gateways.ts'
import { missingNeighbours } from './neighbours.ts'
import { type Probes, realProbes } from './probes.ts'
import { observeTarget } from './target.ts'

export interface PortsOptions {
  access: HostAccess
  /** Whether this process is in a container's network namespace or in the host's own. */
  from: TargetSources['from']
  /** From the setting `listeners`. */
  listeners: Listener[]
  /** The host's listening sockets and connections dropped at full queues, where they could be read. */
  host?: { sockets: ListenerFact[]; drops?: number }
  /** The host's own addresses, where they could be read; container gateways may be missing. */
  nodeAddresses?: string[]
  /** `runner_window`, in milliseconds. */
  windowMs?: number
  probes?: Probes
}

/** A neighbour that does not answer ARP shows as EHOSTUNREACH after 3.06 s: three ARP requests, a second apart. */
const limitMs = 4000
/** A SYN is retransmitted after a second: with a shorter window, one lost packet would count as silence. */
const minWindowMs = 1500
const bannerMs = 3000
const datagramsAfterMs = 1200
const maxListeners = 128

/**
 * Dials ports of the host from here: those in the setting, else those that the host listens on, else the default ones. Each
 * address is also probed with canary ports, ping and datagrams, all at once. Makes one connection per port and sends nothing
 * on it. Not seen where there is nothing to dial, or the run was stopped.
 */
export async function observePorts(options: PortsOptions): Promise<Area<PortsFact>> {
  const { access, from, listeners, host, windowMs = 2000 } = options
  const { signal } = access
  const probes = options.probes ?? realProbes(access)
  const [gateways, named] = await Promise.all([
    from === 'container' ? defaultGateways(access) : { usable: [], unusable: [] },
    resolveAll(listeners, probes, signal),
  ])
  const { chosen, toDial, skipped } = chooseTargets({
    from,
    named,
    sockets: host?.sockets,
    gateways: gateways.usable,
    own: options.nodeAddresses ?? [],
  })
  const canaries = chooseCanaries([...toDial.flatMap(({ ports }) => ports), ...(host?.sockets ?? [])])
  const limits = {
    canaries,
    windowMs: Math.max(windowMs, minWindowMs),
    limitMs,
    bannerMs,
    datagramsAfterMs,
    signal,
  }
  const dialled = await Promise.all(toDial.map((one) => observeTarget(one, probes, limits)))
  if (signal.aborted) return unseen(stopped)
  const missing = dialled.some(isSilent) ? await missingNeighbours(access) : new Set()
  const targets = dialled
    .filter((target) => !acceptsEverything(target))
    .map((target): PortTarget => (missing.has(target.address) ? { ...target, neighbour: 'missing' } : target))
  for (const target of dialled.filter(acceptsEverything)) {
    const tried = target.canaries.map(({ port }) => port).join(' and ')
    const why = `every port accepts connections, even ${tried}, so an open port there proves nothing`
    skipped.push({ what: target.address, why })
  }
  const [first] = skipped
  if (targets.length === 0) return unseen(first?.why ?? whyNot(gateways))
  return {
    seen: true,
    from: `dialling ${targets.map(({ address }) => address).join(', ')}`,
    value: {
      chosen,
      targets,
      ...(skipped.length > 0 ? { skipped } : {}),
      listeners: host?.sockets ?? [],
      ...(host?.drops === undefined ? {} : { listenDrops: host.drops }),
    },
  }
}

const unseen = (why: string): Area<PortsFact> => ({
  seen: false,
  why,
  remedies: remediesFor(why),
  applies: true,
})

/** Naming ports helps where it says which; not again where those that are named cannot be dialled, nor where nothing can be. */
function remediesFor(why: string): Remedy[] {
  if (why === stopped) return []
  return why === noGateway ? ['host-snapshot', 'host-network'] : ['listener-entries']
}

const stopped = 'the run was stopped'

const whyNot = ({ unusable: [address] }: { unusable: string[] }): string =>
  address === undefined ? noGateway : `the default gateway ${address} is not an address of the host`

/** Resolves each name once and uses its first IPv4 address, else its first address: containers rarely have IPv6. */
async function resolveAll(
  listeners: Listener[],
  probes: Probes,
  signal: AbortSignal,
): Promise<TargetSources['named']> {
  const resolveSignal = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
  const kept = listeners.slice(0, maxListeners)
  const names = [...new Set(kept.flatMap(({ host }) => (host === undefined || isIP(host) ? [] : [host])))]
  const resolved = new Map(
    await Promise.all(names.map(async (name) => [name, await probes.resolve(name, resolveSignal)] as const)),
  )
  return listeners.map((listener, at) => {
    const { host } = listener
    if (at >= maxListeners)
      return { ...listener, why: `only the first ${maxListeners} listeners are dialled` }
    if (host === undefined) return listener
    const answer = resolved.get(host) ?? [host]
    if ('code' in answer) return { ...listener, why: `the name cannot be resolved (${answer.code})` }
    const address = answer.find((one) => !isIPv6(one)) ?? answer[0]
    return address === undefined ? { ...listener, why: 'the name has no address' } : { ...listener, address }
  })
}

/**
 * Canary ports, on which nothing should listen: 9 (discard), and a random one below the ranges of ephemeral ports and of
 * Kubernetes NodePorts. Two of them, because one may be in use after all.
 */
function chooseCanaries(knownPorts: { port: number }[]): number[] {
  const taken = new Set(knownPorts.map(({ port }) => port))
  const free = (port: number): number => (taken.has(port) ? free(randomInt(20_000, 30_000)) : port)
  const first = free(9)
  taken.add(first)
  return [first, free(randomInt(20_000, 30_000))]
}

const isSilent = ({ canaries, ports }: PortTarget): boolean =>
  [...canaries, ...ports].some(({ result }) => result === 'timeout')

const acceptsEverything = ({ canaries }: PortTarget): boolean =>
  canaries.every(({ result }) => result === 'open')
