import type { Observed, Trouble } from '../../core/model.ts'
import { bareMediaType } from '../../oci/media-types.ts'
import { trouble, unseen } from './failures.ts'
import { type ProxyServer, proxyTrouble } from './proxy.ts'
import type { Reply } from './response.ts'

/** Where a request goes: to its host, or, with a proxy for plain http, to that with the whole address as path (RFC 9112, 3.2.2). */
export const placeOf = (url: URL, proxy: ProxyServer | undefined) =>
  proxy
    ? { origin: proxy.url.origin, path: url.href }
    : { origin: url.origin, path: `${url.pathname}${url.search}` }

/**
 * An error answer that is the proxy's own, by what no registry says: it wants a login, names its trouble in a header for that, or is
 * a program that is nothing but a forward proxy (tinyproxy 1.11 answers 401 to a wrong login of its own, and 500 for a host that
 * it does not reach, with no other sign than its name: measured).
 */
export function proxyRefusal(reply: Reply, proxy: ProxyServer): Observed<Reply> | undefined {
  if (reply.status < 400) return undefined
  const telling = ['x-squid-error', 'proxy-status', 'proxy-agent'].map(reply.header).find(Boolean)
  const server = reply.header('server')
  const named = server !== undefined && /^tinyproxy\b/i.test(server) ? server : undefined
  const wants = reply.status === 407 || reply.header('proxy-authenticate') !== undefined
  if (!wants && telling === undefined && named === undefined) return undefined
  reply.discard()
  const said = telling ?? named
  const detail = `it answered ${reply.status}${said === undefined ? '' : ` (${said})`}`
  return unseen(proxyTrouble(proxy, reply.host, detail))
}

/** What only those send who were behind the proxy: registries, object storages, and proxies of what they pass on (RFC 9110, 7.6.3). */
const marks = ['docker-distribution-api-version', 'docker-content-digest', 'via', 'x-amz-request-id']

/** The same answer, with the proxy whose own it may be: an error without a sign of whom it is from. */
export function doubted(reply: Reply, proxy: ProxyServer): Reply {
  const type = bareMediaType(reply.header('content-type') ?? '')
  const marked =
    reply.status < 400 ||
    marks.some((name) => reply.header(name) !== undefined) ||
    /[/+](?:json|xml)$/.test(type) ||
    reply.headers('www-authenticate').some((challenge) => /\bbearer\b/i.test(challenge))
  return marked ? reply : { ...reply, perhaps: proxy }
}

/** An error that may be the proxy's as well as that of the host behind it: both are named, with what there is to tell them by. */
export function proxyOrHost(reply: Reply, proxy: ProxyServer, evidence: string[]): Trouble {
  const server = reply.header('server')
  const who = `the proxy ${proxy.url.host} (${proxy.from}), or ${reply.host} behind it`
  const detail = `${who}: it answered ${reply.status}, which bears no sign of a registry`
  return {
    ...trouble('proxy-failed', reply.host, 'headers', detail, [
      ...(server === undefined ? ['the answer names no server'] : [`Server: ${server}`]),
      ...evidence,
    ]),
    status: reply.status,
  }
}
