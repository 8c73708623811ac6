import { severities } from '../core/finding.ts'
import { pullClasses } from '../facts/cluster/pull-kinds.ts'
import { viewKinds } from '../facts/cluster/views.ts'
import type { Report } from '../report/schema.ts'
import { type MetricFamily, prometheusText, readSample, type Sample } from './prometheus.ts'

const lastSuccess = 'regguard_cluster_last_success_timestamp_seconds'
/** So many images and nodes have a series of their own. */
const maxSeries = 200

/** The metrics of a cluster, for the textfile collector of node_exporter. `previous` is the text of the last run. */
export function clusterMetrics(report: Report, previous?: string): string {
  return prometheusText([...aboutRun(report, previous), ...aboutPulls(report)])
}

function aboutRun(report: Report, previous = ''): MetricFamily[] {
  const labels = labelsOf(report)
  const endedAt = Date.parse(report.startedAt) / 1000 + report.durationMs / 1000
  const wasRead = report.cluster?.state === 'inspected' && report.stopped === undefined
  const success = wasRead ? endedAt : (readSample(previous, lastSuccess, labels) ?? 0)
  const gauge = (name: string, help: string, value: number) => family(name, help, [{ labels, value }])
  return [
    family('regguard_build_info', 'The version of regguard that wrote this.', [
      { labels: { version: report.tool.version }, value: 1 },
    ]),
    gauge('regguard_cluster_accessible', 'Whether the API server could be read: 1 or 0.', wasRead ? 1 : 0),
    gauge('regguard_cluster_last_run_timestamp_seconds', 'When the last run ended.', endedAt),
    gauge(lastSuccess, 'When the last run ended that could read the API server; 0 if none could.', success),
  ]
}

/** Left out where the cluster could not be read: a series that ends is not a zero. */
function aboutPulls(report: Report): MetricFamily[] {
  const { cluster } = report
  if (cluster?.state !== 'inspected') return []
  const labels = labelsOf(report)
  const one = (value: number): Sample[] => [{ labels, value }]
  const failing = cluster.pulls.filter(({ isFailing }) => isFailing)
  return [
    family('regguard_cluster_findings', 'Findings, by check and severity.', findingSamples(report)),
    family(
      'regguard_cluster_failing_pulls',
      'Images and causes that pods wait for now, by who has to act.',
      pullClasses.map((who) => ({
        labels: { ...labels, who },
        value: failing.filter((pull) => pull.who === who).length,
      })),
    ),
    family(
      'regguard_cluster_failing_nodes',
      'Nodes on which an image cannot be pulled for a cause.',
      failing.slice(0, maxSeries).map(({ image, host, leg, phase, kind, failingNodes }) => ({
        labels: { ...labels, image, host, leg, phase, kind },
        value: failingNodes,
      })),
    ),
    family(
      'regguard_cluster_dropped_series',
      'Failing images and causes that have no series of their own.',
      one(Math.max(0, failing.length - maxSeries) + cluster.morePulls),
    ),
    family(
      'regguard_cluster_stuck_pulls',
      'Pulls that began more than two minutes ago and did not end.',
      one(cluster.stuck.length),
    ),
    family(
      'regguard_cluster_unread_lists',
      'Lists that could not be read.',
      one(cluster.notInspected.length),
    ),
    ...(cluster.flux
      ? [
          family(
            'regguard_cluster_flux_failing_sources',
            'Sources of Flux whose last fetch failed, by whether that holds anything up.',
            (['unaffected', 'blocked'] as const).map((outcome) => ({
              labels: { ...labels, outcome },
              value: cluster.flux?.sources.filter((one) => one.outcome === outcome).length ?? 0,
            })),
          ),
        ]
      : []),
    ...aboutViews(cluster, labels),
    ...mirrorFamilies(report),
    family('regguard_cluster_nodes', 'Nodes.', one(cluster.counts.nodes)),
    family('regguard_cluster_pods', 'Pods.', one(cluster.counts.pods)),
  ]
}

/** What the nodes see; zeros for endpoints that answer all. */
function aboutViews(
  { views }: NonNullable<Report['cluster']>,
  labels: Record<string, string>,
): MetricFamily[] {
  if (!views) return []
  const nodesIn = (cells: NonNullable<typeof views>['rows'][number]['cells'], states: readonly string[]) =>
    cells.filter(({ state }) => states.includes(state)).reduce((sum, { nodeCount }) => sum + nodeCount, 0)
  return [
    family(
      'regguard_cluster_endpoint_failing_nodes',
      'Nodes from which an endpoint fails, always or sometimes, by what it was probed from.',
      views.rows.slice(0, maxSeries).flatMap(({ step, url, cells }) =>
        viewKinds.map((view) => ({
          labels: { ...labels, step, url, view },
          value: nodesIn(
            cells.filter(({ kind }) => kind === view),
            ['fails', 'sometimes'],
          ),
        })),
      ),
    ),
    family('regguard_cluster_missing_views', 'Views of nodes that are missing.', [
      { labels, value: views.missing.length },
    ]),
  ]
}

/** What mirrors hold of the images of the cluster. */
function mirrorFamilies(report: Report): MetricFamily[] {
  if (!report.coverage) return []
  return [
    family(
      'regguard_cluster_mirror_images',
      'Images that pods run or wait for, by how much of them a mirror holds.',
      report.coverage.mirrors.flatMap(({ mirror, registry, counts }) =>
        (['whole', 'partial', 'absent', 'unknown'] as const).map((state) => ({
          labels: { ...labelsOf(report), registry, mirror, state },
          value: counts[state],
        })),
      ),
    ),
  ]
}

/** A zero for every check and severity, so that an alert sees the first finding as a change. */
function findingSamples(report: Report): Sample[] {
  const findings = report.causes.flatMap((cause) => cause.findings)
  return report.checks
    .filter(({ id, group }) => group === 'cluster' || (report.coverage && ofMirrors.has(id)))
    .flatMap(({ id }) =>
      severities.map((severity) => ({
        labels: { ...labelsOf(report), id, severity },
        value: findings.filter((finding) => finding.id === id && finding.severity === severity).length,
      })),
    )
}

/** Checks of the mirrors that images of a cluster are looked for in. */
const ofMirrors = new Set(['image-nowhere', 'mirror-incomplete', 'mirror-outdated', 'mirror-not-asked'])

const family = (name: string, help: string, samples: Sample[]): MetricFamily => ({
  ...{ name, help, type: 'gauge', samples },
})

const labelsOf = ({ cluster }: Report): Record<string, string> => ({
  cluster: cluster?.context ?? cluster?.server ?? '',
})
