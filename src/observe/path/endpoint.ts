import type { LegFact } from '../../facts/path/leg.ts'
import { widestClass } from '../../net/address-class.ts'
import { parseChallenges } from '../../net/challenge.ts'
import type { Endpoint } from '../../settings/plan/endpoints.ts'
import { isRedirect } from '../http/redirect.ts'
import { type LegRequest, type Probed, type ProbeOptions, probe, probeLeg } from './probe-leg.ts'

/** A pull goes to the registry, its token server and one storage host; more is a server that leads around. */
const maxLegs = 5

/**
 * Probes an endpoint, and where it leads: the realm of its challenge, and the host of a redirect. Each leg is probed `times` in a
 * row, each time with a new lookup and new connections.
 */
export async function probeEndpoint(
  endpoint: Endpoint,
  times: number,
  options: ProbeOptions,
): Promise<LegFact[]> {
  const legs: LegFact[] = []
  const met = new Set<string>()
  let next: LegRequest | undefined = { step: 'endpoint', of: endpoint.text, url: endpoint.url }
  while (next && legs.length < maxLegs && !met.has(next.url.href)) {
    met.add(next.url.href)
    let probed: Probed = await probe(next, options)
    if (legs.length === 0 && endpoint.plain && !isAnswered(probed)) {
      const plain: LegRequest = { ...next, url: endpoint.plain }
      const probedPlain = await probe(plain, options)
      if (isAnswered(probedPlain)) [next, probed] = [plain, probedPlain]
    }
    legs.push(await repeated(probed.leg, next, times, options))
    next = leadOf(next, probed)
  }
  return legs
}

const isAnswered = ({ attempts }: Probed): boolean => attempts.some(({ status }) => status !== undefined)

async function repeated(
  leg: LegFact,
  request: LegRequest,
  times: number,
  options: ProbeOptions,
): Promise<LegFact> {
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

/** The leg that the first response leads to; undefined if it leads nowhere else. */
function leadOf({ of, url }: LegRequest, { leg, attempts }: Probed): LegRequest | undefined {
  const at = attempts.findIndex(({ status }) => status !== undefined)
  const [answered, address] = [attempts[at], leg.addresses[at]?.address]
  if (!answered || address === undefined) return undefined
  const { status = 0, location, challenge } = answered
  const ledFrom = widestClass([address])
  if (isRedirect(status) && location !== undefined) {
    const to = webUrl(location, url)
    return to && { step: 'storage', of, url: to, ledFrom }
  }
  const { realm, service } = parseChallenges(challenge === undefined ? [] : [challenge]).find(
    ({ scheme }) => scheme === 'bearer',
  )?.parameters ?? { realm: undefined, service: undefined }
  const to = realm === undefined ? undefined : webUrl(realm, url)
  if (!to) return undefined
  if (service !== undefined) to.searchParams.set('service', service)
  return { step: 'token', of, url: to, ledFrom }
}

/** A URL that a server named; undefined for what is none, and for a way down from https to http. */
function webUrl(text: string, from: URL): URL | undefined {
  if (!URL.canParse(text, from.href)) return undefined
  const url = new URL(text, from)
  const allowed = from.protocol === 'https:' ? ['https:'] : ['http:', 'https:']
  return allowed.includes(url.protocol) ? url : undefined
}
