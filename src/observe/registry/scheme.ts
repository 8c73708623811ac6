import { type Failure, type FailureKind, failureInfo } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { unseen } from '../../core/observed.ts'
import { isLoopback } from '../../net/address-class.ts'
import type { Response } from '../http/response.ts'

/** A registry, and whether it may be asked in plain HTTP. `host` is name and port. */
interface Place {
  host: string
  insecure: boolean
  /** Whether requests to a URL go through a proxy, which may differ by scheme. */
  isProxied: (url: URL) => boolean
}

/**
 * The scheme to try first: https, except on a port of this machine, where most registries have no certificate and a request leaves no
 * trace on a network (docs/decisions/0007-loopback.md).
 */
export const schemeFor = ({ host }: Pick<Place, 'host'>): 'http' | 'https' =>
  isLocalPort(host) ? 'http' : 'https'

const isLocalPort = (host: string): boolean => hasPort(host) && isLoopback(hostnameOf(host))
const hasPort = (host: string): boolean => /:\d+$/.test(host)
const hostnameOf = (host: string): string => new URL(`http://${host}`).hostname

/** Sends a request that reads the scheme of `base` when it starts. */
type Send = () => Promise<Observed<Response>>

/**
 * Decides by the first request whether a registry that may use plain HTTP speaks it. TLS has priority: with `insecure`, plain HTTP is
 * used only where the TLS handshake shows that no TLS is spoken, as Docker does; a port of this machine that is asked in plain HTTP
 * is asked again in TLS if its response looks like that of a TLS server. Further requests wait for the decision. Changes `base`.
 */
export function detectScheme(base: URL, place: Place): (request: Send) => Promise<Observed<Response>> {
  if (!place.insecure && !isLoopback(base.hostname)) return (request) => request()
  let decided = false
  let deciding: Promise<unknown> | undefined
  const decide = async (request: Send): Promise<Observed<Response>> => {
    const use = (scheme: 'http' | 'https') => {
      base.href = `${scheme}://${place.host}/`
    }
    const attempt = base.protocol === 'http:' ? tryTlsNext : tryPlainNext
    const isElsewhere = !hasPort(place.host) || place.isProxied(new URL(`http://${place.host}/`))
    const [response, isDecided] = await attempt(request, use, isElsewhere)
    decided = isDecided
    return response
  }
  return async (request) => {
    while (!decided && deciding) await deciding
    if (decided) return request()
    const first = decide(request).finally(() => {
      deciding = undefined
    })
    deciding = first.catch(() => {})
    return first
  }
}

type Use = (scheme: 'http' | 'https') => void

type Decision = [response: Observed<Response>, isDecided: boolean]

async function tryTlsNext(request: Send, use: Use): Promise<Decision> {
  const first = await request()
  if (!mayExpectTls(first)) return [first, first.seen]
  if (first.seen) first.value.discard()
  use('https')
  const second = await request()
  if (second.seen || failureInfo(second.why.kind).certificate) return [second, true]
  use('http')
  return [await request(), true]
}

async function tryPlainNext(request: Send, use: Use, isElsewhere: boolean): Promise<Decision> {
  const first = await request()
  if (first.seen) return [first, true]
  if (!mayExpectPlain(first.why, isElsewhere))
    return [first, failureInfo(first.why.kind).certificate ?? false]
  use('http')
  const second = await request()
  if (second.seen || first.why.kind === 'tls-plain-http') return [second, true]
  use('https')
  const { kind, detail } = second.why
  // A server that answered, or a proxy that did, says more than a connection that failed.
  if (!failureInfo(kind).noAnswer || kind === 'proxy-failed') return [second, false]
  return [unseen({ ...first.why, evidence: [...first.why.evidence, `in plain HTTP: ${detail}`] }), false]
}

/** Whether a TLS server may have given this response to plain HTTP: a cut connection, a response that is not HTTP, or a 400. */
function mayExpectTls(response: Observed<Response>): boolean {
  if (!response.seen) return response.why.kind === 'connection-cut' || response.why.kind === 'answer-invalid'
  return response.value.status === 400
}

/** Failures to reach a server, which say nothing about plain HTTP if that has a port or a proxy of its own. */
const notReached: readonly FailureKind[] = [
  'name-not-resolved',
  'connection-refused',
  'connection-timeout',
  'host-unreachable',
]

/** Whether a failed attempt to speak TLS leaves it possible that the registry speaks plain HTTP, and only that. */
const mayExpectPlain = ({ kind, phase }: Failure, isElsewhere: boolean): boolean =>
  kind === 'tls-plain-http' ||
  kind === 'proxy-failed' ||
  (kind === 'connection-cut' && phase === 'tls') ||
  (isElsewhere && notReached.includes(kind))
