import { firstOf } from '../../core/names.ts'
import { count } from '../../core/units.ts'
import { pullKinds } from '../../facts/cluster/pull-kinds.ts'
import { egressGroups, nodesOf } from '../../facts/queries/cluster/egress.ts'
import { viewEvidence } from '../../facts/queries/cluster/view-evidence.ts'
import { defineCheck } from '../define.ts'
import { pullFault } from '../pull-fault.ts'

export default defineCheck({
  id: 'pull-egress-failing',
  group: 'cluster',
  title: 'pulls from unrelated hosts do not fail alike',
  fault:
    'Egress of these nodes: pulls from hosts that have nothing to do with each other fail in the same phase.',
  severity: 'error',
  advice:
    'Compare MTU, default route and resolver of these nodes with those of a node that pulls; run “regguard-plugin --endpoints registries --repeat 5 --vantage NODE” on both.',
  reads: ['cluster.pods', 'cluster.events'],
  consults: ['cluster.views'],
  run: ({ cluster }) =>
    egressGroups(cluster.pulls).map((rows) => {
      const [first] = rows
      const hosts = [...new Set(rows.map(({ error }) => error.host))]
      const nodes = nodesOf(rows)
      const { phase = 'unknown', kind = 'unclassified' } = first?.error ?? {}
      return {
        subject: firstOf(nodes),
        severity: rows.some(({ isFailing }) => isFailing) ? ('error' as const) : ('warning' as const),
        message: `${count(hosts.length, 'host')} at one phase, ${phase}: ${pullKinds[kind].text} (${firstOf(hosts)})`,
        because: 'These hosts share no domain, only the way out of the nodes.',
        evidence: rows.slice(0, 12).flatMap((row) => {
          const { subject, message } = pullFault(row, cluster)
          return [`${subject}: ${message}`, ...viewEvidence(row, cluster).slice(0, 2)]
        }),
        cause: `${phase} ${kind}`,
        ...(phase === 'dns' ? ofNames : {}),
      }
    }),
})

const ofNames = {
  title: 'DNS of these nodes: names that have nothing to do with each other are not resolved.',
  because:
    'These names share no domain, only the resolvers of the nodes. Pods ask another chain (cluster DNS), so that one may be well.',
  advice:
    'Ask the resolver that is named, from such a node: dig @RESOLVER NAME. One that does not answer has to be reached or replaced.',
}
