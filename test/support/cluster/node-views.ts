import type { Failure } from '../../../src/core/failure.ts'
import type { NodeView, ViewKind, ViewsFact } from '../../../src/facts/cluster/views.ts'
import type { ClusterFact } from '../../../src/facts/cluster.ts'
import type { LegFact } from '../../../src/facts/path/leg.ts'
import type { MachineFact } from '../../../src/facts/path/machine.ts'
import { answeredAttempt, endpointLeg, failedAttempt } from '../legs.ts'
import { clusterOf } from './cluster-facts.ts'
import { now } from './objects.ts'

/** The legs that views have, by the host of each. */
export const legs = {
  works: (host: string, address = '10.0.0.10') => endpointLeg(host, { [address]: [answeredAttempt()] }),
  timesOut: (host: string, address = '203.0.113.7') =>
    endpointLeg(host, {
      [address]: [
        failedAttempt('connection-timeout', 'connect', `connection to ${address}:443 timed out after 5 s`),
      ],
    }),
  stalls: (host: string, address = '203.0.113.21', failed = 3) =>
    endpointLeg(host, {
      [address]: [1, 2, 3].map((at) =>
        at <= failed
          ? failedAttempt('tls-timeout', 'tls', 'TLS handshake timed out after 10 s')
          : answeredAttempt(),
      ),
    }),
  notFound: (host: string): LegFact => ({
    ...endpointLeg(host, {}),
    lookups: [{ at: 0, ms: 2, failure: { ...nameFailure, host } }],
  }),
}

const nameFailure: Omit<Failure, 'host'> = {
  ...{
    kind: 'name-not-resolved',
    phase: 'dns',
    host: '',
    detail: 'no configured DNS server resolves the name',
  },
  evidence: [],
}

/** What most nodes have. */
const machine: MachineFact = {
  ...{ device: 'eth0', mtu: 1500, gateway: '10.0.0.1', resolvers: ['10.0.0.53'] },
}

/** A view whose report was read. */
export const viewOf = (
  node: string,
  kind: ViewKind,
  seen: LegFact[],
  change: Partial<MachineFact> = {},
): NodeView => ({
  ...{ node, kind, pod: `probe-${kind}-${node}` },
  report: { at: now - 60_000, legs: seen, machine: { ...machine, ...change } },
})

export const nodeNames = [1, 2, 3, 4, 5, 6, 7].map((at) => `node-${at}`)

/** A cluster of seven nodes with these views, and pulls if they are given. */
export const clusterWith = (
  views: NodeView[],
  objects: Parameters<typeof clusterOf>[0] = {},
  fact: Partial<ViewsFact> = {},
): ClusterFact => ({
  ...clusterOf(objects),
  views: { namespace: 'regguard-probes', views, more: 0, ...fact },
})

/** Both views of each of seven nodes; `of` gives the legs of one, the same for all if it is not asked for the node. */
export const viewsOf = (of: (node: string, kind: ViewKind) => LegFact[]): NodeView[] =>
  nodeNames.flatMap((node) => (['host', 'pod'] as const).map((kind) => viewOf(node, kind, of(node, kind))))
