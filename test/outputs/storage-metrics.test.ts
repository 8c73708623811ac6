import { expect, test } from 'vitest'
import type { Finding } from '../../src/core/finding.ts'
import { renderPrometheus } from '../../src/outputs/storage-metrics.ts'
import type { Report } from '../../src/report/schema.ts'
import { reportOf } from '../report/reports.ts'
import { healthyStorage, storageRoot } from '../support/storage/storage-facts.ts'

const storageReport = (): Report =>
  reportOf(
    (facts) => {
      facts.storage = healthyStorage()
    },
    { given: { checks: 'storage', storage: storageRoot } },
  )

const samples = (text: string, name: string): string[] =>
  text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))

const finding = (id: string, severity: Finding['severity'], repository?: string) => ({
  ...{ id, severity, group: 'storage' as const, subject: 's', message: 'm', evidence: [], advice: 'a' },
  ...(repository === undefined ? {} : { repository }),
})

/** A report with these findings, one cause for each. */
function withFindings(...findings: ReturnType<typeof finding>[]): Report {
  const report = storageReport()
  report.causes = findings.map((one) => ({ ...one, title: 't', page: 'p', findings: [one] }))
  return report
}

test('a healthy storage has a zero for every check and severity', () => {
  const text = renderPrometheus(storageReport())
  const found = samples(text, 'regguard_storage_findings')
  expect(found.length % 3).toBe(0)
  expect(found.length).toBeGreaterThan(6)
  expect(found.every((line) => line.endsWith(' 0'))).toBe(true)
  expect(text).toContain(
    'regguard_storage_findings{storage="/var/lib/registry",id="storage-incomplete",severity="error"} 0\n',
  )
  expect(text).toContain('regguard_storage_accessible{storage="/var/lib/registry"} 1\n')
  expect(text).toContain('regguard_storage_blobs{storage="/var/lib/registry"} 27\n')
  expect(samples(text, 'regguard_storage_repository_findings')).toEqual([])
  expect(samples(text, 'regguard_storage_dropped_series')).toEqual([expect.stringMatching(/ 0$/)])
})

test('findings are counted by check, severity and repository', () => {
  const text = renderPrometheus(
    withFindings(
      finding('storage-incomplete', 'error', 'a"b'),
      finding('storage-incomplete', 'warning', 'a"b'),
      finding('storage-not-readable', 'warning', 'c'),
      finding('storage-not-readable', 'note', 'd'),
    ),
  )
  expect(samples(text, 'regguard_storage_findings').filter((line) => !line.endsWith(' 0'))).toEqual([
    'regguard_storage_findings{storage="/var/lib/registry",id="storage-not-readable",severity="warning"} 1',
    'regguard_storage_findings{storage="/var/lib/registry",id="storage-not-readable",severity="note"} 1',
    'regguard_storage_findings{storage="/var/lib/registry",id="storage-incomplete",severity="error"} 1',
    'regguard_storage_findings{storage="/var/lib/registry",id="storage-incomplete",severity="warning"} 1',
  ])
  expect(samples(text, 'regguard_storage_repository_findings')).toEqual([
    'regguard_storage_repository_findings{storage="/var/lib/registry",repository="a\\"b"} 2',
    'regguard_storage_repository_findings{storage="/var/lib/registry",repository="c"} 1',
  ])
})

test('at most 200 repositories have a series, those with most findings', () => {
  const many = Array.from({ length: 250 }, (_, at) => finding('storage-incomplete', 'error', `r${at}`))
  const text = renderPrometheus(withFindings(...many, finding('storage-incomplete', 'error', 'r249')))
  const found = samples(text, 'regguard_storage_repository_findings')
  expect(found).toHaveLength(200)
  expect(found[0]).toContain('repository="r249"} 2')
  expect(samples(text, 'regguard_storage_dropped_series')).toEqual([expect.stringMatching(/ 50$/)])
})

test('a storage that cannot be read keeps the time of the last success, and claims nothing else', () => {
  const before = storageReport()
  const last = renderPrometheus(before)
  const unread = storageReport()
  unread.storage = {
    root: '/var/lib/registry',
    driver: 'filesystem',
    state: 'not inspected',
    unread: { count: 0, places: [] },
  }
  unread.startedAt = new Date(Date.parse(before.startedAt) + 86_400_000).toISOString()
  const text = renderPrometheus(unread, last)
  const value = (from: string, name: string) =>
    samples(from, name).map((line) => Number(line.split(' ').at(-1)))
  const success = 'regguard_storage_last_success_timestamp_seconds'
  const run = 'regguard_storage_last_run_timestamp_seconds'
  expect(value(text, success)).toEqual(value(last, success))
  expect(value(text, run)).toEqual([(value(last, run)[0] ?? 0) + 86_400])
  expect(value(text, 'regguard_storage_accessible')).toEqual([0])
  expect(text).not.toContain('regguard_storage_findings')
  expect(text).not.toContain('regguard_storage_blobs')
  expect(value(renderPrometheus(unread, 'something else'), success)).toEqual([0])
})

test('a run that was stopped is no success', () => {
  const stopped = { ...storageReport(), stopped: 'stopped by SIGTERM' }
  expect(renderPrometheus(stopped)).toContain(
    'last_success_timestamp_seconds{storage="/var/lib/registry"} 0\n',
  )
})

test('what is freed is told only where the whole storage was read', () => {
  const freed = (partial: boolean) => {
    const report = storageReport()
    const run = {
      ...{ version: '2.8' as const, deleteUntagged: true, likelihood: 'expected' as const },
      ...(partial ? { partial: true as const } : {}),
      ...{ aborts: 0, breaks: 1, losesRepair: 0, emptied: 0, referrers: 0, revisions: 2, layerLinks: 0 },
      ...{ blobs: 3, bytes: 4096, byRepository: [] },
    }
    const text = renderPrometheus({
      ...report,
      ...(report.storage ? { storage: { ...report.storage, forecast: [run] } } : {}),
    })
    return ['broken_images', 'freed_bytes'].map(
      (name) => samples(text, `regguard_storage_forecast_${name}`).length,
    )
  }
  expect(freed(false)).toEqual([1, 1])
  expect(freed(true)).toEqual([1, 0])
})
