import type { FailureKind } from '../../../core/failure.ts'
import type { LegFact } from '../../path/leg.ts'
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

/** The last two labels of each name: enough to tell organisations apart without a list of public suffixes. */
const domainsOf = (legs: LegFact[]): Set<string> =>
  new Set(legs.map(({ host }) => host.replace(/:\d+$/, '').split('.').slice(-2).join('.')))
