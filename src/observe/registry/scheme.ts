import type { Observed, TroubleKind } from '../../core/model.ts'
import { isLoopback } from '../../net/address-class.ts'
import type { Reply } from '../http/response.ts'

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
export function decideScheme(base: URL): (ask: () => Promise<Observed<Reply>>) => Promise<Observed<Reply>> {
  let open = base.protocol === 'http:'
  return async (ask) => {
    const first = await ask()
    if (!open) return first
    open = false
    if (!wantsTls(first)) return first
    if (first.seen) first.value.discard()
    base.protocol = 'https:'
    const second = await ask()
    if (second.seen || certificateTroubles.has(second.why.kind)) return second
    base.protocol = 'http:'
    return ask()
  }
}

/** What only a server that speaks TLS can cause. */
const certificateTroubles = new Set<TroubleKind>(['tls-untrusted', 'tls-expired', 'tls-name-mismatch'])

/** True for an answer that a TLS server gives to plain http: a cut connection, or a 400 that says so. */
function wantsTls(reply: Observed<Reply>): boolean {
  if (!reply.seen) return reply.why.kind === 'connection-cut' || reply.why.kind === 'answer-invalid'
  return reply.value.status === 400
}
