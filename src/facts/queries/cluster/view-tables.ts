import { type ViewKind, viewKinds } from '../../cluster/views.ts'
import type { ClusterFact } from '../../cluster.ts'
import { alike, isFailing, nodeRows, nodesIn, ofKind } from './node-rows.ts'
import { setUps } from './node-set-ups.ts'
import { failureText, machineText } from './node-text.ts'
import { freshViews, missingViews } from './unprobed.ts'

/** So many nodes are named of a group. */
const maxNodes = 50

const rank = { works: 0, unknown: 1, sometimes: 2, fails: 3 } as const

/** Nodes to which a leg stands alike. */
interface TableCell {
  kind: ViewKind
  state: 'works' | 'sometimes' | 'fails' | 'unknown'
  nodes: string[]
  nodeCount: number
  /** How it fails, with address and times. */
  text?: string
}

/** Endpoints × nodes, in groups of nodes that agree: what prints grows with what differs, not with the nodes. */
export function viewTables(cluster: Pick<ClusterFact, 'views' | 'nodes' | 'at'>) {
  const views = freshViews(cluster)
  const named = (nodes: string[]) => ({ nodes: nodes.slice(0, maxNodes), nodeCount: nodes.length })
  const rows = nodeRows(views).map((row) => ({
    ...{ step: row.step, url: row.url },
    cells: viewKinds.flatMap((kind) =>
      alike(ofKind(row, kind))
        .flatMap((same): TableCell[] => {
          const [first] = same
          if (!first) return []
          const text = isFailing(first) ? { text: failureText(first) } : {}
          return [{ kind, state: first.state, ...named(nodesIn(same)), ...text }]
        })
        // What fails first, and of that the odd one out.
        .toSorted((a, b) => rank[b.state] - rank[a.state] || a.nodeCount - b.nodeCount),
    ),
  }))
  return {
    rows,
    setUps: viewKinds.flatMap((kind) =>
      setUps(views, kind).map(({ nodes, machine }) => ({
        kind,
        machine,
        text: machineText(machine),
        ...named(nodes),
      })),
    ),
    missing: missingViews(cluster).map(({ node, kind, pod, why }) => ({
      ...{ node, kind, why },
      ...(pod === undefined ? {} : { pod }),
    })),
  }
}
