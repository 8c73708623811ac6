import type { ReportedFault, WatchedRegistryReport, WatchReport } from '../../../src/report/watch.ts'

/** A layer that is missing for two hours. */
export const fault = (change: Partial<ReportedFault> = {}): ReportedFault => ({
  ...{ id: 'layer-missing', severity: 'error', repository: 'team/app', tags: ['1.2'], platforms: [] },
  ...{ subject: 'r.example.com/team/app@sha256:1', message: '404', title: 'Missing layers: gone.' },
  ...{ advice: 'Push again.', page: 'docs/findings/layer-missing.md', new: false },
  ...{ brokenSince: '2026-03-01T10:00:00.000Z', lastSeen: '2026-03-01T12:00:00.000Z' },
  ...change,
})

/** A registry that is well. */
export const registryOf = (change: Partial<WatchedRegistryReport> = {}): WatchedRegistryReport => ({
  ...{ registry: 'r.example.com', status: 'ok', listed: true, lastRun: '2026-03-01T12:00:00.000Z' },
  ...{ durationMs: 1500, repositories: 3, tags: 7, indexes: 2, unknown: {}, unseen: [], unseenMore: 0 },
  ...{ objects: { proven: 20, stale: 0, unproven: 0, missing: 0 }, oldestProof: '2026-03-01T09:00:00.000Z' },
  ...{ faults: [], phases: {} },
  counters: {
    ...{
      runs: { ok: 5, partial: 0, findings: 1, unchecked: 0, stopped: 0 },
      skipped: { overlap: 0, locked: 0 },
    },
    ...{ requests: { '2xx': 1, '3xx': 0, '4xx': 0, '5xx': 0, none: 0 }, bytes: 2048 },
  },
  ...change,
})

/** The report of a watch of these registries. */
export const reportOf = (...registries: WatchedRegistryReport[]): WatchReport => ({
  ...{ version: 1, tool: { name: 'regguard', version: '1.2.3' }, classes: [], registries },
})
