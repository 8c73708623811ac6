import { defineCheck } from '../define.ts'
import { nodeFaults, pinFor } from '../node-fault.ts'

export default defineCheck({
  id: 'node-network-failing',
  group: 'cluster',
  title: 'every node reaches what its pods reach',
  fault: 'Own network of the node: an endpoint does not answer the node itself, and answers pods on it.',
  severity: 'error',
  advice:
    'Pulls go this way. Look at what the node alone uses: its hosts file, its resolvers (those of pods are others), and rules for packets that it sends itself (OUTPUT).',
  reads: ['cluster.views'],
  run: ({ cluster }) =>
    nodeFaults(cluster, 'own-network').map(({ fault, verdict }) => ({
      ...fault,
      because: 'Pods on the same node get through, so that host, router and uplink are well.',
      ...(verdict.failing[0]?.failure?.phase === 'dns'
        ? {
            title: 'DNS of the node: a name is not resolved for the node itself, and is for pods on it.',
            advice: `Ask the resolvers of the node for ${verdict.row.host.replace(/:\d+$/, '')}: kubelet and its runtime use these, and never cluster DNS.`,
          }
        : pinFor(verdict)),
    })),
})
