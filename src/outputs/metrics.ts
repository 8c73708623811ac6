import type { Report } from '../report/schema.ts'
import { clusterMetrics } from './cluster-metrics.ts'
import { renderPrometheus } from './storage-metrics.ts'

/** The metrics of what a run was about: a cluster, or a storage. `previous` is the text of the last run. */
export const renderMetrics = (report: Report, previous?: string): string =>
  (report.cluster ? clusterMetrics : renderPrometheus)(report, previous)
