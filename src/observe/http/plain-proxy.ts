import type { Failure } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { unseen } from '../../core/observed.ts'
import { bareMediaType } from '../../oci/media-types.ts'
import { failure } from './failures.ts'
import { type ProxyServer, proxyFailure } from './proxy.ts'
import type { Response } from './response.ts'

/**
 * Where undici sends a request: to its own origin, or for plain HTTP through a proxy to the proxy, with the whole URL as request
 * target (RFC 9112, 3.2.2).
 */
export const requestTarget = (url: URL, proxy: ProxyServer | undefined) =>
  proxy
    ? { origin: proxy.url.origin, path: url.href }
    : { origin: url.origin, path: `${url.pathname}${url.search}` }

/**
 * The failure for an error response that only the proxy can have sent; undefined for any other response. A registry never asks for a
 * proxy login, nor sends the error headers of proxies. tinyproxy 1.11 is recognized by its name: it sends no such header, and answers
 * 401 to a wrong login and 500 for a host that it cannot reach (measured).
 */
export function proxyRefusal(response: Response, proxy: ProxyServer): Observed<Response> | undefined {
  if (response.status < 400) return undefined
  const errorHeader = ['x-squid-error', 'proxy-status', 'proxy-agent'].map(response.header).find(Boolean)
  const server = response.header('server')
  const tinyproxy = server !== undefined && /^tinyproxy\b/i.test(server) ? server : undefined
  const needsLogin = response.status === 407 || response.header('proxy-authenticate') !== undefined
  if (!needsLogin && errorHeader === undefined && tinyproxy === undefined) return undefined
  response.discard()
  const text = errorHeader ?? tinyproxy
  const detail = `HTTP ${response.status}${text === undefined ? '' : ` (${text})`}`
  return unseen(proxyFailure(proxy, response.host, detail))
}

/** Headers that come only from behind the proxy: from registries, object storages, and proxies that forward a response (RFC 9110, 7.6.3). */
const originHeaders = ['docker-distribution-api-version', 'docker-content-digest', 'via', 'x-amz-request-id']

/** The same response; `possibleProxy` is set for an error in which nothing identifies the sender. */
export function withPossibleProxy(response: Response, proxy: ProxyServer): Response {
  const type = bareMediaType(response.header('content-type') ?? '')
  const isFromOrigin =
    response.status < 400 ||
    originHeaders.some((name) => response.header(name) !== undefined) ||
    /[/+](?:json|xml)$/.test(type) ||
    response.headers('www-authenticate').some((challenge) => /\bbearer\b/i.test(challenge))
  return isFromOrigin ? response : { ...response, possibleProxy: proxy }
}

/** The failure for an error that may come from the proxy or from the host behind it. Names both; the evidence helps to tell which. */
export function proxyOrHostFailure(response: Response, proxy: ProxyServer, evidence: string[]): Failure {
  const server = response.header('server')
  const sender = `the proxy ${proxy.url.host} (from ${proxy.from}) or from ${response.host} behind it`
  const detail = `HTTP ${response.status} from ${sender}: nothing in the response identifies a registry`
  return {
    ...failure('proxy-failed', response.host, 'headers', detail, [
      ...(server === undefined ? ['no Server header in the response'] : [`Server: ${server}`]),
      ...evidence,
    ]),
    status: response.status,
  }
}
