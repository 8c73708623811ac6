import { randomInt } from 'node:crypto'
import { isIP, isIPv6 } from 'node:net'
import type { Area } from '../../../core/observed.ts'
import type { ListenerFact, PortsFact, PortTarget } from '../../../facts/runner.ts'
import type { Listener } from '../../../settings/plan/listeners.ts'
import type { HostAccess } from '../host-access.ts'
import { type Choice, chooseTargets, noGateway } from './choose.ts'
import { defaultGateways } from './gateways.ts'
import { missingNeighbours } from './neighbours.ts'
import { type Probes, realProbes } from './probes.ts'
import { observeTarget } from './target.ts'

export interface PortsOptions {
  access: HostAccess
  /** Whether this process is in a container's network namespace, or in the host's own. */
  from: Choice['from']
  /** From the setting `listeners`. */
  listeners: Listener[]
  /** Sockets that the host listens on, and connections it dropped at full queues, where they could be read. */
  host?: { sockets: ListenerFact[]; drops?: number }
  /** Addresses of the host's devices, where they could be read; gateways of containers need not be among them. */
  nodeAddresses?: string[]
  /** `runner_window`, in milliseconds. */
  windowMs?: number
  probes?: Probes
}

/** A dead neighbour shows as EHOSTUNREACH after 3.06 s (three ARP requests, a second apart): not before. */
const limitMs = 4000
/** A SYN is sent again after a second: less than that would take one lost packet for silence. */
const leastWindowMs = 1500
const bannerMs = 3000
const datagramsAfterMs = 1200
const maxListeners = 128

/**
 * Dials ports of the host from here: those that the setting names, else those that the host listens on, else the usual
 * ones; each address beside canary ports, ping and datagrams, all at once. One connection is made to each port, and
 * nothing is said on it. Not seen where there is nothing to dial, or the run was stopped.
 */
export async function observePorts(options: PortsOptions): Promise<Area<PortsFact>> {
  const { access, from, listeners, host, windowMs = 2000 } = options
  const { signal } = access
  const probes = options.probes ?? realProbes(access)
  const [gateways, named] = await Promise.all([
    from === 'container' ? defaultGateways(access) : { found: [], unusable: [] },
    resolveAll(listeners, probes, signal),
  ])
  const { chosen, wanted, skipped } = chooseTargets({
    from,
    named,
    sockets: host?.sockets,
    gateways: gateways.found,
    own: options.nodeAddresses ?? [],
  })
  const canaries = chooseCanaries([...wanted.flatMap(({ ports }) => ports), ...(host?.sockets ?? [])])
  const limits = {
    canaries,
    windowMs: Math.max(windowMs, leastWindowMs),
    limitMs,
    bannerMs,
    datagramsAfterMs,
    signal,
  }
  const dialled = await Promise.all(wanted.map((one) => observeTarget(one, probes, limits)))
  if (signal.aborted) return unseen('the run was stopped')
  const missing = dialled.some(isSilent) ? await missingNeighbours(access) : new Set()
  const targets = dialled
    .filter((target) => !answersEverything(target))
    .map((target): PortTarget => (missing.has(target.address) ? { ...target, neighbour: 'missing' } : target))
  for (const target of dialled.filter(answersEverything)) {
    const tried = target.canaries.map(({ port }) => port).join(' and ')
    const why = `something answers for it on every port, even ${tried}, so an open port there proves nothing`
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
  remedies: ['listeners'],
  applies: true,
})

const whyNot = ({ unusable: [address] }: { unusable: string[] }): string =>
  address === undefined ? noGateway : `the default gateway ${address} is no address of the host`

/** Each name is looked up once, and its first address is taken; an IPv4 one where there are both, as containers seldom have IPv6. */
async function resolveAll(
  listeners: Listener[],
  probes: Probes,
  signal: AbortSignal,
): Promise<Choice['named']> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
  const few = listeners.slice(0, maxListeners)
  const names = [...new Set(few.flatMap(({ host }) => (host === undefined || isIP(host) ? [] : [host])))]
  const found = new Map(
    await Promise.all(names.map(async (name) => [name, await probes.resolve(name, within)] as const)),
  )
  return listeners.map((listener, at) => {
    const { host } = listener
    if (at >= maxListeners) return { ...listener, why: `only the first ${maxListeners} are dialled` }
    if (host === undefined) return listener
    const answer = found.get(host) ?? [host]
    if ('code' in answer)
      return { ...listener, why: `its name cannot be resolved from here (${answer.code})` }
    const address = answer.find((one) => !isIPv6(one)) ?? answer[0]
    return address === undefined ? { ...listener, why: 'its name has no address' } : { ...listener, address }
  })
}

/**
 * Port 9 (discard), and one below those that kernels give to clients and Kubernetes to services: two, because one of them
 * may be somebody's after all.
 */
function chooseCanaries(known: { port: number }[]): number[] {
  const taken = new Set(known.map(({ port }) => port))
  const free = (port: number): number => (taken.has(port) ? free(randomInt(20_000, 30_000)) : port)
  const first = free(9)
  taken.add(first)
  return [first, free(randomInt(20_000, 30_000))]
}

const isSilent = ({ canaries, ports }: PortTarget): boolean =>
  [...canaries, ...ports].some(({ result }) => result === 'timeout')

const answersEverything = ({ canaries }: PortTarget): boolean =>
  canaries.every(({ result }) => result === 'open')
