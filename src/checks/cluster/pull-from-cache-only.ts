import { firstOf } from '../../core/names.ts'
import { count } from '../../core/units.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'pull-from-cache-only',
  group: 'cluster',
  title: 'no pod depends on an image that cannot be pulled',
  fault:
    'Runs from cache only: pods run because the image was on their node, and it cannot be pulled elsewhere; the fault fires when such a pod moves.',
  severity: 'warning',
  advice: 'Do not drain, reboot or prune these nodes until the pull works again.',
  reads: ['cluster.pods', 'cluster.events'],
  run: ({ cluster: { pulls } }) =>
    [
      ...Map.groupBy(
        pulls.filter(
          ({ cachedOn, pulledOn, isFailing }) => isFailing && cachedOn.length > 0 && pulledOn.length === 0,
        ),
        ({ image }) => image,
      ),
    ].map(([image, rows]) => {
      const nodes = [...new Set(rows.flatMap(({ cachedOn }) => cachedOn))]
      return {
        subject: image,
        message: `${count(nodes.length, 'node')} run it without a pull in the last hour: ${firstOf(nodes)}`,
        cause: 'cache',
      }
    }),
})
