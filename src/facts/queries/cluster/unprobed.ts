import { type NodeView, type ViewKind, viewKinds } from '../../cluster/views.ts'
import type { ClusterFact } from '../../cluster.ts'

/** A view that is missing: of a node without such a probe, or with one whose report was not read. */
export interface MissingView {
  node: string
  kind: ViewKind
  /** Its pod, where there is one. */
  pod?: string
  why: string
  isForbidden: boolean
  /** The node is not ready, so that nothing can be expected of it. */
  isNodeDown: boolean
}

/** Longer than anybody sets the interval of a probe that should tell how things are now. */
const oldMs = 2 * 3_600_000

/** Whether a report is too old to tell how things are now, or of a clock by which nobody can tell. */
const isOld = ({ report }: NodeView, at: number): boolean =>
  report !== undefined && Math.abs(at - report.at) > oldMs

/** The views whose reports tell how things are now. */
export const freshViews = ({ views, at }: Pick<ClusterFact, 'views' | 'at'>): NodeView[] =>
  (views?.views ?? []).filter((view) => view.report && !isOld(view, at))

/** The views that are missing. */
export function missingViews({
  views: fact,
  nodes,
  at,
}: Pick<ClusterFact, 'views' | 'nodes' | 'at'>): MissingView[] {
  if (!fact || fact.failure) return []
  const { views } = fact
  const isDown = (name: string) => nodes.some((node) => node.name === name && !node.isReady)
  const unread = views.flatMap((view): MissingView[] => {
    const { node, kind, pod, report, why = '', isForbidden = false } = view
    const about = { node, kind, pod, isForbidden, isNodeDown: isDown(node) }
    if (!report) return [{ ...about, why }]
    return isOld(view, at) ? [{ ...about, why: `its report is of ${new Date(report.at).toISOString()}` }] : []
  })
  const without = nodes.flatMap(({ name }) =>
    viewKinds
      .filter((kind) => fact.more === 0 && !views.some((view) => view.node === name && view.kind === kind))
      .map((kind) => ({
        ...{ node: name, kind, why: 'no probe runs there', isForbidden: false, isNodeDown: isDown(name) },
      })),
  )
  return [...unread, ...without]
}
