import { severities } from '../core/finding.ts'
import { codeClasses, outcomes, skipReasons } from '../facts/watch/state.ts'
import {
  isInspected as inspected,
  unknownReasons,
  type WatchedRegistryReport,
  type WatchReport,
} from '../report/watch.ts'
import type { MetricFamily, Sample } from './prometheus.ts'

/** So many pairs of repository and class have a series of their own. */
const maxSeries = 200

type Labels = Record<string, string>
/** The values of a metric for one registry, by the labels besides `registry`. */
type Values = { labels?: Labels; value: number }[]

interface Definition {
  name: string
  help: string
  type?: 'counter'
  values: (registry: WatchedRegistryReport, report: WatchReport) => Values
}

/**
 * The metrics of a watch. `instance` adds the label of that name to those metrics that dashboards of others already have: where the
 * metrics are scraped, Prometheus sets it. Tags and digests are in `/findings` only: as labels they would grow without end.
 */
export function watchMetrics(report: WatchReport, { instance }: { instance: boolean }): MetricFamily[] {
  const families = definitions.map(
    ({ name, help, type = 'gauge' as const, values }): MetricFamily => ({
      name,
      help,
      type,
      samples: report.registries.flatMap((registry) =>
        values(registry, report).map(
          ({ labels = {}, value }): Sample => ({
            labels: {
              registry: registry.registry,
              ...(report.shard === undefined ? {} : { shard: String(report.shard) }),
              ...(instance && name.startsWith('registry_') ? { instance: registry.registry } : {}),
              ...labels,
            },
            value,
          }),
        ),
      ),
    }),
  )
  const buildInfo: MetricFamily = {
    name: 'regguard_build_info',
    help: 'The version of regguard that wrote this.',
    type: 'gauge',
    samples: [{ labels: { version: report.tool.version }, value: 1 }],
  }
  return [...families, buildInfo]
}

const one = (value: number): Values => [{ value }]
const seconds = (time: string | undefined): number => (time === undefined ? 0 : Date.parse(time) / 1000)

const ran = ({ status }: WatchedRegistryReport): boolean => status !== 'waiting'

const counted = ({ faults }: WatchedRegistryReport) => faults.filter(({ accepted }) => accepted === undefined)
const errors = (registry: WatchedRegistryReport) =>
  counted(registry).filter(({ severity }) => severity === 'error')

/** Before a run has ended, and after one that could not inspect the registry, nothing is said of what is broken: no series is no zero. */
const definitions: Definition[] = [
  {
    name: 'registry_manifest_integrity_failures',
    help: 'Broken objects of images that tags refer to, seen twice.',
    values: (registry) => (inspected(registry) ? one(errors(registry).length) : []),
  },
  {
    name: 'registry_manifest_integrity_catalog_accessible',
    help: 'Whether what is to be watched could be listed: 1 or 0.',
    values: (registry) => (ran(registry) ? one(registry.listed ? 1 : 0) : []),
  },
  ...(['repositories', 'tags', 'indexes'] as const).map(
    (field): Definition => ({
      name: `registry_manifest_integrity_${field === 'repositories' ? 'repos' : field}_checked`,
      help: `How many ${field} the last run asked for.`,
      values: (registry) => (inspected(registry) ? one(registry[field]) : []),
    }),
  ),
  {
    name: 'registry_manifest_integrity_last_run_timestamp',
    help: 'When the last run ended.',
    values: (registry) => (ran(registry) ? one(seconds(registry.lastRun)) : []),
  },
  {
    name: 'regguard_probe_findings',
    help: 'Findings that two looks agree on and that are not accepted, by class and severity.',
    values: (registry, { classes }) => (inspected(registry) ? findingValues(registry, classes) : []),
  },
  {
    name: 'regguard_probe_broken_repository',
    help: 'Findings of a repository, by class; those without any have no series.',
    values: (registry) => (inspected(registry) ? brokenValues(registry).slice(0, maxSeries) : []),
  },
  {
    name: 'regguard_series_dropped',
    help: 'How many repositories, by class or reason, have no series of their own.',
    values: (registry) => one(Math.max(0, brokenValues(registry).length - maxSeries) + registry.unseenMore),
  },
  {
    name: 'regguard_probe_accepted_findings',
    help: 'Findings that the list of accepted faults names.',
    values: (registry) => (inspected(registry) ? one(registry.faults.length - counted(registry).length) : []),
  },
  {
    name: 'regguard_probe_new_findings',
    help: 'Errors that were first seen less than a day ago.',
    values: (registry) =>
      inspected(registry) ? one(errors(registry).filter((fault) => fault.new).length) : [],
  },
  {
    name: 'regguard_probe_last_success_timestamp_seconds',
    help: 'When the last run ended that could inspect the registry; 0 if none could.',
    values: ({ lastSuccess }) => one(seconds(lastSuccess)),
  },
  {
    name: 'regguard_probe_last_run_timestamp_seconds',
    help: 'When the last run ended; 0 if none did.',
    values: ({ lastRun }) => one(seconds(lastRun)),
  },
  {
    name: 'regguard_probe_run_duration_seconds',
    help: 'How long the last run took.',
    values: (registry) => (ran(registry) ? one(registry.durationMs / 1000) : []),
  },
  {
    name: 'regguard_probe_runs_total',
    help: 'Runs, by how they ended.',
    type: 'counter',
    values: ({ counters }) =>
      outcomes.map((outcome) => ({ labels: { outcome }, value: counters.runs[outcome] })),
  },
  {
    name: 'regguard_probe_skipped_runs_total',
    help: 'Runs that did not take place, by reason.',
    type: 'counter',
    values: ({ counters }) =>
      skipReasons.map((reason) => ({ labels: { reason }, value: counters.skipped[reason] })),
  },
  {
    name: 'regguard_probe_objects',
    help: 'Manifests and blobs: proven; proven too long ago to claim anything; never proven to their end; missing or broken.',
    values: ({ objects }) => Object.entries(objects).map(([state, value]) => ({ labels: { state }, value })),
  },
  {
    name: 'regguard_probe_oldest_proof_timestamp_seconds',
    help: 'The last proof of the object that was proven longest ago.',
    values: ({ oldestProof }) => (oldestProof === undefined ? [] : one(seconds(oldestProof))),
  },
  {
    name: 'regguard_probe_bytes_read_total',
    help: 'Bytes of bodies that were read.',
    type: 'counter',
    values: ({ counters }) => one(counters.bytes),
  },
  {
    name: 'regguard_probe_requests_total',
    help: 'Requests, by the class of their status; none: without a response.',
    type: 'counter',
    values: ({ counters }) =>
      codeClasses.map((code) => ({ labels: { code_class: code }, value: counters.requests[code] })),
  },
  {
    name: 'regguard_probe_phase_seconds',
    help: 'The mean duration of a phase of requests in the last run, by what the host is for.',
    values: ({ phases }) =>
      Object.entries(phases).flatMap(([leg, means]) =>
        Object.entries(means).map(([phase, ms]) => ({ labels: { leg, phase }, value: ms / 1000 })),
      ),
  },
  {
    name: 'regguard_probe_unknown',
    help: 'What the last run could not inspect, by reason.',
    values: (registry) =>
      ran(registry)
        ? unknownReasons.map((reason) => ({ labels: { reason }, value: registry.unknown[reason] ?? 0 }))
        : [],
  },
  {
    name: 'regguard_probe_unseen_repository',
    help: 'What the last run could not inspect in a repository, by reason; those seen as a whole have no series.',
    // Of a registry that is down every repository would have one.
    values: (registry) =>
      inspected(registry)
        ? registry.unseen.map(({ repository, reason, count }) => ({
            labels: { repository, reason },
            value: count,
          }))
        : [],
  },
  {
    name: 'regguard_probe_unfinished',
    help: 'Whether the last run did not finish: 1 or 0.',
    values: ({ unfinished }) => one(unfinished ? 1 : 0),
  },
]

/** A zero for every class, so that an alert sees the first finding as a change. */
function findingValues(registry: WatchedRegistryReport, classes: WatchReport['classes']): Values {
  const found = counted(registry)
  return classes.flatMap((known) =>
    severities
      .filter((severity) => severity !== 'note')
      .map((severity) => ({
        labels: { class: known.id, severity },
        value: found.filter((fault) => fault.id === known.id && fault.severity === severity).length,
      })),
  )
}

function brokenValues(registry: WatchedRegistryReport): Values {
  const counts = new Map<string, { labels: Labels; value: number }>()
  for (const { repository, id } of counted(registry)) {
    const key = `${repository} ${id}`
    const known = counts.get(key) ?? { labels: { repository, class: id }, value: 0 }
    counts.set(key, { ...known, value: known.value + 1 })
  }
  return [...counts]
    .toSorted(([a, x], [b, y]) => y.value - x.value || (a < b ? -1 : 1))
    .map(([, value]) => value)
}
