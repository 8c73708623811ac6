import type { ClusterFact } from '../../../src/facts/cluster.ts'
import type { Report } from '../../../src/report/schema.ts'
import { reportOf } from '../../report/reports.ts'
import type { Change, Given } from '../facts.ts'

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

/** The report of one that verified the image of the tests from here, which is whole unless `change` breaks it. */
export const verifiedReport = (cluster: ClusterFact, change: Change = () => {}): Report =>
  reportOf(
    (facts) => {
      facts.cluster = cluster
      change(facts)
    },
    { given: { mode: 'cluster' } },
  )
