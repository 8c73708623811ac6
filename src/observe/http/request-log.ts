import type { HostFact, RoadFact } from '../../core/model.ts'

type Role = HostFact['roles'][number]

/** Keeps what was learned of each host while requests are made. */
export interface Ledger {
  connected: (
    host: string,
    found: Pick<HostFact, 'addresses' | 'source' | 'protocol' | 'http2' | 'tls' | 'proxy'>,
  ) => void
  asked: (host: string, role: Role) => void
  /** Notes what the headers of an answer tell beside the answer: the clock, and what is left of a rate limit. */
  answered: (host: string, header: (name: string) => string | undefined) => void
  /** The addresses that were reached under a host's name. */
  addressesOf: (host: string) => string[]
  retried: (host: string, why: string) => void
  received: (bytes: number) => void
  fact: () => RoadFact
}

/** An empty ledger; `now` gives milliseconds since the epoch. */
export function createLedger(now: () => number): Ledger {
  const hosts = new Map<string, HostFact>()
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
    connected: (host, found) => {
      const fact = entry(host)
      const addresses = [...new Set([...fact.addresses, ...found.addresses])]
      Object.assign(fact, found, { addresses })
    },
    asked: (host, role) => {
      const fact = entry(host)
      fact.requests += 1
      requests += 1
      if (!fact.roles.includes(role)) fact.roles.push(role)
    },
    answered: (host, header) => {
      const fact = entry(host)
      const date = Date.parse(header('date') ?? '')
      // A cache tells when the answer was made, and how old it is (RFC 9111, 5.1).
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
      at: now(),
    }),
  }
}

/** The number that a header begins with: Docker Hub writes `76;w=21600`. */
export function leadingNumber(value: string | undefined): number | undefined {
  const digits = /^\s*(\d{1,9})/.exec(value ?? '')?.[1]
  return digits === undefined ? undefined : Number(digits)
}
