import type { FailureKind } from '../../../core/failure.ts'
import type { LegFact } from '../../path/leg.ts'
import type { MtuEndpoint } from '../../path/mtu.ts'
import type { HostFact, PathFact, RequestFact } from '../../path.ts'

/** An address of a host, and why its path MTU is of interest. */
export type MtuTarget = Omit<MtuEndpoint, 'measured' | 'stall'>

/** Failures of a connection that was open: what came after it got lost. */
const stalls: ReadonlySet<FailureKind> = new Set(['tls-timeout', 'answer-timeout'])

/** The addresses at which a request stalled after the connection was open. */
export const stalledIn = (log: readonly RequestFact[], legs: readonly LegFact[]): MtuTarget[] => [
  ...log.flatMap(({ url, failure, address, proxy }) => {
    if (!failure || !stalls.has(failure.kind) || proxy !== undefined) return []
    const addresses = failure.addresses ?? (address === undefined ? [] : [address])
    return addresses.map((one) => targetOf(new URL(url), one, 'failure'))
  }),
  ...legs.flatMap(({ url, addresses }) =>
    addresses
      .filter(({ attempts }) => attempts.some(({ failure }) => failure && stalls.has(failure.kind)))
      .map(({ address }) => targetOf(new URL(url), address, 'failure')),
  ),
]

/** Every address that accepted connections; none behind a proxy. */
export const usedIn = ({ hosts }: Pick<PathFact, 'hosts'>): MtuTarget[] =>
  hosts.flatMap((host: HostFact) =>
    host.proxy === undefined
      ? host.addresses.map((address) =>
          targetOf(new URL(`${host.protocol}://${host.host}`), address, 'setting'),
        )
      : [],
  )

function targetOf(url: URL, address: string, reason: MtuTarget['reason']): MtuTarget {
  const protocol = url.protocol === 'http:' ? 'http' : 'https'
  const port = Number(url.port) || (protocol === 'http' ? 80 : 443)
  return { host: url.host, address, port, protocol, reason }
}
