import { defineCheck } from '../define.ts'
import { nodeFaults } from '../node-fault.ts'

export default defineCheck({
  id: 'nodes-all-failing',
  group: 'cluster',
  title: 'every endpoint answers some node',
  fault: 'Beyond the nodes: an endpoint answers none of them.',
  severity: 'error',
  advice:
    'Probe it from a place outside of the cluster, such as the hypervisor, and compare the two reports: that tells the host from the way that the nodes share.',
  reads: ['cluster.views'],
  run: ({ cluster }) =>
    nodeFaults(cluster, 'beyond').map(({ fault, isEgress, verdict: { of } }) => ({
      ...fault,
      because: reasonFor(of, isEgress, cluster.nodes.length),
      // Of one node it may be its own egress.
      ...(isEgress && of > 1
        ? {
            title: 'Egress of all nodes: hosts that have nothing to do with each other answer none of them.',
            advice:
              'Look at what all nodes leave through: probe the same endpoints from the hypervisor or the router, and compare (“regguard-plugin compare”).',
          }
        : {}),
    })),
})

function reasonFor(of: number, isEgress: boolean, nodes: number): string {
  if (of < 2) return 'Only one node has a view of it, so that the node cannot be told from what is beyond.'
  const shared = isEgress
    ? 'These hosts share no domain, only the way out that all nodes share: router, NAT, firewall, hypervisor.'
    : 'What all nodes share is at fault, or the host itself.'
  return of < nodes
    ? `${shared} That is said by ${of} of ${nodes} nodes; the others have no view of it.`
    : shared
}
