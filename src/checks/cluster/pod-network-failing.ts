import { defineCheck } from '../define.ts'
import { nodeFaults } from '../node-fault.ts'

export default defineCheck({
  id: 'pod-network-failing',
  group: 'cluster',
  title: 'pods reach what their node reaches',
  fault: 'Network of pods: an endpoint does not answer pods, and answers the node that they run on.',
  severity: 'error',
  advice:
    'Pulls are not concerned; what runs in pods is (Flux, CI jobs). Look at the CNI plugin on these nodes: its MTU, masquerading, NetworkPolicy for egress.',
  reads: ['cluster.views'],
  run: ({ cluster }) =>
    nodeFaults(cluster, 'pod-network').map(({ fault, verdict: { failing, row } }) => ({
      ...fault,
      because: 'The node itself gets through, so that host, router and uplink are well.',
      ...(failing[0]?.failure?.phase === 'dns'
        ? {
            title: 'Cluster DNS: a name is not resolved for pods, and is for the node that they run on.',
            advice: `Ask cluster DNS for ${row.host.replace(/:\d+$/, '')} from a pod, and look at CoreDNS: its log, and the servers that it forwards to.`,
          }
        : {}),
    })),
})
