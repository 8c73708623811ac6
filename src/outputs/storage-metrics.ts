import { severities } from '../core/finding.ts'
import type { Report } from '../report/schema.ts'
import { type MetricFamily, prometheusText, readSample, type Sample } from './prometheus.ts'

const lastSuccess = 'regguard_storage_last_success_timestamp_seconds'
/** So many repositories with findings have a series of their own. */
const maxRepositories = 200

/**
 * The metrics of a storage, for the textfile collector of node_exporter. `previous` is the text of the last run, whose time of success
 * stays where this run could not read the storage. Digests and tags are in the JSON report only: as labels they would grow without end.
 */
export function renderPrometheus(report: Report, previous?: string): string {
  return prometheusText([...aboutRun(report, previous), ...aboutStorage(report)])
}

/** Metrics that every run has, whatever it saw. */
function aboutRun(report: Report, previous = ''): MetricFamily[] {
  const labels = labelsOf(report)
  const startedAt = Date.parse(report.startedAt) / 1000
  const endedAt = startedAt + report.durationMs / 1000
  const wasRead = report.storage?.state === 'inspected' && report.stopped === undefined
  const success = wasRead ? endedAt : (readSample(previous, lastSuccess, labels) ?? 0)
  const gauge = (name: string, help: string, value: number) => family(name, help, [{ labels, value }])
  return [
    family('regguard_build_info', 'The version of regguard that wrote this.', [
      { labels: { version: report.tool.version }, value: 1 },
    ]),
    gauge('regguard_storage_accessible', 'Whether the storage could be read: 1 or 0.', wasRead ? 1 : 0),
    gauge('regguard_storage_last_run_timestamp_seconds', 'When the last scan ended.', endedAt),
    gauge(lastSuccess, 'When the last scan ended that could read the storage; 0 if none could.', success),
    gauge('regguard_storage_run_duration_seconds', 'How long the last scan took.', report.durationMs / 1000),
  ]
}

/** What was found. Left out where the storage could not be read: a series that ends is not a zero. */
function aboutStorage(report: Report): MetricFamily[] {
  const { storage } = report
  if (storage?.state !== 'inspected') return []
  const labels = labelsOf(report)
  const { counts, unread } = storage
  const one = (value: number): Sample[] => [{ labels, value }]
  return [
    family('regguard_storage_findings', 'Findings, by check and severity.', findingSamples(report)),
    ...repositoryFamilies(report),
    ...forecastFamilies(report),
    family('regguard_storage_tagged_images', 'Manifests that tags point to, by state.', imageSamples(report)),
    family(
      'regguard_storage_unknown_checks',
      'Checks that could not be decided.',
      one(unknownChecks(report)),
    ),
    family('regguard_storage_unread_paths', 'Files and folders that could not be read.', one(unread.count)),
    ...(counts
      ? [
          family('regguard_storage_repositories', 'Repositories.', one(counts.repositories)),
          family('regguard_storage_tags', 'Tags.', one(counts.tags)),
          family('regguard_storage_manifests', 'Manifests that a repository links.', one(counts.manifests)),
          family('regguard_storage_blobs', 'Blobs.', one(counts.blobs)),
          family('regguard_storage_blob_bytes', 'The sizes of all blobs.', one(counts.bytes)),
          family('regguard_storage_uploads', 'Uploads that were not completed.', one(counts.uploads)),
        ]
      : []),
  ]
}

const family = (name: string, help: string, samples: Sample[]): MetricFamily => ({
  ...{ name, help, type: 'gauge', samples },
})

/** The storage as the setting names it. `instance` and `job` are left to Prometheus. */
const labelsOf = ({ storage }: Report): Record<string, string> => ({ storage: storage?.root ?? '' })

const findingsOf = ({ causes }: Report) =>
  causes.filter(({ group }) => group === 'storage').flatMap(({ findings }) => findings)

const checksOf = ({ checks }: Report) => checks.filter(({ group }) => group === 'storage')

const unknownChecks = (report: Report): number =>
  checksOf(report).filter(({ status }) => status === 'unknown').length

/** A zero for every check and severity, so that an alert sees the first finding as a change. */
function findingSamples(report: Report): Sample[] {
  const findings = findingsOf(report)
  return checksOf(report).flatMap(({ id }) =>
    severities.map((severity) => ({
      labels: { ...labelsOf(report), id, severity },
      value: findings.filter((finding) => finding.id === id && finding.severity === severity).length,
    })),
  )
}

/** `unknown`: something of it could not be read. */
function imageSamples(report: Report): Sample[] {
  const images = report.storage?.images
  if (!images) return []
  const { tagged, whole, unknown } = images
  return Object.entries({ whole, broken: tagged - whole - unknown, unknown }).map(([state, value]) => ({
    labels: { ...labelsOf(report), state },
    value,
  }))
}

/** What the next garbage collection does: by version, and with and without `--delete-untagged`. */
function forecastFamilies(report: Report): MetricFamily[] {
  const runs = report.storage?.forecast ?? []
  const metric = (
    name: string,
    help: string,
    value: (run: (typeof runs)[number]) => number,
    of: typeof runs = runs,
  ) =>
    family(
      `regguard_storage_forecast_${name}`,
      `${help} by the next garbage collection.`,
      of.map((run) => ({
        labels: { ...labelsOf(report), gc: run.version, delete_untagged: String(run.deleteUntagged) },
        value: value(run),
      })),
    )
  return [
    metric('broken_images', 'Tagged images that would be broken', ({ breaks }) => breaks),
    metric(
      'lost_repairs',
      'Broken images that would lose what is left of them',
      ({ losesRepair }) => losesRepair,
    ),
    metric('aborts', 'Places that would be stopped at', ({ aborts }) => aborts),
    // What was not read may need any of the blobs.
    metric(
      'freed_bytes',
      'Bytes that would be freed',
      ({ bytes }) => bytes,
      runs.filter(({ partial }) => !partial),
    ),
  ]
}

/** The repositories with errors or warnings; those beyond the limit are counted. */
function repositoryFamilies(report: Report): MetricFamily[] {
  const counts = new Map<string, number>()
  for (const { repository, severity } of findingsOf(report))
    if (repository !== undefined && severity !== 'note')
      counts.set(repository, (counts.get(repository) ?? 0) + 1)
  const all = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  const labels = labelsOf(report)
  return [
    family(
      'regguard_storage_repository_findings',
      'Errors and warnings of a repository; those without any have no series.',
      all
        .slice(0, maxRepositories)
        .map(([repository, value]) => ({ labels: { ...labels, repository }, value })),
    ),
    family(
      'regguard_storage_dropped_series',
      'Repositories with findings that have no series of their own.',
      [{ labels, value: Math.max(0, all.length - maxRepositories) }],
    ),
  ]
}
