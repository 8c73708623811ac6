import { buildConnector } from 'undici'
import { withoutBrackets } from '../../net/ip.ts'
import { ConnectionError, failureOf } from '../http/failures.ts'
import { connectThroughProxy, proxyFailure } from '../http/proxy.ts'
import { resolve } from '../http/resolve.ts'
import { connectAny } from '../http/tcp.ts'

/** A connector for undici that reaches the API server through a SOCKS proxy, which resolves its name. */
export function socksConnector(
  url: URL,
  tls: buildConnector.BuildOptions,
  limits: { connectMs: number; signal: AbortSignal },
): buildConnector.connector {
  const secure = buildConnector(tls)
  return (target, callback) => {
    const isSecure = target.protocol === 'https:'
    const hostname = withoutBrackets(target.hostname)
    const port = Number(target.port) || (isSecure ? 443 : 80)
    connect(url, { hostname, port, host: target.host ?? hostname }, limits).then(
      (httpSocket) => (isSecure ? secure({ ...target, httpSocket }, callback) : callback(null, httpSocket)),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    )
  }
}

async function connect(
  url: URL,
  target: { hostname: string; port: number; host: string },
  limits: { connectMs: number; signal: AbortSignal },
) {
  const proxy = { url, from: 'proxy-url' }
  const { connectMs } = limits
  try {
    const { addresses } = await resolve(withoutBrackets(url.hostname), url.host, connectMs)
    const { socket } = await connectAny(addresses, Number(url.port) || 1080, url.host, limits)
    return await connectThroughProxy(socket, proxy, target, connectMs)
  } catch (error) {
    const why = failureOf(error, url.host, 'connect')
    if (why.kind === 'proxy-failed' || why.kind === 'run-stopped') throw error
    throw new ConnectionError(proxyFailure(proxy, target.host, why.detail))
  }
}
