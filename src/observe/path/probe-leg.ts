import type { Failure } from '../../core/failure.ts'
import type { LegFact, LegStep } from '../../facts/path/leg.ts'
import { type AddressClass, isInternalAddress } from '../../net/address-class.ts'
import { isAddress, withoutBrackets } from '../../net/ip.ts'
import type { Env } from '../../settings/sources.ts'
import { ConnectionError, failure, stopped } from '../http/failures.ts'
import { proxyFor } from '../http/proxy.ts'
import { redactedUrl } from '../http/request-log.ts'
import { type Resolved, resolve } from '../http/resolve.ts'
import type { TlsOptions } from '../http/tls.ts'
import { type Attempt, attempt } from './attempt.ts'

/** One leg to probe. */
export interface LegRequest {
  step: LegStep
  /** What the leg belongs to: an image reference, an endpoint as written, a mirror's file. */
  of: string
  url: URL
  /** Replaces the lookup of the name. */
  addresses?: string[]
  /** The server name for TLS, where it is not the host of the URL. */
  servername?: string
  /** The Host header, where it is not the host of the URL. */
  hostHeader?: string
  headers?: Record<string, string>
  /** How public the host is that led here, by a redirect or a realm; further inside it leads nowhere. */
  ledFrom?: AddressClass
}

/** How legs are probed. */
export interface ProbeOptions
  extends Pick<TlsOptions, 'skipTlsVerify' | 'authorities' | 'certsRoot' | 'client' | 'onStall'> {
  env: Env
  /** The setting `private_redirects`. */
  privateRedirects?: boolean
  userAgent: string
  signal: AbortSignal
  /** Milliseconds since the epoch. */
  now: () => number
  /** Time limits in milliseconds that differ from the defaults. */
  limits?: Partial<typeof probeLimits>
}

/** In milliseconds. A dead neighbour is reported by the kernel after 3.1 s (measured), and Go gives up on a handshake after 10 s. */
export const probeLimits = {
  dnsMs: 10_000,
  connectMs: 5_000,
  tlsMs: 10_000,
  headersMs: 10_000,
  bodyMs: 10_000,
}

/** More than any registry has; a hostile name server could return hundreds. */
const maxAddresses = 16

/** A probed leg, and what every attempt found. */
export interface Probed {
  leg: LegFact
  attempts: Attempt[]
}

/** Probes a leg once; only its facts. */
export const probeLeg = async (request: LegRequest, options: ProbeOptions): Promise<LegFact> =>
  (await probe(request, options)).leg

/**
 * Probes a leg once: resolves its name, then sends one GET to each of its addresses on a connection of its own, in parallel. Every
 * phase has its own limit. A leg behind a proxy is not probed. Failures are values; nothing throws.
 */
export async function probe(request: LegRequest, options: ProbeOptions): Promise<Probed> {
  const { url, step, of, hostHeader = url.host } = request
  const hostname = withoutBrackets(url.hostname)
  const servername = request.servername ?? hostname
  const secure = url.protocol === 'https:'
  const port = Number(url.port) || (secure ? 443 : 80)
  const proxy = proxyFor(options.env, url.protocol, hostname, port)
  const leg: LegFact = {
    ...{ step, of, url: redactedUrl(url), host: url.host, hostHeader },
    ...(secure && !isAddress(servername) ? { servername } : {}),
    source: isAddress(hostname) ? 'address' : 'DNS',
    lookups: [],
    addresses: [],
    ...(proxy ? { proxy: 'problem' in proxy ? proxy.from : proxy.url.host } : {}),
  }
  if (proxy) return { leg, attempts: [] }
  const found = await lookUp(hostname, request, leg, options)
  if (found) leg.source = found.source
  const addresses = [...new Set(found?.addresses ?? [])].slice(0, maxAddresses)
  const target = { ...request, servername, hostHeader, secure, port }
  const attempts = await Promise.all(addresses.map((address) => attempt(address, target, options)))
  leg.addresses = attempts.map(({ certificate, location: _, challenge: __, ...made }, n) => ({
    address: addresses[n] ?? '',
    attempts: [made],
    ...(certificate ? { certificate } : {}),
  }))
  return { leg, attempts }
}

/** The addresses to probe; adds the lookup to the leg, if there was one. */
async function lookUp(
  hostname: string,
  { addresses, url, ledFrom }: LegRequest,
  leg: LegFact,
  { signal, now, limits, privateRedirects = false }: ProbeOptions,
): Promise<Resolved | undefined> {
  if (addresses) return { addresses, source: 'address' }
  const at = now()
  const started = performance.now()
  const add = (failure?: Failure) =>
    leg.lookups.push({
      ...{ at, ms: Math.round(performance.now() - started) },
      ...(failure ? { failure } : {}),
    })
  if (signal.aborted) {
    add(stopped(url.host, signal))
    return undefined
  }
  try {
    const found = await resolve(hostname, url.host, limits?.dnsMs ?? probeLimits.dnsMs)
    const refused =
      ledFrom && found.addresses.find((one) => isInternalAddress(one, ledFrom, { privateRedirects }))
    if (refused !== undefined) {
      const detail = `it leads to ${refused}, inside a network that the host that leads there is not in: not probed`
      add({ ...failure('redirect-refused', url.host, 'redirect', detail), addresses: [refused] })
      return undefined
    }
    if (found.source !== 'address') add()
    return found
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error
    add(error.failure)
    return undefined
  }
}
