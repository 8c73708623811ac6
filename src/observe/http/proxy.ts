import { request } from 'node:http'
import { isIP, type Socket } from 'node:net'
import { SocksClient } from 'socks'
import type { Failure } from '../../core/failure.ts'
import type { Env } from '../../settings/sources.ts'
import { ConnectionError, failure } from './failures.ts'
import { isExempt } from './no-proxy.ts'

/** A proxy on the way to a host. */
export interface ProxyServer {
  url: URL
  /** The variable that names it, for messages. */
  from: string
}

/** A variable that should name a proxy and cannot; its value may hold a password, and is not repeated. */
export interface WrongProxy {
  from: string
  wrong: string
}

/**
 * The proxy for an address, from `HTTPS_PROXY`, `HTTP_PROXY` and `SOCKS_PROXY` in either case, unless `NO_PROXY` names the host.
 * curl's rules: the variable of the scheme, then those for all; the first that is not empty decides.
 */
export function proxyFor(
  env: Env,
  protocol: string,
  hostname: string,
  port: number,
): ProxyServer | WrongProxy | undefined {
  if (isExempt(env.no_proxy ?? env.NO_PROXY ?? '', hostname, port)) return undefined
  const names = protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', 'HTTP_PROXY']
  for (const name of [...names, 'all_proxy', 'ALL_PROXY', 'socks_proxy', 'SOCKS_PROXY']) {
    const value = env[name]?.trim()
    if (!value) continue
    const url = addressIn(value, /socks/i.test(name) ? 'socks5' : 'http')
    return url ? { url, from: name } : { wrong, from: name }
  }
  return undefined
}

const wrong =
  'is no address of a proxy like http://USER:PASSWORD@HOST:PORT; in USER and PASSWORD write @ as %40, / as %2F, : as %3A, ? as %3F, # as %23'

/** A `/` or `#` in a password ends the host too early; what follows it then still holds the `@` that the host stands after. */
function addressIn(value: string, scheme: string): URL | undefined {
  const text = value.includes('://') ? value : `${scheme}://${value}`
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const whole = url.hostname !== '' && !`${url.pathname}${url.search}${url.hash}`.includes('@')
  return whole && /^(?:https?|socks(?:4a?|5h?)?):$/.test(url.protocol) ? url : undefined
}

/** Opens a way through the proxy: a SOCKS connection, or HTTP's CONNECT. A refusal is the proxy's fault, not the registry's. */
export function throughProxy(
  socket: Socket,
  proxy: ProxyServer,
  target: { hostname: string; port: number; host: string },
  limitMs: number,
): Promise<Socket> {
  return proxy.url.protocol.startsWith('socks')
    ? throughSocks(socket, proxy, target, limitMs)
    : throughHttp(socket, proxy, target, limitMs)
}

async function throughSocks(
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
    throw refused(proxy, host, `it gave no way to ${host}: ${why}`)
  }
}

function throughHttp(
  socket: Socket,
  proxy: ProxyServer,
  { hostname, port, host }: { hostname: string; port: number; host: string },
  limitMs: number,
): Promise<Socket> {
  const authority = `${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port}`
  return new Promise((done, fail) => {
    const connecting = request({
      createConnection: () => socket,
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...proxyAuthorization(proxy) },
    })
    const timer = setTimeout(() => lost(`it gave no answer to CONNECT in ${limitMs / 1000} s`), limitMs)
    const lost = (detail: string) => {
      clearTimeout(timer)
      socket.destroy()
      fail(refused(proxy, host, detail))
    }
    connecting.once('connect', (answer, tunnel) => {
      clearTimeout(timer)
      if (answer.statusCode === 200) done(tunnel as Socket)
      else
        lost(`it answered ${answer.statusCode} ${answer.statusMessage ?? ''} to CONNECT ${authority}`.trim())
    })
    connecting.once('response', (answer) => lost(`it answered ${answer.statusCode} to CONNECT ${authority}`))
    connecting.once('error', (error) => lost(error.message))
    connecting.end()
  })
}

/** The header for a proxy's own login, from its address; none without one. */
export function proxyAuthorization({ url }: ProxyServer): Record<string, string> {
  if (!url.username) return {}
  const pair = `${decoded(url.username)}:${decoded(url.password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** A part of an address, decoded; one with a bare `%` is what it says. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** A proxy that does not let us through: the registry is not to blame. */
export const proxyFailure = (proxy: ProxyServer, host: string, detail: string): Failure =>
  failure('proxy-failed', host, 'connect', `the proxy ${proxy.url.host} (${proxy.from}): ${detail}`)

const refused = (proxy: ProxyServer, host: string, detail: string): ConnectionError =>
  new ConnectionError(proxyFailure(proxy, host, detail))
