import type { Socket } from 'node:net'
import type { Failure } from '../../core/failure.ts'
import type { PhaseTimes } from '../../facts/path/phases.ts'
import type { HostFact, HostRole, PathFact, RequestFact } from '../../facts/path.ts'
import type { RequestSpec } from './client.ts'
import { createTally, type RequestTally } from './request-tally.ts'

/** How many requests are logged one by one; a run over a whole registry may send more. */
const maxLogged = 10_000

/** The facts of an open connection, and how long its phases took. */
export type ConnectionFact = Pick<
  HostFact,
  'addresses' | 'source' | 'protocol' | 'http2' | 'tls' | 'proxy'
> & {
  phases: Pick<PhaseTimes, 'dns' | 'connect' | 'tls'>
}

/** The log entry of a request in progress. */
export interface RequestEntry {
  /** The headers were sent on this connection; `proxy` is an HTTP proxy that forwards the request. */
  sent: (socket: Socket, proxy?: string) => void
  /** The headers of the response arrived. */
  answered: (status: number) => void
  /** The response was read to its end, the rest was dropped, or it broke off. */
  ended: (why?: Failure) => void
  /** There is no response. Returns the failure with the address that the request was sent to, where that is known. */
  failed: (why: Failure) => Failure
}

/** Collects the facts of hosts, connections and requests during a run. */
export interface RequestLog {
  /** Records an open connection to a host; `socket` links requests to it. */
  connected: (host: string, found: ConnectionFact, socket?: Socket) => void
  /** Adds a request that is about to be sent. */
  begin: (request: RequestSpec) => RequestEntry
  /** Reads the host's clock and the rest of its rate limit from the headers of a response. */
  recordHeaders: (host: string, header: (name: string) => string | undefined) => void
  /** Whether the last connection to a host, name and port, speaks HTTP/2. */
  usesHttp2: (host: string) => boolean
  /** The IP addresses of a host that accepted connections; empty behind a proxy. */
  addressesOf: (host: string) => string[]
  /** Records a retry after a failure. */
  retried: (why: Failure) => void
  received: (bytes: number) => void
  /** Counts of all requests, also of those that are not logged one by one. */
  tally: () => RequestTally
  /** Everything recorded so far. */
  fact: () => PathFact
}

/** A URL that is safe to print: without credentials, and without its query, which may contain a signature. */
export const redactedUrl = (url: URL): string =>
  // One text, where a new one would keep the parts that it was put together from; nearly all URLs are safe as they are.
  /[?#@]/.test(url.href) ? `${url.origin}${url.pathname}` : url.href

/** Creates an empty log. `now` returns milliseconds since the epoch, `clock` monotonic milliseconds; `most` requests are logged one by one. */
export function createRequestLog(
  now: () => number,
  clock: () => number = () => performance.now(),
  most = maxLogged,
): RequestLog {
  const hosts = new Map<string, HostFact>()
  const connections = new WeakMap<Socket, ConnectionFact & { used?: true }>()
  const log: RequestFact[] = []
  const counter = createTally()
  let requests = 0
  let bytes = 0
  const entry = (host: string): HostFact => {
    const known = hosts.get(host)
    if (known) return known
    const fresh: HostFact = {
      host,
      roles: [],
      addresses: [],
      source: 'DNS',
      protocol: 'https',
      http2: false,
      requests: 0,
      retries: [],
    }
    hosts.set(host, fresh)
    return fresh
  }
  return {
    connected: (host, { phases, ...found }, socket) => {
      const fact = entry(host)
      const addresses = [...new Set([...fact.addresses, ...found.addresses])]
      Object.assign(fact, found, { addresses })
      if (socket) connections.set(socket, { ...found, phases })
    },
    tally: counter.tally,
    begin: ({ url, role, method, attempt = 0 }) => {
      countRequest(entry(url.host), role)
      requests += 1
      const fact: RequestFact = {
        ...{ method, url: redactedUrl(url), role, at: now(), http2: false, phases: {}, attempt },
      }
      if (log.length < most) log.push(fact)
      return counter.counted(fact, timeRequest(fact, connections, clock))
    },
    recordHeaders: (host, header) => {
      const fact = entry(host)
      const date = Date.parse(header('date') ?? '')
      // In a response from a cache, Date is when it was generated, and Age the seconds since then (RFC 9111, 5.1).
      const ageMs = (leadingNumber(header('age')) ?? 0) * 1000
      if (!Number.isNaN(date)) fact.skewMs = date + ageMs - now()
      const [remaining, limit] = [
        leadingNumber(header('ratelimit-remaining')),
        leadingNumber(header('ratelimit-limit')),
      ]
      if (remaining !== undefined) fact.rateLimit = { remaining, ...(limit === undefined ? {} : { limit }) }
    },
    usesHttp2: (host) => hosts.get(host)?.http2 ?? false,
    addressesOf: (host) => hosts.get(host)?.addresses ?? [],
    retried: ({ host, kind, detail }) => {
      entry(host).retries.push({ kind, detail })
    },
    received: (count) => {
      bytes += count
    },
    fact: () => ({
      hosts: [...hosts.values()].filter((host) => host.requests > 0),
      requests,
      bytes,
      log,
      at: now(),
    }),
  }
}

function countRequest(fact: HostFact, role: HostRole): void {
  fact.requests += 1
  if (!fact.roles.includes(role)) fact.roles.push(role)
}

/** Completes the fact of a request while it runs. The first request on a connection includes the time it took to open it. */
function timeRequest(
  fact: RequestFact,
  connections: WeakMap<Socket, ConnectionFact & { used?: true }>,
  clock: () => number,
): RequestEntry {
  let since = clock()
  const lap = (): number => {
    const [before, at] = [since, clock()]
    since = at
    return Math.round(at - before)
  }
  let isSent = false
  return {
    sent: (socket, proxy) => {
      const connection = connections.get(socket)
      lap()
      isSent = true
      if (!connection) return
      const through = proxy ?? connection.proxy
      const [address] = connection.addresses
      if (through !== undefined) fact.proxy = through
      else if (address !== undefined) fact.address = address
      fact.http2 = connection.http2
      if (!connection.used) fact.phases = { ...connection.phases }
      connection.used = true
    },
    answered: (status) => {
      fact.status = status
      fact.phases.headers = lap()
    },
    ended: (why) => {
      if (fact.method !== 'HEAD') fact.phases.body ??= lap()
      if (why) fact.failure ??= why
    },
    failed: (why) => {
      if (isSent) fact.phases.headers ??= lap()
      fact.failure = fact.address === undefined ? why : { ...placeOf(fact.address, fact.url), ...why }
      return fact.failure
    },
  }
}

/** The number at the beginning of a header, as in Docker Hub's `76;w=21600`; undefined if there is none. */
export function leadingNumber(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const digits = /^\s*(\d{1,9})/.exec(value)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

function placeOf(address: string, text: string): Pick<Failure, 'addresses' | 'port'> {
  const { port, protocol } = new URL(text)
  return { addresses: [address], port: Number(port) || (protocol === 'https:' ? 443 : 80) }
}
