import { viewKinds } from '../../facts/cluster/views.ts'
import { isFailing, isWorking, nodeRows } from '../../facts/queries/cluster/node-rows.ts'
import { type SetUpDifference, setUpDifferences } from '../../facts/queries/cluster/node-set-ups.ts'
import { freshViews } from '../../facts/queries/cluster/unprobed.ts'
import { defineCheck } from '../define.ts'
import { differenceText } from '../node-fault.ts'

const places = { host: 'network of the node', pod: 'pods' } as const

export default defineCheck({
  id: 'node-set-up-differs',
  group: 'cluster',
  title: 'nodes have the same MTU, resolvers and default route',
  fault: 'Nodes differ: a few have another MTU, other resolvers or another default route than most.',
  severity: 'note',
  advice: 'If that is not meant, configure these nodes like the others.',
  reads: ['cluster.views'],
  run: ({ cluster }) => {
    const views = freshViews(cluster)
    const rows = nodeRows(views)
    /** A difference of nodes that fail where others do not may be why. */
    const isSuspect = ({ kind, nodes }: SetUpDifference) =>
      rows.some(({ outcomes }) => {
        const own = outcomes.filter(({ view }) => view.kind === kind && nodes.includes(view.node))
        return own.some(isFailing) && outcomes.some((one) => !own.includes(one) && isWorking(one))
      })
    return viewKinds
      .flatMap((kind) => setUpDifferences(views, kind))
      .map((one) => ({
        subject: one.nodes.slice(0, 4).join(', '),
        message: `${places[one.kind]}: ${differenceText(one)}`,
        cause: `${one.kind} ${one.what}`,
        ...(isSuspect(one)
          ? {
              severity: 'warning' as const,
              because: 'An endpoint fails from these nodes that answers others, so that this may be why.',
            }
          : {}),
      }))
  },
})
