import { classOf } from '../../facts/queries/cluster/pull-text.ts'
import { defineCheck } from '../define.ts'
import { pullFault } from '../pull-fault.ts'

export default defineCheck({
  id: 'pull-image-broken',
  group: 'cluster',
  title: 'every image that pods wait for can be served',
  fault: 'Image broken: the registry was reached, and does not serve the whole image.',
  severity: 'error',
  advice:
    'Verify the image itself (regguard-plugin IMAGE): that names the object that is missing, and how to repair it.',
  reads: ['cluster.pods', 'cluster.events'],
  run: ({ cluster }) =>
    cluster.pulls
      .filter((row) => classOf(row) === 'image')
      .map((row) => {
        const fault = pullFault(row, cluster)
        // containerd 2 ranks a 404 of any mirror above the network error of another host.
        return row.error.kind === 'tag-missing'
          ? {
              ...fault,
              because:
                'With mirrors, containerd 2 says “not found” also where another host could not be reached.',
            }
          : fault
      }),
})
