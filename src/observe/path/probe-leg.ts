import type { LegAddressFact, LegFact, LegStep } from '../../facts/path/leg.ts'
import { isAddress, withoutBrackets } from '../../net/ip.ts'
import type { Env } from '../../settings/sources.ts'
import { ConnectionError, stopped } from '../http/failures.ts'
import { proxyFor } from '../http/proxy.ts'
import { redactedUrl } from '../http/request-log.ts'
import { type Resolved, resolve } from '../http/resolve.ts'
import type { TlsOptions } from '../http/tls.ts'
import { type AttemptRequest, attempt } from './attempt.ts'

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
}

/** How legs are probed. */
export interface ProbeOptions extends Pick<TlsOptions, 'skipTlsVerify' | 'authorities' | 'certsRoot'> {
  env: Env
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

/**
 * Probes a leg once: resolves its name, then sends one GET to each of its addresses on a connection of its own, in parallel. Every
 * phase has its own limit. A leg behind a proxy is not probed. Failures are values; nothing throws.
 */
export async function probeLeg(request: LegRequest, options: ProbeOptions): Promise<LegFact> {
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
  if (proxy) return leg
  const found = await lookUp(hostname, request, leg, options)
  const addresses = [...new Set(found?.addresses ?? [])].slice(0, maxAddresses)
  const target = { ...request, servername, hostHeader, secure, port }
  return {
    ...leg,
    ...(found ? { source: found.source } : {}),
    addresses: await Promise.all(addresses.map((address) => probeAddress(address, target, options))),
  }
}

async function probeAddress(
  address: string,
  request: AttemptRequest,
  options: ProbeOptions,
): Promise<LegAddressFact> {
  const { certificate, ...made } = await attempt(address, request, options)
  return { address, attempts: [made], ...(certificate ? { certificate } : {}) }
}

/** The addresses to probe; adds the lookup to the leg, if there was one. */
async function lookUp(
  hostname: string,
  { addresses, url }: LegRequest,
  leg: LegFact,
  { signal, now, limits }: ProbeOptions,
): Promise<Resolved | undefined> {
  if (addresses) return { addresses, source: 'address' }
  const at = now()
  const started = performance.now()
  const entry = () => ({ at, ms: Math.round(performance.now() - started) })
  if (signal.aborted) {
    leg.lookups.push({ ...entry(), failure: stopped(url.host, signal) })
    return undefined
  }
  try {
    const found = await resolve(hostname, url.host, limits?.dnsMs ?? probeLimits.dnsMs)
    if (found.source !== 'address') leg.lookups.push(entry())
    return found
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error
    leg.lookups.push({ ...entry(), failure: error.failure })
    return undefined
  }
}
