import { request } from 'node:http'
import { isIP, type Socket } from 'node:net'
import { SocksClient } from 'socks'
import type { Trouble } from '../../model.ts'
import type { Env } from '../../settings/sources.ts'
import { RoadError, trouble } from './trouble.ts'

/** A proxy on the way to a host. */
export interface ProxyServer {
  url: URL
  /** The variable that names it, for messages. */
  from: string
}

/**
 * The proxy for an address, from `HTTPS_PROXY`, `HTTP_PROXY` and `SOCKS_PROXY` in either case, unless `NO_PROXY` names the host.
 * curl's rules: the variable of the scheme; a leading dot or none, both match subdomains; `*` matches all; a port may be named.
 */
export function proxyFor(
  env: Env,
  protocol: string,
  hostname: string,
  port: number,
): ProxyServer | undefined {
  if (isExempt(env.no_proxy ?? env.NO_PROXY ?? '', hostname.replace(/^\[|\]$/g, '').toLowerCase(), port))
    return undefined
  const names = protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', 'HTTP_PROXY']
  for (const name of [...names, 'all_proxy', 'ALL_PROXY', 'socks_proxy', 'SOCKS_PROXY']) {
    const value = env[name]?.trim()
    if (!value) continue
    const scheme = /socks/i.test(name) ? 'socks5://' : 'http://'
    const text = value.includes('://') ? value : `${scheme}${value}`
    if (URL.canParse(text)) return { url: new URL(text), from: name }
  }
  return undefined
}

function isExempt(list: string, hostname: string, port: number): boolean {
  // Nothing on this machine is reached through another one, whatever the variables say.
  if (hostname === 'localhost' || hostname === '::1' || (isIP(hostname) === 4 && hostname.startsWith('127.')))
    return true
  return list
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => matches(entry.toLowerCase(), hostname, port))
}

function matches(entry: string, hostname: string, port: number): boolean {
  if (entry === '*') return true
  const cidr = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(entry)
  if (cidr?.[1] && cidr[2]) return isIP(hostname) === 4 && inNetwork(hostname, cidr[1], Number(cidr[2]))
  const withPort = /^(.*?):(\d+)$/.exec(entry)
  const [name, only] =
    withPort && isIP(entry) !== 6 ? [withPort[1] ?? '', Number(withPort[2])] : [entry, port]
  const bare = name.replace(/^\*?\./, '').replace(/^\[|\]$/g, '')
  return only === port && bare !== '' && (hostname === bare || hostname.endsWith(`.${bare}`))
}

function inNetwork(address: string, network: string, bits: number): boolean {
  const number = (text: string) => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  const size = 2 ** (32 - Math.min(32, bits))
  return Math.floor(number(address) / size) === Math.floor(number(network) / size)
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
        ...(username ? { userId: decodeURIComponent(username), password: decodeURIComponent(password) } : {}),
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
    const ask = request({
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
    ask.once('connect', (answer, tunnel) => {
      clearTimeout(timer)
      if (answer.statusCode === 200) done(tunnel as Socket)
      else
        lost(`it answered ${answer.statusCode} ${answer.statusMessage ?? ''} to CONNECT ${authority}`.trim())
    })
    ask.once('response', (answer) => lost(`it answered ${answer.statusCode} to CONNECT ${authority}`))
    ask.once('error', (error) => lost(error.message))
    ask.end()
  })
}

/** The header for a proxy's own login, from its address; none without one. */
export function proxyAuthorization({ url }: ProxyServer): Record<string, string> {
  if (!url.username) return {}
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** A proxy that does not let us through: the registry is not to blame. */
export const proxyTrouble = (proxy: ProxyServer, host: string, detail: string): Trouble =>
  trouble('proxy-failed', host, 'connect', `the proxy ${proxy.url.host} (${proxy.from}): ${detail}`)

const refused = (proxy: ProxyServer, host: string, detail: string): RoadError =>
  new RoadError(proxyTrouble(proxy, host, detail))
