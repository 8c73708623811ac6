import { type Failure, failureInfo } from '../../core/failure.ts'

/** Remembers which hosts let every request wait until a limit, so that not each object waits for them anew. */
export interface SilentHosts {
  /** Why requests to this host need not be sent any more; undefined if they should be. */
  verdict: (host: string) => Failure | undefined
  /** A response came from it. */
  answered: (host: string) => void
  /** A request that was sent at `sentAt` failed. */
  failed: (sentAt: number, why: Failure) => void
}

/**
 * Gives a host up after two rounds of requests that all failed by waiting: those that were waiting together, and those sent after
 * they had failed. An answer from the host in the meantime starts the count again, so that lost packets alone do not end it.
 * `clock` returns monotonic milliseconds.
 */
export function createSilentHosts(clock: () => number): SilentHosts {
  const hosts = new Map<string, { answeredAt: number; failedAt?: number; verdict?: Failure }>()
  const entry = (host: string) => {
    const known = hosts.get(host) ?? { answeredAt: -1 }
    hosts.set(host, known)
    return known
  }
  return {
    verdict: (host) => hosts.get(host)?.verdict,
    answered: (host) => void hosts.set(host, { answeredAt: clock() }),
    failed: (sentAt, why) => {
      if (!failureInfo(why.kind).waits) return
      const known = entry(why.host)
      if (known.answeredAt >= sentAt) return
      if (known.failedAt === undefined) known.failedAt = clock()
      else if (sentAt >= known.failedAt) known.verdict ??= why
    },
  }
}
