import { describe, expect, test } from 'vitest'
import { checks } from '../../src/checks/index.ts'
import { runChecks } from '../../src/checks/run.ts'
import { reportSchema } from '../../src/report/schema.ts'
import {
  absent,
  type Change,
  healthyFacts,
  hostIn,
  quirky,
  repositoryIn,
  settingsWith,
  unseen,
  withBlob,
} from '../support/facts.ts'
import { broken, neverAnswered } from './changes.ts'
import { reportOf } from './reports.ts'

describe('the report keeps to its schema, and says nothing beyond it', () => {
  test.each<[string, Change]>([['all is well', () => {}], ...broken])('when %s', (_sentence, change) => {
    const report = reportOf(change)
    expect(reportSchema.parse(report)).toEqual(report)
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
  })

  test('when a hostile manifest names sizes beyond counting', () => {
    const report = reportOf((facts) => {
      for (const blob of repositoryIn(facts).blobs)
        blob.descriptor = { ...blob.descriptor, size: 2 ** 53 - 1 }
    })
    expect(reportSchema.safeParse(report).error).toBeUndefined()
  })

  test('when the clock was set back meanwhile', () => {
    expect(reportSchema.safeParse(reportOf(() => {}, { durationMs: -500 })).error).toBeUndefined()
  })
})

describe('every way to be broken is told', () => {
  test.each(broken)('when %s', (_sentence, change) => {
    const report = reportOf(change)
    const faultsOf = report.causes.length + report.groups.filter(({ status }) => status !== 'pass').length
    expect(faultsOf).toBeGreaterThan(0)
    for (const cause of report.causes) {
      expect(cause.findings.length).toBeGreaterThan(0)
      expect(cause.title).toMatch(/[.:]$/)
      expect(cause.advice).toMatch(/\S$/)
      expect(cause.page).toBe(`docs/findings/${cause.id}.md`)
    }
  })
})

test('a report says what ran, where, when and how long', () => {
  const ci = {
    platform: 'woodpecker',
    event: 'push',
    number: '#366',
    url: 'https://ci.example.com/366',
  } as const
  expect(reportOf(() => {}, { ci, given: { depth: 'full' } })).toMatchObject({
    version: 2,
    tool: { name: 'regguard', version: '0.0.0-test' },
    ci,
    startedAt: '2026-02-28T23:59:59.000Z',
    durationMs: 400,
    depth: 'full',
    status: 'pass',
    exitCode: 0,
  })
})

test('hosts are told with what is left of their certificates', () => {
  expect(reportOf().hosts).toEqual([
    {
      host: 'registry.example.com',
      roles: ['registry', 'storage'],
      addresses: ['192.0.2.10'],
      source: 'DNS',
      protocol: 'https',
      http2: true,
      certificate: { subject: 'registry.example.com', issuer: 'Example CA', daysLeft: 60, verified: true },
      requests: 15,
      retried: 0,
      servesBlobs: true,
    },
  ])
})

test('a certificate without a date is not told', () => {
  const report = reportOf((facts) => {
    const { tls } = hostIn(facts)
    if (tls) tls.validTo = Number.NaN
  })
  expect(reportSchema.parse(report).hosts[0]).not.toHaveProperty('certificate')
})

describe('the totals', () => {
  test('count every object once, and what was read', () => {
    const { totals } = reportOf()
    const objects = 5 + 9
    expect(totals).toMatchObject({
      objects,
      seen: objects,
      readBytes: 20_000,
      requests: 15,
      findings: 0,
      causes: 0,
    })
    expect(totals.sizeBytes).toBe(30 * 1024 ** 2 + 2048 + (5 + 7) * 1200)
  })

  test('count what was not seen', () => {
    expect(reportOf(withBlob('base layer', unseen('rate-limited'))).totals).toMatchObject({
      objects: 14,
      seen: 13,
    })
    expect(reportOf(neverAnswered('connection-refused')).totals).toMatchObject({ objects: 0, seen: 0 })
  })

  test('count findings and causes, notes left out', () => {
    const { totals } = reportOf((facts) => {
      withBlob('base layer', absent())(facts)
      withBlob('amd64 layer', absent())(facts)
      quirky('head-unsupported', 1)(facts)
    })
    expect(totals).toMatchObject({ findings: 2, causes: 1 })
  })
})

describe('a run that was stopped', () => {
  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ])('by %s ends with the exit code of the signal', (name, exitCode) => {
    const stopped = { why: `stopped by ${name}`, exitCode }
    expect(reportOf(neverAnswered('run-stopped'), { stopped })).toMatchObject({
      exitCode,
      stopped: `stopped by ${name}`,
      status: 'unknown',
    })
    expect(reportOf(withBlob('base layer', absent()), { stopped })).toMatchObject({
      exitCode,
      status: 'fail',
    })
  })

  test('by its time limit ends with what was seen: unchecked, or at fault', () => {
    const stopped = { why: 'timed out after 10 min (setting timeout)' }
    expect(reportOf(neverAnswered('run-stopped'), { stopped }).exitCode).toBe(3)
    expect(reportOf(withBlob('base layer', absent()), { stopped }).exitCode).toBe(1)
  })
})

test('a check that throws is told, and the others go on', () => {
  const facts = healthyFacts()
  withBlob('base layer', absent())(facts)
  Object.assign(facts.path, { hosts: undefined })
  const { results, crashes } = runChecks(checks, facts, settingsWith())
  const fails = results.filter(({ status }) => status === 'fail').map(({ id }) => id)
  expect(fails).toContain('layer-missing')
  expect(results.find(({ id }) => id === 'cert-expiring')).toMatchObject({
    ...{ status: 'unknown', why: 'the check crashed', findings: [] },
  })
  expect(crashes.map(({ check }) => check)).toContain('cert-expiring')

  const report = reportOf(() => {}, { crashes: crashes.filter(({ check }) => check === 'cert-expiring') })
  expect(report.crashes).toContainEqual(expect.stringMatching(/^cert-expiring: .*undefined/))
  const statuses = report.groups.map(({ status }) => status)
  expect(statuses).toEqual(['pass', 'pass', 'unknown', 'off'])
})
