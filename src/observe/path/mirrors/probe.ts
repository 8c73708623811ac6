import type { Failure } from '../../../core/failure.ts'
import type { LegFact } from '../../../facts/path/leg.ts'
import { type AddressClass, isInternalAddress } from '../../../net/address-class.ts'
import { parseChallenges } from '../../../net/challenge.ts'
import { isAddress, withoutBrackets } from '../../../net/ip.ts'
import { acceptedManifests } from '../../../oci/media-types.ts'
import type { Answer, Leg } from '../../../oci/runtimes/legs.ts'
import { ConnectionError, failure } from '../../http/failures.ts'
import { proxyFor } from '../../http/proxy.ts'
import { redactedUrl } from '../../http/request-log.ts'
import { resolve } from '../../http/resolve.ts'
import { type Attempt, attempt } from '../attempt.ts'
import { type ProbeOptions, probeLimits } from '../probe-leg.ts'

/** What came of a leg: the answer that decides what follows, and the facts. */
export interface Probed {
  answer: Answer
  status?: number
  failure?: Failure
  leg: LegFact
}

/** A name to use in place of the host of a URL, in TLS and in the Host header. */
export interface AsNamed {
  servername: string
  hostHeader: string
}

/** More than a mirror has. */
const maxAddresses = 8

/** Sends the request of a leg to every address of its host; the first address that answers decides. */
export async function probe(
  leg: Leg,
  of: string,
  options: ProbeOptions,
  { named, ledFrom }: { named?: AsNamed; ledFrom?: AddressClass } = {},
): Promise<Probed> {
  const url = new URL(leg.url)
  const hostname = withoutBrackets(url.hostname)
  const servername = named?.servername ?? hostname
  const hostHeader = named?.hostHeader ?? hostIn(leg.url)
  const secure = url.protocol === 'https:'
  const port = Number(url.port) || (secure ? 443 : 80)
  const proxy = proxyFor(options.env, url.protocol, hostname, port)
  const fact: LegFact = {
    ...{ step: stepOf(leg), of, url: redactedUrl(url), host: url.host, hostHeader },
    ...(secure && !isAddress(servername) ? { servername } : {}),
    source: isAddress(hostname) ? 'address' : 'DNS',
    lookups: [],
    addresses: [],
    ...(proxy ? { proxy: 'problem' in proxy ? proxy.from : proxy.url.host } : {}),
  }
  // What is behind a proxy cannot be told from here: taken for working.
  if (proxy) return { answer: { status: 200 }, leg: fact }
  const at = options.now()
  const found = await resolve(hostname, url.host, options.limits?.dnsMs ?? probeLimits.dnsMs).catch(
    (error: unknown) => {
      if (error instanceof ConnectionError) return error.failure
      throw error
    },
  )
  const ms = Math.round(options.now() - at)
  if ('kind' in found) {
    fact.lookups.push({ at, ms, failure: found })
    return { answer: { failure: found.kind }, failure: found, leg: fact }
  }
  fact.source = found.source
  const refused = ledFrom && found.addresses.find((one) => isInternalAddress(one, ledFrom))
  if (refused !== undefined) {
    const detail = `it leads to ${refused}, an address inside a network that the mirror is not in: not probed`
    const why = { ...failure('redirect-refused', url.host, 'redirect', detail), addresses: [refused] }
    return { answer: { failure: why.kind }, failure: why, leg: fact }
  }
  if (found.source !== 'address') fact.lookups.push({ at, ms })
  const request = {
    ...{ step: fact.step, of, url, secure, port, servername, hostHeader },
    headers: {
      accept: `${acceptedManifests}, */*`,
      ...plainHeaders(leg),
      ...(leg.object.startsWith('blobs/') ? { range: 'bytes=0-0' } : {}),
    },
  }
  const attempts = await Promise.all(
    [...new Set(found.addresses)].slice(0, maxAddresses).map(async (address) => {
      const made = await attempt(address, request, options)
      const { certificate, location: _, challenge: __, ...rest } = made
      fact.addresses.push({ address, attempts: [rest], ...(certificate ? { certificate } : {}) })
      return made
    }),
  )
  return { ...outcomeOf(attempts, url), leg: fact }
}

function outcomeOf(attempts: Attempt[], url: URL): Omit<Probed, 'leg'> {
  const answered = attempts.find(({ status }) => status !== undefined)
  if (answered?.status === undefined) {
    const [first] = attempts
    const why = first?.failure
    return { answer: { failure: why?.kind ?? 'no address' }, ...(why ? { failure: why } : {}) }
  }
  const { status, location, challenge } = answered
  const bearer = parseChallenges(challenge === undefined ? [] : [challenge]).find(
    ({ scheme }) => scheme === 'bearer',
  )
  const { realm, service } = bearer?.parameters ?? {}
  return {
    status,
    answer: {
      status,
      ...(realm === undefined || !URL.canParse(realm, url.href)
        ? {}
        : { challenge: { realm, ...(service === undefined ? {} : { service }) } }),
      ...(location === undefined ? {} : { location }),
    },
  }
}

/** Runtimes send headers of hosts.toml, but not this one: Go takes it from the URL. */
function plainHeaders({ endpoint }: Leg): Record<string, string> {
  return Object.fromEntries(
    Object.entries(endpoint.headers)
      .filter(([name]) => !/^(?:host|connection|content-length|transfer-encoding)$/i.test(name))
      .flatMap(([name, [value]]) => (value === undefined ? [] : [[name, value]])),
  )
}

const hostIn = (url: string): string => /^[a-z]+:\/\/([^/?#]*)/i.exec(url)?.[1] ?? ''

function stepOf({ step }: Leg): LegFact['step'] {
  if (step === 'token') return 'token'
  return step === 'redirect' ? 'storage' : 'mirror'
}
