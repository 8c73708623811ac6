import type { LegFact } from '../../facts/path/leg.ts'
import type { MtuEndpoint } from '../../facts/path/mtu.ts'
import type { PathFact } from '../../facts/path.ts'
import { stalledIn, usedIn } from '../../facts/queries/path/stalls.ts'
import type { Reference } from '../../oci/reference.ts'
import type { Endpoint } from '../../settings/plan/endpoints.ts'
import { observeCached } from './cached.ts'
import { probeEndpoint } from './endpoint.ts'
import { legsOfRequests } from './legs-of-requests.ts'
import { observeMachine } from './machine.ts'
import { observeMtu } from './mtu/mtu.ts'
import type { StallLog } from './mtu/stall-log.ts'
import { type ProbeOptions, probeLeg } from './probe-leg.ts'

/** What the observer of the network path needs. */
export interface PathOptions extends ProbeOptions {
  /** URLs to probe besides the hosts of the images. */
  endpoints: readonly Endpoint[]
  /** Connections that stalled. */
  stalls: StallLog
  /** When path MTUs are measured. */
  mtu: 'always' | 'after a timeout' | 'never'
  /** How often each endpoint is probed. */
  repeat: number
  /** Probe the legs of the images even if every request succeeded. */
  always: boolean
  /** The images to verify. */
  references: readonly Reference[]
  /** The setting `docker_socket`. */
  dockerSocket: string | undefined
}

/** The log of the requests that the images needed, and whether the network path failed some of them. */
export interface Requests {
  path: PathFact
  isFailing: boolean
}

/**
 * Observes the network path, while `requests` are sent and after them. Endpoints are probed meanwhile. The legs of the images are
 * probed where the path failed, or always if asked for, so that a healthy run sends nothing more.
 */
export async function observePath(requests: Promise<Requests>, options: PathOptions): Promise<PathFact> {
  const ofEndpoints = Promise.all(
    options.endpoints.map((endpoint) => probeEndpoint(endpoint, options.repeat, options)),
  )
  const { path, isFailing } = await requests
  const isNeeded = (isFailing || options.always) && !options.signal.aborted
  const probed = (await ofEndpoints).flat()
  const mtu = await measureMtus(path, probed, options)
  const [ofImages, cached] = await Promise.all([
    Promise.all((isNeeded ? legsOfRequests(path.log) : []).map((request) => probeLeg(request, options))),
    isNeeded ? observeCached(options.references, engineOptions(options)) : [],
  ])
  const legs = [...ofImages, ...probed]
  return {
    ...path,
    ...(legs.length > 0 ? { legs } : {}),
    ...(mtu.length > 0 ? { mtu } : {}),
    ...(legs.length > 0 || mtu.length > 0 ? { machine: await observeMachine() } : {}),
    ...(cached.length > 0 ? { cached } : {}),
  }
}

/**
 * Path MTUs, before any other probe: a large packet that one of these sends can make the kernel learn an MTU, and hide the fault for
 * 10 minutes.
 */
async function measureMtus(path: PathFact, legs: LegFact[], options: PathOptions): Promise<MtuEndpoint[]> {
  if (options.mtu === 'never' || options.signal.aborted) return []
  const targets = [...stalledIn(path.log, legs), ...(options.mtu === 'always' ? usedIn(path) : [])]
  return observeMtu(targets, options)
}

const engineOptions = ({ dockerSocket, env, signal }: PathOptions) => ({
  ...{ env, signal },
  ...(dockerSocket === undefined ? {} : { setting: dockerSocket }),
})
