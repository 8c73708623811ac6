import type { Socket } from 'node:net'
import type { Failure } from '../../core/failure.ts'
import type { HostFact, HostRole, PathFact, PhaseTimes, RequestFact } from '../../facts/path.ts'
import type { RequestSpec } from './client.ts'

/** Requests of a run that are kept one by one; of a whole registry only so many first ones. */
const maxKept = 10_000

/** What a connection turned out to be, and how long its phases took. */
export type ConnectionFact = Pick<
  HostFact,
  'addresses' | 'source' | 'protocol' | 'http2' | 'tls' | 'proxy'
> & {
  phases: Pick<PhaseTimes, 'dns' | 'connect' | 'tls'>
}

/** One request while it is under way. */
export interface RequestEntry {
  /** Its headers went out on this connection. */
  sent: (socket: Socket) => void
  /** The headers of its answer came. */
  answered: (status: number) => void
  /** The last byte of its answer was read, or the rest was given up. */
  ended: () => void
  failed: (why: Failure) => void
}

/** Keeps what is learned of each host, connection and request while requests are made. */
export interface RequestLog {
  /** A connection to a host is open; `socket` is what requests on it will name. */
  connected: (host: string, found: ConnectionFact, socket?: Socket) => void
  asked: (request: RequestSpec) => RequestEntry
  /** Notes what the headers of an answer say beside the answer: the clock, and what is left of a rate limit. */
  headers: (host: string, header: (name: string) => string | undefined) => void
  /** The addresses that were reached under a host's name. */
  addressesOf: (host: string) => string[]
  retried: (host: string, why: string) => void
  received: (bytes: number) => void
  fact: () => PathFact
}

/** A URL as it may be shown: without a login, and without its query, which may hold a signature. */
export const shownUrl = (url: URL): string => `${url.origin}${url.pathname}`

/** An empty log; `now` gives milliseconds since the epoch, `clock` milliseconds that never go back. */
export function createRequestLog(
  now: () => number,
  clock: () => number = () => performance.now(),
): RequestLog {
  const hosts = new Map<string, HostFact>()
  const connections = new WeakMap<Socket, ConnectionFact & { used?: true }>()
  const log: RequestFact[] = []
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
    asked: ({ url, role, method, attempt = 0 }) => {
      countRequest(entry(url.host), role)
      requests += 1
      const fact: RequestFact = {
        ...{ method, url: shownUrl(url), role, at: now(), http2: false, phases: {}, attempt },
      }
      if (log.length < maxKept) log.push(fact)
      return timedEntry(fact, connections, clock)
    },
    headers: (host, header) => {
      const fact = entry(host)
      const date = Date.parse(header('date') ?? '')
      // A cache says when the answer was made, and how old it is (RFC 9111, 5.1).
      const ageMs = (leadingNumber(header('age')) ?? 0) * 1000
      if (!Number.isNaN(date)) fact.skewMs = date + ageMs - now()
      const [remaining, limit] = [
        leadingNumber(header('ratelimit-remaining')),
        leadingNumber(header('ratelimit-limit')),
      ]
      if (remaining !== undefined) fact.rateLimit = { remaining, ...(limit === undefined ? {} : { limit }) }
    },
    addressesOf: (host) => hosts.get(host)?.addresses ?? [],
    retried: (host, why) => {
      entry(host).retries.push(why)
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

/** Fills in a request's fact as it goes on. The first request on a connection has the time that opening it took. */
function timedEntry(
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
  return {
    sent: (socket) => {
      const connection = connections.get(socket)
      lap()
      if (!connection) return
      const [address] = connection.addresses
      if (address !== undefined) fact.address = address
      fact.http2 = connection.http2
      if (!connection.used) fact.phases = { ...connection.phases }
      connection.used = true
    },
    answered: (status) => {
      fact.status = status
      fact.phases.headers = lap()
    },
    ended: () => {
      fact.phases.body ??= lap()
    },
    failed: (why) => {
      fact.failure = why
    },
  }
}

/** The number that a header begins with: Docker Hub writes `76;w=21600`. */
export function leadingNumber(value: string | undefined): number | undefined {
  const digits = /^\s*(\d{1,9})/.exec(value ?? '')?.[1]
  return digits === undefined ? undefined : Number(digits)
}
