import type { PathFact } from '../../facts/path.ts'
import type { Reference } from '../../oci/reference.ts'
import type { Endpoint } from '../../settings/plan/endpoints.ts'
import { observeCached } from './cached.ts'
import { probeEndpoint } from './endpoint.ts'
import { legsOfRequests } from './legs-of-requests.ts'
import { observeMachine } from './machine.ts'
import { type ProbeOptions, probeLeg } from './probe-leg.ts'

/** What the observer of the network path needs. */
export interface PathOptions extends ProbeOptions {
  /** URLs to probe besides the hosts of the images. */
  endpoints: readonly Endpoint[]
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
  const [ofImages, cached] = await Promise.all([
    Promise.all((isNeeded ? legsOfRequests(path.log) : []).map((request) => probeLeg(request, options))),
    isNeeded ? observeCached(options.references, engineOptions(options)) : [],
  ])
  const legs = [...ofImages, ...(await ofEndpoints).flat()]
  return {
    ...path,
    ...(legs.length > 0 ? { legs, machine: await observeMachine() } : {}),
    ...(cached.length > 0 ? { cached } : {}),
  }
}

const engineOptions = ({ dockerSocket, env, signal }: PathOptions) => ({
  ...{ env, signal },
  ...(dockerSocket === undefined ? {} : { setting: dockerSocket }),
})
