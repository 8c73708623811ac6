import { Agent } from 'undici'
import type { HostFact, Observed, Trouble } from '../../core/model.ts'
import type { Env } from '../../settings/sources.ts'
import { shownTo } from './certs-d.ts'
import { createDialer } from './dial.ts'
import { trouble, unseen } from './failures.ts'
import { type Inward, inwardPlace, isRedirect, leadsInward, nextHop } from './redirect.ts'
import { createLedger, type Ledger } from './request-log.ts'
import type { Reply } from './response.ts'
import { once } from './send-once.ts'
import { createSweep } from './sweep.ts'

/** A request for one object. Headers that only the first host may see are in `credentials`. */
export interface Ask {
  url: URL
  method: 'GET' | 'HEAD' | 'POST'
  headers: Record<string, string>
  credentials?: Record<string, string>
  body?: string
  role: HostFact['roles'][number]
}

export interface Wire {
  send: (ask: Ask) => Promise<Observed<Reply>>
  /** Where a host is that another sends us to, if it must not be asked for that. */
  inward: (from: URL, to: URL) => Promise<Inward | undefined>
  /** Which client certificate a host was shown, in words. */
  shown: (host: string) => Promise<string>
  ledger: Ledger
  signal: AbortSignal
  close: () => Promise<void>
}

export interface WireOptions {
  signal: AbortSignal
  skipTlsVerify: boolean
  authorities: string[]
  /** Docker's certs.d: authorities and client certificates by host. */
  certsRoot: string
  /** The step's environment, for the proxies that it names. */
  env?: Env
  /** Follow a redirect, or a realm, from a public registry to a private address. */
  privateRedirects?: boolean
  connections: number
  userAgent: string
  now: () => number
  limits?: Partial<typeof defaultLimits>
}

/** Milliseconds. A dead neighbour shows after 3.1 s (measured), so a connect limit under 4 s would hide it. */
export const defaultLimits = { connectMs: 10_000, tlsMs: 10_000, headersMs: 30_000, bodyMs: 30_000 }

/** Opens the road to registries: one pool per origin, HTTP/2 where the server speaks it, redirects by hand. */
export function openWire(options: WireOptions): Wire {
  const limits = { ...defaultLimits, ...options.limits }
  const ledger = createLedger(options.now)
  const sweep = createSweep()
  const count = (bytes: number) => {
    ledger.received(bytes)
    sweep(bytes)
  }
  const endings = new Map<string, Trouble>()
  const agent = new Agent({
    connect: createDialer({
      ledger,
      ...limits,
      skipTlsVerify: options.skipTlsVerify,
      authorities: options.authorities,
      certsRoot: options.certsRoot,
      // undici destroys the socket with an error of its own, which says only that it closed.
      ended: (host, why) => {
        if (why.kind === 'tls-client-certificate') endings.set(host, why)
      },
      env: options.env ?? {},
      signal: options.signal,
    }),
    connections: options.connections,
    headersTimeout: limits.headersMs,
    bodyTimeout: limits.bodyMs,
    maxHeaderSize: 64 * 1024,
    keepAliveTimeout: 10_000,
  })
  const follow = async (ask: Ask, passed: string[]): Promise<Observed<Reply>> => {
    const reply = await once(ask, { ...options, agent, ledger, limits, count, endings })
    if (!reply.seen || !isRedirect(reply.value.status)) return reply
    reply.value.discard()
    if (ask.body !== undefined) return unseen(carried(ask.url.host))
    const hop = nextHop(ask.url, reply.value.header('location'), passed)
    if (!hop.ok) return unseen(hop.why)
    const inward = await leadsInward(ask.url, hop.url, ledger, options)
    if (inward) return unseen(inward)
    const { credentials, ...rest } = ask
    const same = hop.url.origin === ask.url.origin
    const next = await follow(
      {
        ...rest,
        url: hop.url,
        ...(same && credentials ? { credentials } : {}),
        role: same ? ask.role : 'storage',
      },
      [...passed, ask.url.href],
    )
    return next.seen || same ? next : unseen(beyond(next.why, ask.url.host))
  }
  return {
    send: (ask) => follow(ask, []),
    shown: (host) => shownTo(host, options.certsRoot),
    inward: (from, to) => inwardPlace(from, to, ledger, options),
    ledger,
    signal: options.signal,
    close: () => agent.destroy(),
  }
}

/** A form that holds a password goes where it was meant to go, and nowhere else. */
const carried = (host: string): Trouble =>
  trouble('redirect-refused', host, 'redirect', 'a redirect of a request that carries credentials')

/** A failure on a host that a redirect led to: the registry is fine, its storage's host is not. */
function beyond(why: Trouble, from: string): Trouble {
  if (why.kind === 'run-stopped' || why.kind.startsWith('redirect') || why.kind.startsWith('storage'))
    return why
  return {
    ...trouble('storage-unreachable', why.host, why.phase, why.detail),
    evidence: [`${from} redirects blobs to ${why.host}`, ...why.evidence],
  }
}
