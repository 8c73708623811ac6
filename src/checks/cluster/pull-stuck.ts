import { durationText } from '../../core/units.ts'
import { hostOf } from '../../facts/cluster/messages/parse.ts'
import { clockText } from '../../facts/queries/cluster/pull-text.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'pull-stuck',
  group: 'cluster',
  title: 'every pull ends',
  fault: 'Pull stuck: it began and neither ended nor failed.',
  severity: 'warning',
  advice:
    'On the node, see whether bytes arrive (crictl pull IMAGE, or the counters of its interface). A runtime gives up after 5 minutes without a byte, and never while a few trickle in.',
  reads: ['cluster.pods', 'cluster.events'],
  run: ({ cluster: { stuck, at } }) =>
    stuck.map(({ image, node, pod, since }) => ({
      subject: image,
      message: `on ${node} since ${clockText(since, at)} (${durationText(at - since)}), without an error`,
      evidence: [`pod ${pod.namespace}/${pod.name}, container ${pod.container}`],
      cause: `${node} ${hostOf(image)}`,
    })),
})
