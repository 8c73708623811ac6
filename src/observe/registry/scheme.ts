import { failureInfo } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { isLoopback } from '../../net/address-class.ts'
import type { Response } from '../http/response.ts'

/** The scheme to try first: http on loopback (as in Docker) and with `insecure`, else https. `host` is name and port. */
export function schemeFor({ host, insecure }: { host: string; insecure: boolean }): 'http' | 'https' {
  const { hostname } = new URL(`http://${host}`)
  return insecure || isLoopback(hostname) ? 'http' : 'https'
}

/**
 * Detects whether a host that is tried in plain HTTP first expects TLS. If the response to the first request looks like that of a
 * TLS server, the request is sent again over https; if that works, `base` is changed to https for all later requests. Hosts that
 * start with https are left alone.
 */
export function detectScheme(
  base: URL,
): (request: () => Promise<Observed<Response>>) => Promise<Observed<Response>> {
  let undecided = base.protocol === 'http:'
  return async (request) => {
    const first = await request()
    if (!undecided) return first
    undecided = false
    if (!mayExpectTls(first)) return first
    if (first.seen) first.value.discard()
    base.protocol = 'https:'
    const second = await request()
    if (second.seen || failureInfo(second.why.kind).certificate) return second
    base.protocol = 'http:'
    return request()
  }
}

/** Whether a TLS server may have given this response to plain HTTP: a cut connection, a response that is not HTTP, or a 400. */
function mayExpectTls(response: Observed<Response>): boolean {
  if (!response.seen) return response.why.kind === 'connection-cut' || response.why.kind === 'answer-invalid'
  return response.value.status === 400
}
