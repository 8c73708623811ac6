import type { FailureKind } from '../../../core/failure.ts'
import { isAddress, withoutBrackets } from '../../../net/ip.ts'
import type { LegFact } from '../../path/leg.ts'
import type { PathFact } from '../../path.ts'
import { type LegFailure, legFailures } from './legs.ts'

/** Failures that happen between two hosts; every other one is an answer of the host itself. */
const betweenHosts: ReadonlySet<FailureKind> = new Set([
  'name-not-resolved',
  'connection-timeout',
  'host-unreachable',
  'tls-timeout',
  'answer-timeout',
])

/**
 * Failures that hosts share though they have nothing to do with each other, by phase and kind: at least two hosts of different
 * domains and addresses, and at least half of all hosts probed. Their common cause is near this machine.
 */
export function sharedFailures(legs: readonly LegFact[]): LegFailure[][] {
  const direct = legs.filter(({ proxy }) => proxy === undefined)
  const failures = direct.flatMap(legFailures).filter(({ kind }) => betweenHosts.has(kind))
  const hosts = domainsOf(direct)
  return [...Map.groupBy(failures, ({ kind, phase }) => `${phase} ${kind}`).values()].filter((same) => {
    const domains = domainsOf(same.map(({ leg }) => leg))
    const addresses = new Set(same.map(({ address }) => address))
    return (
      domains.size > 1 && domains.size * 2 >= hosts.size && (addresses.size > 1 || addresses.has(undefined))
    )
  })
}

/** The domain of each host, or the network of an address. */
const domainsOf = (legs: LegFact[]): Set<string> =>
  new Set(legs.map(({ url, host }) => domainOf(URL.canParse(url) ? new URL(url).hostname : host)))

/** Whether at least two of these host names or addresses, without ports, have nothing to do with each other. */
export const areUnrelated = (hosts: readonly string[]): boolean => new Set(hosts.map(domainOf)).size > 1

/** The names or addresses of the hosts that no packet came back from, in the requests and the probes of a run. */
export function silentHosts({ log, legs = [] }: Pick<PathFact, 'log' | 'legs'>): string[] {
  const isSilent = (kind: FailureKind | undefined) =>
    kind === 'connection-timeout' || kind === 'host-unreachable'
  const requests = log.filter(({ failure }) => isSilent(failure?.kind))
  const probed = legs.filter((leg) => legFailures(leg).some(({ kind }) => isSilent(kind)))
  return [...new Set([...requests, ...probed].map(({ url }) => new URL(url).hostname))]
}

/** The last two labels of a name, the first two parts of an address: enough to tell organisations apart without lists of either. */
function domainOf(hostname: string): string {
  const bare = withoutBrackets(hostname)
  if (!isAddress(bare)) return bare.split('.').slice(-2).join('.')
  return bare.split(/[.:]/).slice(0, 2).join('.')
}
