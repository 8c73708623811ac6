import type { LegFact } from '../../facts/path/leg.ts'
import type { PathFact } from '../../facts/path.ts'
import type { Endpoint } from '../../settings/plan/endpoints.ts'
import { legsOfRequests } from './legs-of-requests.ts'
import { observeMachine } from './machine.ts'
import { type LegRequest, type ProbeOptions, probeLeg } from './probe-leg.ts'

/** What the observer of the network path needs. */
export interface PathOptions extends ProbeOptions {
  /** URLs to probe besides the hosts of the images. */
  endpoints: readonly Endpoint[]
  /** How often each endpoint is probed. */
  repeat: number
  /** Probe the legs of the images even if every request succeeded. */
  always: boolean
}

/**
 * Observes the network path. `requests` ends with the log of the requests that the images needed; endpoints are probed meanwhile.
 * The legs of the images are probed where one of those requests failed, or always if asked for, so that a healthy run sends
 * nothing more.
 */
export async function observePath(requests: Promise<PathFact>, options: PathOptions): Promise<PathFact> {
  const ofEndpoints = Promise.all(
    options.endpoints.map(({ text, url }) =>
      probeRepeatedly({ step: 'endpoint', of: text, url }, options.repeat, options),
    ),
  )
  const path = await requests
  const isNeeded = options.always || path.log.some(({ failure }) => failure !== undefined)
  const ofImages = isNeeded && !options.signal.aborted ? legsOfRequests(path.log) : []
  const legs = [
    ...(await Promise.all(ofImages.map((request) => probeLeg(request, options)))),
    ...(await ofEndpoints),
  ]
  return legs.length > 0 ? { ...path, legs, machine: await observeMachine() } : path
}

/** Probes a leg `times` in a row, each time with a new lookup and new connections. */
async function probeRepeatedly(request: LegRequest, times: number, options: ProbeOptions): Promise<LegFact> {
  const leg = await probeLeg(request, options)
  for (let round = 1; round < times && !options.signal.aborted; round += 1)
    addRound(leg, await probeLeg(request, options))
  return leg
}

function addRound(leg: LegFact, { lookups, addresses }: LegFact): void {
  leg.lookups.push(...lookups)
  for (const { address, attempts, certificate } of addresses) {
    const known = leg.addresses.find((one) => one.address === address)
    if (!known) leg.addresses.push({ address, attempts, ...(certificate ? { certificate } : {}) })
    else {
      known.attempts.push(...attempts)
      if (certificate) known.certificate = certificate
    }
  }
}
