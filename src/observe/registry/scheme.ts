import { failureInfo } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { isLoopback } from '../../net/address-class.ts'
import type { Response } from '../http/response.ts'

/** https, but for loopback (as Docker has it) and with `insecure`. */
export function schemeFor({ host, insecure }: { host: string; insecure: boolean }): 'http' | 'https' {
  const { hostname } = new URL(`http://${host}`)
  return insecure || isLoopback(hostname) ? 'http' : 'https'
}

/**
 * Asks through a scheme that is still in question. Loopback, and whatever `insecure` names, is asked in plain http first; when the
 * answer is one that a TLS server gives to that, the first question is asked again over TLS, and `base` is changed for all that
 * follow. For other hosts nothing is in question.
 */
export function decideScheme(
  base: URL,
): (request: () => Promise<Observed<Response>>) => Promise<Observed<Response>> {
  let open = base.protocol === 'http:'
  return async (request) => {
    const first = await request()
    if (!open) return first
    open = false
    if (!wantsTls(first)) return first
    if (first.seen) first.value.discard()
    base.protocol = 'https:'
    const second = await request()
    if (second.seen || failureInfo(second.why.kind).certificate) return second
    base.protocol = 'http:'
    return request()
  }
}

/** True for an answer that a TLS server gives to plain http: a cut connection, or a 400 that says so. */
function wantsTls(response: Observed<Response>): boolean {
  if (!response.seen) return response.why.kind === 'connection-cut' || response.why.kind === 'answer-invalid'
  return response.value.status === 400
}
