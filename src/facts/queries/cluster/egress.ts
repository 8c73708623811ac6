import type { PullKind } from '../../cluster/pull-kinds.ts'
import type { PullRow } from '../../cluster/pulls.ts'
import { areUnrelated } from '../path/shared-failures.ts'

/** Failures that happen between a node and a host; every other one is an answer of the host itself. */
const betweenHosts: ReadonlySet<PullKind> = new Set([
  'name-not-resolved',
  'connection-timeout',
  'host-unreachable',
  'tls-timeout',
  'answer-timeout',
])

/** The names of hosts, without ports. */
const nameOf = (host: string): string => host.replace(/:\d+$/, '')

/**
 * Pulls that fail in one phase and way at hosts that have nothing to do with each other, on the same nodes: what they share is the way out
 * of these nodes. Each group is one egress fault.
 */
export function egressGroups(pulls: readonly PullRow[]): PullRow[][] {
  const between = pulls.filter(({ error }) => betweenHosts.has(error.kind) && error.leg !== 'node')
  return [...Map.groupBy(between, ({ error }) => `${error.phase} ${error.kind}`).values()].filter(
    (same) => areUnrelated(same.map(({ error }) => nameOf(error.host))) && nodesOf(same).length > 0,
  )
}

/** The nodes on which unrelated hosts fail. */
export function nodesOf(rows: readonly PullRow[]): string[] {
  const names = [...new Set(rows.flatMap(({ nodes }) => nodes.map(({ name }) => name)))]
  return names.filter((node) =>
    areUnrelated(
      rows
        .filter(({ nodes }) => nodes.some(({ name }) => name === node))
        .map(({ error }) => nameOf(error.host)),
    ),
  )
}
