import type { ClusterFact } from '../../cluster.ts'
import { isFailing, isWorking, type NodeOutcome, type NodeRow, nodeRows, ofKind } from './node-rows.ts'
import { freshViews } from './unprobed.ts'

/**
 * What is at fault where a leg fails from nodes. `node`: the way of some nodes, as others get through. `beyond`: what all of them share, or
 * the host itself. `own-network`: what only the node itself uses, as its pods get through. `pod-network`: what only pods use, as their
 * node gets through.
 */
export type NodeFault = 'node' | 'beyond' | 'own-network' | 'pod-network'

/** One leg that fails from some views, for one reason. */
export interface NodeVerdict {
  row: NodeRow
  fault: NodeFault
  failing: NodeOutcome[]
  /** The outcomes that show where the fault is not: of other nodes, or of the other view of the same nodes. */
  working: NodeOutcome[]
  /** How many nodes have an outcome. */
  of: number
}

/** What fails from nodes, leg by leg, and what the other views say of it. A node has one verdict for a leg. */
export const nodeVerdicts = (cluster: Pick<ClusterFact, 'views' | 'at'>): NodeVerdict[] =>
  nodeRows(freshViews(cluster)).flatMap(verdictsOf)

function verdictsOf(row: NodeRow): NodeVerdict[] {
  const [host, pod] = [ofKind(row, 'host'), ofKind(row, 'pod')]
  const known = (outcomes: NodeOutcome[]) => outcomes.filter(({ state }) => state !== 'unknown')
  const of = new Set(known(row.outcomes).map(({ view }) => view.node)).size
  const on = (outcomes: NodeOutcome[], { view }: NodeOutcome) =>
    outcomes.find((one) => one.view.node === view.node)
  const isOwn = (one: NodeOutcome) => on(pod.filter(isWorking), one) !== undefined
  const ofOwn = host.filter((one) => isFailing(one) && isOwn(one))
  const ofPods = pod.filter((one) => isFailing(one) && on(host.filter(isWorking), one) !== undefined)
  // The way of the node: as the node sees it or, without that view, as its pod does.
  const shared = [
    ...host.filter((one) => isFailing(one) && !isOwn(one)),
    ...pod.filter((one) => isFailing(one) && on(known(host), one) === undefined),
  ]
  const working = row.outcomes.filter(isWorking)
  const verdict = (fault: NodeFault, failing: NodeOutcome[], proof: NodeOutcome[]): NodeVerdict[] =>
    failing.length > 0 ? [{ row, fault, failing, working: proof, of }] : []
  return [
    ...verdict(
      'own-network',
      ofOwn,
      pod.filter((one) => on(ofOwn, one) !== undefined && isWorking(one)),
    ),
    ...verdict(
      'pod-network',
      ofPods,
      host.filter((one) => on(ofPods, one) !== undefined && isWorking(one)),
    ),
    ...verdict(working.length > 0 ? 'node' : 'beyond', shared, working),
  ]
}
