import type { ClusterFact } from '../../../src/facts/cluster.ts'
import type { Report } from '../../../src/report/schema.ts'
import { reportOf } from '../../report/reports.ts'
import type { Given } from '../facts.ts'

/** The report of a run over a cluster that verified no image. */
export const clusterReport = (cluster: ClusterFact, given: Given = {}): Report =>
  reportOf(
    (facts) => {
      facts.cluster = cluster
      facts.image.targets = []
      facts.image.repositories = []
    },
    { given: { mode: 'cluster', ...given } },
  )
