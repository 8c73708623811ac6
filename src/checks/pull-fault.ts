import type { Fault } from '../core/finding.ts'
import type { PullRow } from '../facts/cluster/pulls.ts'
import { errorText, nodesText, timesText } from '../facts/queries/cluster/pull-text.ts'
import { viewEvidence } from '../facts/queries/cluster/view-evidence.ts'
import type { FactsView } from '../facts/view.ts'

type Cluster = FactsView<'cluster.pods'>['cluster']

/** The finding about one image that one cause keeps from being pulled: an error while a pod waits for it, else a warning. */
export function pullFault(
  row: PullRow,
  { counts, at }: Cluster,
): Fault & { cause: string; evidence: string[] } {
  const { error, pods, podCount, text } = row
  const [first] = pods
  const pod = first
    ? [
        `pod ${first.namespace}/${first.name}, container ${first.container}${podCount > 1 ? `, and ${podCount - 1} more` : ''}`,
      ]
    : []
  return {
    subject: row.image || error.host || 'an image',
    severity: row.isFailing ? 'error' : 'warning',
    message: `${nodesText(row, counts.nodes)} · ${errorText(row)} · ${timesText(row, at)}`,
    evidence: [...pod, text].filter(Boolean),
    cause: JSON.stringify([error.host, error.leg, error.phase, error.kind, error.status ?? 0]),
  }
}

/** The same, with what the probes on the nodes see of the host. */
export function seenFault(
  row: PullRow,
  cluster: Cluster & FactsView<'cluster.views'>['cluster'],
): ReturnType<typeof pullFault> {
  const fault = pullFault(row, cluster)
  return { ...fault, evidence: [...fault.evidence, ...viewEvidence(row, cluster)] }
}
