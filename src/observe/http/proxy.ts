import { request } from 'node:http'
import type { Socket } from 'node:net'
import { SocksClient } from 'socks'
import type { Failure } from '../../core/failure.ts'
import { isVersion6 } from '../../net/ip.ts'
import type { Env } from '../../settings/sources.ts'
import { ConnectionError, failure } from './failures.ts'
import { isExempt } from './no-proxy.ts'

/** A proxy between this process and a host. */
export interface ProxyServer {
  url: URL
  /** The environment variable that configures it. */
  from: string
}

/** A proxy variable whose value is not a proxy URL. The value may contain a password and is never printed. */
export interface InvalidProxy {
  from: string
  /** What is wrong, as the predicate of a sentence about the variable. */
  problem: string
}

/**
 * The proxy for a host, from `HTTPS_PROXY` or `HTTP_PROXY`, `ALL_PROXY` and `SOCKS_PROXY` in either case; undefined if there is none or
 * `NO_PROXY` lists the host. curl's rules: the variable of the scheme comes first, the first that is not empty is used. `protocol`
 * has a colon, as in a URL.
 */
export function proxyFor(
  env: Env,
  protocol: string,
  hostname: string,
  port: number,
): ProxyServer | InvalidProxy | undefined {
  const ofScheme = protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', 'HTTP_PROXY']
  const names = [...ofScheme, 'all_proxy', 'ALL_PROXY', 'socks_proxy', 'SOCKS_PROXY']
  const from = names.find((name) => env[name]?.trim())
  // The list of exceptions is read only where there is a proxy: it takes longer, and every request asks.
  if (from === undefined || isExempt(env.no_proxy ?? env.NO_PROXY ?? '', hostname, port)) return undefined
  const url = proxyUrl(env[from]?.trim() ?? '', /socks/i.test(from) ? 'socks5' : 'http')
  return url ? { url, from } : { problem: notUrl, from }
}

/** `proxyFor` in one environment, which is read once for each origin: each variable of a process is a call of the system's library. */
export function createProxyLookup(env: Env): (url: URL) => ProxyServer | InvalidProxy | undefined {
  const known = new Map<string, ProxyServer | InvalidProxy | undefined>()
  return ({ protocol, host, hostname, port }) => {
    const origin = `${protocol}//${host}`
    if (!known.has(origin))
      known.set(origin, proxyFor(env, protocol, hostname, Number(port) || (protocol === 'https:' ? 443 : 80)))
    return known.get(origin)
  }
}

const notUrl =
  'is not a proxy URL like http://USER:PASSWORD@HOST:PORT; in USER and PASSWORD write @ as %40, / as %2F, : as %3A, ? as %3F, # as %23'

/** Parses a proxy URL. An unescaped `/` or `#` in a password ends the host too early, and leaves the `@` behind it in the path or fragment. */
function proxyUrl(value: string, scheme: string): URL | undefined {
  const text = value.includes('://') ? value : `${scheme}://${value}`
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const isComplete = url.hostname !== '' && !`${url.pathname}${url.search}${url.hash}`.includes('@')
  return isComplete && /^(?:https?|socks(?:4a?|5h?)?):$/.test(url.protocol) ? url : undefined
}

/**
 * Opens a tunnel through the proxy on a connection to it: by SOCKS, or by HTTP CONNECT. Throws a ConnectionError of `proxy-failed` if
 * the proxy refuses or does not answer within `limitMs`.
 */
export function connectThroughProxy(
  socket: Socket,
  proxy: ProxyServer,
  target: { hostname: string; port: number; host: string },
  limitMs: number,
): Promise<Socket> {
  return proxy.url.protocol.startsWith('socks')
    ? connectSocks(socket, proxy, target, limitMs)
    : connectHttp(socket, proxy, target, limitMs)
}

async function connectSocks(
  socket: Socket,
  proxy: ProxyServer,
  { hostname, port, host }: { hostname: string; port: number; host: string },
  limitMs: number,
): Promise<Socket> {
  const { username, password } = proxy.url
  try {
    const connected = await SocksClient.createConnection({
      proxy: {
        host: proxy.url.hostname,
        port: Number(proxy.url.port) || 1080,
        type: proxy.url.protocol.startsWith('socks4') ? 4 : 5,
        ...(username ? { userId: decoded(username), password: decoded(password) } : {}),
      },
      command: 'connect',
      destination: { host: hostname, port },
      existing_socket: socket,
      timeout: limitMs,
    })
    connected.socket.resume().pause()
    return connected.socket
  } catch (error) {
    socket.destroy()
    const why = error instanceof Error ? error.message : String(error)
    throw refused(proxy, host, `SOCKS connection to ${host} failed: ${why}`)
  }
}

function connectHttp(
  socket: Socket,
  proxy: ProxyServer,
  { hostname, port, host }: { hostname: string; port: number; host: string },
  limitMs: number,
): Promise<Socket> {
  const endpoint = `${isVersion6(hostname) ? `[${hostname}]` : hostname}:${port}`
  return new Promise((done, fail) => {
    const connecting = request({
      createConnection: () => socket,
      method: 'CONNECT',
      path: endpoint,
      headers: { host: endpoint, ...proxyAuthorization(proxy) },
    })
    const timer = setTimeout(() => failWith(`no response to CONNECT within ${limitMs / 1000} s`), limitMs)
    const failWith = (detail: string) => {
      clearTimeout(timer)
      socket.destroy()
      fail(refused(proxy, host, detail))
    }
    connecting.once('connect', (answer, tunnel) => {
      clearTimeout(timer)
      if (answer.statusCode === 200) done(tunnel as Socket)
      else
        failWith(
          `HTTP ${`${answer.statusCode} ${answer.statusMessage ?? ''}`.trim()} for CONNECT ${endpoint}`,
        )
    })
    connecting.once('response', (answer) => failWith(`HTTP ${answer.statusCode} for CONNECT ${endpoint}`))
    connecting.once('error', (error) => failWith(error.message))
    connecting.end()
  })
}

/** The `Proxy-Authorization` header for the credentials in a proxy's URL; empty without credentials. */
export function proxyAuthorization({ url }: ProxyServer): Record<string, string> {
  if (!url.username) return {}
  const pair = `${decoded(url.username)}:${decoded(url.password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** Percent-decodes a part of a URL; a part with a bare `%` is returned as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** A failure of the proxy: nothing is known of the registry behind it. */
export const proxyFailure = (proxy: ProxyServer, host: string, detail: string): Failure =>
  failure('proxy-failed', host, 'connect', `proxy ${proxy.url.host} (from ${proxy.from}): ${detail}`)

const refused = (proxy: ProxyServer, host: string, detail: string): ConnectionError =>
  new ConnectionError(proxyFailure(proxy, host, detail))
