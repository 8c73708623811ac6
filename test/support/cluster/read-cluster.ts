import { checks } from '../../../src/checks/index.ts'
import { requiredObservations } from '../../../src/checks/run.ts'
import { inspectCluster } from '../../../src/observe/cluster/inspect-cluster.ts'
import type { ObserveOptions } from '../../../src/observe/session.ts'
import type { Report } from '../../../src/report/schema.ts'
import { planTargets } from '../../../src/settings/plan/plan.ts'
import { settingsWith } from '../facts.ts'
import { clusterReport } from './cluster-reports.ts'

/** The report of a real reading of a cluster. Its images are not verified: no test asks a registry that is not its own. */
export async function reportCluster(kubeconfig: string, given: Record<string, string> = {}): Promise<Report> {
  const all = { mode: 'cluster', kubeconfig, ...given }
  const settings = settingsWith(all)
  const plan = planTargets(settings, { images: [] })
  if (!plan.ok) throw new Error(JSON.stringify(plan.problems))
  const options: Partial<ObserveOptions> = {
    plan: plan.value,
    ...{ settings, version: 'test', env: { PATH: process.env.PATH }, now: Date.now, keepSecret: () => {} },
    ...{ signal: new AbortController().signal, wanted: requiredObservations(checks, settings) },
  }
  const cluster = await inspectCluster({ options: options as ObserveOptions })
  if (!cluster) throw new Error('the settings are not for a cluster')
  return clusterReport(cluster, all)
}
