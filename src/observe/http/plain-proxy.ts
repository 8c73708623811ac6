import type { Failure } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { unseen } from '../../core/observed.ts'
import { bareMediaType } from '../../oci/media-types.ts'
import { failure } from './failures.ts'
import { type ProxyServer, proxyFailure } from './proxy.ts'
import type { Response } from './response.ts'

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
export function proxyRefusal(response: Response, proxy: ProxyServer): Observed<Response> | undefined {
  if (response.status < 400) return undefined
  const telling = ['x-squid-error', 'proxy-status', 'proxy-agent'].map(response.header).find(Boolean)
  const server = response.header('server')
  const named = server !== undefined && /^tinyproxy\b/i.test(server) ? server : undefined
  const wants = response.status === 407 || response.header('proxy-authenticate') !== undefined
  if (!wants && telling === undefined && named === undefined) return undefined
  response.discard()
  const said = telling ?? named
  const detail = `it answered ${response.status}${said === undefined ? '' : ` (${said})`}`
  return unseen(proxyFailure(proxy, response.host, detail))
}

/** What only those send who were behind the proxy: registries, object storages, and proxies of what they pass on (RFC 9110, 7.6.3). */
const marks = ['docker-distribution-api-version', 'docker-content-digest', 'via', 'x-amz-request-id']

/** The same answer, with the proxy whose own it may be: an error without a sign of whom it is from. */
export function doubted(response: Response, proxy: ProxyServer): Response {
  const type = bareMediaType(response.header('content-type') ?? '')
  const marked =
    response.status < 400 ||
    marks.some((name) => response.header(name) !== undefined) ||
    /[/+](?:json|xml)$/.test(type) ||
    response.headers('www-authenticate').some((challenge) => /\bbearer\b/i.test(challenge))
  return marked ? response : { ...response, perhaps: proxy }
}

/** An error that may be the proxy's as well as that of the host behind it: both are named, with what there is to tell them by. */
export function proxyOrHost(response: Response, proxy: ProxyServer, evidence: string[]): Failure {
  const server = response.header('server')
  const who = `the proxy ${proxy.url.host} (${proxy.from}), or ${response.host} behind it`
  const detail = `${who}: it answered ${response.status}, which bears no sign of a registry`
  return {
    ...failure('proxy-failed', response.host, 'headers', detail, [
      ...(server === undefined ? ['the answer names no server'] : [`Server: ${server}`]),
      ...evidence,
    ]),
    status: response.status,
  }
}
