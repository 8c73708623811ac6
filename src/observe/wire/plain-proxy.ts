import type { Observed } from '../../model.ts'
import { type ProxyServer, proxyTrouble } from './proxy.ts'
import type { Reply } from './reply.ts'
import { unseen } from './trouble.ts'

/** Where a request goes: to its host, or, with a proxy for plain http, to that with the whole address as path (RFC 9112, 3.2.2). */
export const placeOf = (url: URL, proxy: ProxyServer | undefined) =>
  proxy
    ? { origin: proxy.url.origin, path: url.href }
    : { origin: url.origin, path: `${url.pathname}${url.search}` }

/** An answer that is the proxy's own: it wants a login, or says in a header of its own that it failed. */
export function proxyRefusal(reply: Reply, proxy: ProxyServer): Observed<Reply> | undefined {
  const own = reply.status === 407 || (reply.header('x-squid-error') ?? reply.header('proxy-status'))
  if (!own || reply.status < 400) return undefined
  reply.discard()
  const said = typeof own === 'string' ? ` (${own})` : ''
  return unseen(proxyTrouble(proxy, reply.host, `it answered ${reply.status}${said}`))
}
