import type { FailureKind } from '../../../core/failure.ts'
import type { LegFact } from '../../path/leg.ts'
import type { MtuEndpoint } from '../../path/mtu.ts'
import type { PathFact, RequestFact } from '../../path.ts'

/** An address of a host, and why its path MTU is of interest. */
export interface MtuTarget {
  /** What is requested in plain HTTP: the larger the response, the larger the packets that it fills. */
  url: URL
  address: string
  reason: MtuEndpoint['reason']
}

/** Failures of a connection that was open: what came after it got lost. */
const stalls: ReadonlySet<FailureKind> = new Set(['tls-timeout', 'answer-timeout'])

/** The addresses at which a request stalled after the connection was open. */
export const stalledIn = (log: readonly RequestFact[], legs: readonly LegFact[]): MtuTarget[] => [
  ...log.flatMap(({ url, failure, address, proxy }) => {
    if (!failure || !stalls.has(failure.kind) || proxy !== undefined) return []
    const addresses = failure.addresses ?? (address === undefined ? [] : [address])
    return addresses.map((one): MtuTarget => ({ url: new URL(url), address: one, reason: 'failure' }))
  }),
  ...legs.flatMap(({ url, addresses }) =>
    addresses
      .filter(({ attempts }) => attempts.some(({ failure }) => failure && stalls.has(failure.kind)))
      .map(({ address }): MtuTarget => ({ url: new URL(url), address, reason: 'failure' })),
  ),
]

/** Every address that accepted connections; none behind a proxy. */
export const usedIn = ({ hosts }: Pick<PathFact, 'hosts'>): MtuTarget[] =>
  hosts
    .filter(({ proxy }) => proxy === undefined)
    .flatMap(({ host, protocol, addresses }) =>
      addresses.map((address): MtuTarget => {
        const url = new URL(`${protocol}://${host}/v2/`)
        return { url, address, reason: 'setting' }
      }),
    )
