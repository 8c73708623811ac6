import { isIPv6, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { buildConnector } from 'undici'
import type { Failure } from '../../core/failure.ts'
import { withoutBrackets } from '../../net/ip.ts'
import type { Env } from '../../settings/sources.ts'
import { ConnectionError, failureOf, stopped } from './failures.ts'
import { connectThroughProxy, type ProxyServer, proxyFailure, proxyFor } from './proxy.ts'
import type { ConnectionFact, RequestLog } from './request-log.ts'
import { resolve } from './resolve.ts'
import type { SilentHosts } from './silent-hosts.ts'
import { stopwatch } from './stopwatch.ts'
import { connectAny } from './tcp.ts'
import { certificateFact, handshake, type TlsOptions } from './tls.ts'

/** What a dialer needs in addition to the TLS settings. */
export interface DialOptions extends TlsOptions {
  requestLog: RequestLog
  silentHosts: SilentHosts
  /** The limits for the name lookup and for the connection to each address, in milliseconds. */
  connectMs: number
  /** Why a host must not be dialled at these addresses. */
  refusal?: (host: string, addresses: string[]) => Failure | undefined
  /** Called with each direct connection, and all addresses of the host. */
  connected?: (found: { host: string; port: number; addresses: string[]; used: string }) => void
  /** The step's environment, with its proxy variables. */
  env: Env
  signal: AbortSignal
}

/**
 * A connector for undici that runs name lookup, TCP and TLS as separate steps, each with its own limit. undici's own connector
 * reports a slow DNS server, lost packets and a stalled TLS handshake alike as a connect timeout.
 */
export function createDialer(options: DialOptions): buildConnector.connector {
  return (target, callback) => {
    const work = unlessSilent(hostOf(target), options.silentHosts, () => dial(target, options))
    untilStopped(work, target.host ?? target.hostname, options.signal).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    )
  }
}

/** undici dials one connection after the other for requests that wait together, so that a silent host is recognised here, too. */
async function unlessSilent<T>(host: string, silentHosts: SilentHosts, work: () => Promise<T>): Promise<T> {
  const given = silentHosts.verdict(host)
  if (given) throw new ConnectionError(given)
  const startedAt = performance.now()
  try {
    return await work()
  } catch (error) {
    if (error instanceof ConnectionError) silentHosts.failed(startedAt, error.failure)
    throw error
  }
}

/** Name and port, as in the URL; undici gives IPv6 addresses without brackets. */
function hostOf({ hostname, port }: buildConnector.Options): string {
  const name = isIPv6(hostname) ? `[${hostname}]` : hostname
  return port ? `${name}:${port}` : name
}

/** Rejects as soon as the run is stopped; a connection that opens later is closed at once. */
function untilStopped<T extends Socket>(work: Promise<T>, host: string, signal: AbortSignal): Promise<T> {
  return new Promise((done, fail) => {
    const stop = () => {
      fail(new ConnectionError(stopped(host, signal)))
      work.then(
        (socket) => socket.destroy(),
        () => {},
      )
    }
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(done, fail).finally(() => signal.removeEventListener('abort', stop))
  })
}

async function dial(target: buildConnector.Options, options: DialOptions): Promise<Socket | TLSSocket> {
  const secure = target.protocol === 'https:'
  const hostname = withoutBrackets(target.hostname)
  const port = Number(target.port) || (secure ? 443 : 80)
  const host = hostOf(target)
  // An HTTP proxy forwards plain HTTP request by request (plain-proxy.ts); only https and SOCKS need a tunnel here.
  const proxy = proxyFor(options.env, target.protocol, hostname, port)
  const tunnel =
    proxy && !('problem' in proxy) && (secure || proxy.url.protocol.startsWith('socks')) ? proxy : undefined
  const { socket, path } = tunnel
    ? await dialThroughProxy(tunnel, { hostname, port, host }, options)
    : await dialDirect(hostname, port, host, options, options)
  if (!secure) {
    options.requestLog.connected(host, { ...path, protocol: 'http', http2: false }, socket)
    return socket
  }
  const lap = stopwatch()
  const tls = await handshake(socket, hostname, host, options).catch((error: unknown) => {
    throw withPlace(error, path.addresses, port, lap())
  })
  const connection = {
    ...path,
    protocol: 'https' as const,
    http2: tls.alpnProtocol === 'h2',
    tls: certificateFact(tls, host, options),
    phases: { ...path.phases, tls: lap() },
  }
  options.requestLog.connected(host, connection, tls)
  return tls
}

/** A failed handshake, with where and after how long it failed; behind a proxy no address is known. */
function withPlace(error: unknown, addresses: string[], port: number, ms: number): unknown {
  if (!(error instanceof ConnectionError)) return error
  return new ConnectionError({ ...(addresses.length > 0 ? { addresses, port } : {}), ms, ...error.failure })
}

/** An open socket, and the facts of its network path. */
interface Opened {
  socket: Socket
  path: Pick<ConnectionFact, 'addresses' | 'source' | 'proxy' | 'phases'>
}

async function dialDirect(
  hostname: string,
  port: number,
  host: string,
  options: DialOptions,
  { refusal, connected }: Pick<DialOptions, 'refusal' | 'connected'> = {},
): Promise<Opened> {
  const lap = stopwatch()
  const { addresses, source } = await resolve(hostname, host, options.connectMs)
  const refused = refusal?.(host, addresses)
  if (refused) throw new ConnectionError(refused)
  const dns = source === 'address' ? {} : { dns: lap() }
  const { socket, address } = await connectAny(addresses, port, host, options)
  connected?.({ host, port, addresses, used: address })
  return { socket, path: { addresses: [address], source, phases: { ...dns, connect: lap() } } }
}

/** The port of a URL that names none, by its protocol. */
const standardPorts: Record<string, number> = { 'http:': 80, 'https:': 443 }

async function dialThroughProxy(
  proxy: ProxyServer,
  target: { hostname: string; port: number; host: string },
  options: DialOptions,
): Promise<Opened> {
  const { hostname, port, host: name } = proxy.url
  const bare = withoutBrackets(hostname)
  const standard = standardPorts[proxy.url.protocol] ?? 1080
  try {
    const lap = stopwatch()
    const { socket: plain } = await dialDirect(bare, Number(port) || standard, name, options)
    const socket =
      proxy.url.protocol === 'https:' ? await handshake(plain, bare, name, options, ['http/1.1']) : plain
    const through = await connectThroughProxy(socket, proxy, target, options.connectMs)
    return {
      socket: through,
      path: { addresses: [], source: 'DNS', proxy: name, phases: { connect: lap() } },
    }
  } catch (error) {
    const why = failureOf(error, name, 'connect')
    if (why.kind === 'proxy-failed' || why.kind === 'run-stopped') throw error
    throw new ConnectionError(proxyFailure(proxy, target.host, why.detail))
  }
}
