import type { HostAddresses } from '../../facts/path/addresses.ts'
import { isLoopback } from '../../net/address-class.ts'
import type { Env } from '../../settings/sources.ts'
import { ConnectionError } from '../http/failures.ts'
import { proxyFor } from '../http/proxy.ts'
import { openSocket } from '../http/tcp.ts'
import { hasRoute, withSign } from './sign.ts'

/** A direct connection to a host: what its name resolved to, and which of these addresses it uses. */
interface Connected {
  host: string
  port: number
  addresses: string[]
  used: string
}

/** Tries the addresses that requests do not use. */
export interface OtherAddresses {
  /** Starts to try the other addresses of a host; does nothing for one that is known. */
  connected: (found: Connected) => void
  /** What was found; waits for attempts that still run, at most for their limit. */
  results: () => Promise<HostAddresses[]>
}

/** Longer than the 3.1 s after which the kernel gives up a neighbour; three lost packets in a row. */
const connectMs = 4_000

/** Names of large networks have more addresses than a client ever tries; and a run may be led to many hosts. */
const [maxAddresses, maxHosts] = [8, 32]

/**
 * A run is content with the first address that answers; clients that try the others first lose time, or fail. Each of them gets one
 * TCP connection, which is closed at once, while the requests go on. An address without a route from here costs no client time, so
 * that a name with IPv6 addresses is no fault on a machine without IPv6. `localhost` has two, and servers often listen on one.
 */
export function createOtherAddresses({ env, signal }: { env: Env; signal: AbortSignal }): OtherAddresses {
  const hosts = new Map<string, Promise<HostAddresses>>()
  return {
    connected: (found) => {
      const { host, addresses } = found
      if (addresses.length < 2 || hosts.has(host) || hosts.size >= maxHosts || isProxy(host, env)) return
      hosts.set(host, tryOthers(found, signal))
    },
    results: async () => {
      const found = await Promise.all(hosts.values())
      return found.filter(({ others }) => others.length > 0)
    },
  }
}

/** Plain HTTP goes to the proxy itself (plain-proxy.ts). */
function isProxy(host: string, env: Env): boolean {
  const proxy = proxyFor(env, 'http:', 'registry.example.com', 80)
  return proxy !== undefined && 'url' in proxy && proxy.url.host === host
}

async function tryOthers(
  { host, port, addresses, used }: Connected,
  signal: AbortSignal,
): Promise<HostAddresses> {
  const rest = [...new Set(addresses)]
    .filter((address) => address !== used && !isLoopback(address))
    .slice(0, maxAddresses)
  const tried = await Promise.all(rest.map((address) => tryAddress(address, port, host, signal)))
  return { host, port, used, others: tried.filter((one) => one !== undefined) }
}

async function tryAddress(
  address: string,
  port: number,
  host: string,
  signal: AbortSignal,
): Promise<HostAddresses['others'][number] | undefined> {
  if (!(await hasRoute(address, port))) return undefined
  const started = performance.now()
  const { socket, result } = openSocket(address, port, host, connectMs)
  const stop = () => socket.destroy()
  signal.addEventListener('abort', stop, { once: true })
  const outcome = await result.then(
    () => undefined,
    (error: unknown) => error,
  )
  const ms = Math.round(performance.now() - started)
  signal.removeEventListener('abort', stop)
  socket.destroy()
  if (outcome === undefined) return { address, ms }
  if (signal.aborted || !(outcome instanceof ConnectionError)) return undefined
  return { address, ms, failure: await withSign(outcome.failure, address, port) }
}
