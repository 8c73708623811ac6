import { classOf } from '../../facts/queries/cluster/pull-text.ts'
import { defineCheck } from '../define.ts'
import { pullFault } from '../pull-fault.ts'

export default defineCheck({
  id: 'pull-unclassified',
  group: 'cluster',
  title: 'every failed pull is explained',
  fault: 'Unknown reason: a pull failed with a message that regguard does not know.',
  severity: 'error',
  advice: 'Read the message of the runtime; please report it, so that the next version knows it.',
  reads: ['cluster.pods', 'cluster.events'],
  run: ({ cluster }) =>
    cluster.pulls
      .filter((row) => classOf(row) === 'unknown')
      .map((row) => ({
        ...pullFault(row, cluster),
        // Kubernetes before 1.32 keeps the error in events alone, and those for an hour.
        ...(row.text === '' || row.text.startsWith('Back-off pulling')
          ? {
              title: 'Reason not known: the pod only waits, and no event says why any more.',
              advice: 'Restart the pod, which makes kubelet try at once, and run this again.',
            }
          : {}),
      })),
})
