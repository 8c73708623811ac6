import { describe, expect, test } from 'vitest'
import {
  emptyState,
  type LastRun,
  type RegistryState,
  repositoryIn,
  type Unseen,
  type WatchFault,
} from '../../src/facts/watch/state.ts'
import { stripColour } from '../../src/log/text.ts'
import { openMetricsText, prometheusText } from '../../src/outputs/prometheus.ts'
import { watchMetrics } from '../../src/outputs/watch-metrics.ts'
import { changeLines, watchLines } from '../../src/outputs/watch-text.ts'
import { registryReport, type WatchReport } from '../../src/report/watch.ts'
import { hour, layerAt, start } from '../facts/watch/states.ts'

const host = 'registry.example.com'

const unreadApp: Unseen = {
  ...{ repository: 'app', kind: 'rate-limited', count: 2, objects: [':2.0', ':3.0'], detail: 'HTTP 429' },
}
const lastRun: LastRun = {
  ...{ at: start, ms: 1500, outcome: 'findings', listed: true, repositories: 3, tags: 7, indexes: 2 },
  ...{ unknown: { 'rate-limited': 2 }, unseen: [unreadApp], unseenMore: 0, why: `${host}: HTTP 429` },
  phases: { registry: { first_byte: 12 }, storage: { body: 2 } },
}

const fault = (digest: string, more: Partial<WatchFault> = {}): WatchFault => ({
  ...{ id: 'layer-missing', severity: 'error', digest, subject: `${host}/app@${digest}`, message: '404' },
  ...{ title: 'Missing layers.', advice: 'Push again.', platforms: ['linux/amd64'] },
  ...{ firstSeen: start - hour, lastSeen: start, confirmed: start, ...more },
})

/** A registry in which these repositories have these faults. */
function broken(faults: Record<string, WatchFault[]>, run: Partial<LastRun> = {}): RegistryState {
  const state = { ...emptyState(host), lastRun: { ...lastRun, ...run }, lastSuccess: start, bytes: 99 }
  for (const [name, own] of Object.entries(faults)) {
    const repository = repositoryIn(state, name)
    repository.tags.set('1.0', { digest: 'sha256:i', firstSeen: start })
    repository.images.set('sha256:i', {
      ...{ digest: 'sha256:i', isIndex: true, firstSeen: start, lastRead: start, manifests: [], blobs: [] },
      faults: own,
    })
  }
  return state
}

const reportOf = (
  state: RegistryState,
  more: Partial<Parameters<typeof registryReport>[1]> = {},
): WatchReport => ({
  ...{ version: 1, tool: { name: 'regguard', version: '1.2.3' } },
  classes: [
    { id: 'orphaned-index', severity: 'error' },
    { id: 'layer-missing', severity: 'error' },
  ],
  registries: [
    registryReport(state, { accepted: [], reproveMs: 6 * hour, now: start, docsUrl: undefined, ...more }),
  ],
})
const textOf = (report: WatchReport, instance = false) => prometheusText(watchMetrics(report, { instance }))
const value = (text: string, name: string, labels = `registry="${host}"`) =>
  text
    .split('\n')
    .find((line) => line.startsWith(`${name}{${labels}} `))
    ?.split(' ')
    .at(-1)

describe('the six names of incident A', () => {
  test('have the label `registry`, and `instance` where nobody else sets it', () => {
    const report = reportOf(broken({ app: [fault('sha256:a'), fault('sha256:b')] }))
    const names = [
      'failures',
      'catalog_accessible',
      'repos_checked',
      'tags_checked',
      'indexes_checked',
      'last_run_timestamp',
    ]
    const valuesOf = (text: string, labels: string) =>
      names.map((name) => value(text, `registry_manifest_integrity_${name}`, labels))
    const expected = ['2', '1', '3', '7', '2', String(start / 1000)]
    expect(valuesOf(textOf(report), `registry="${host}"`)).toEqual(expected)
    expect(valuesOf(textOf(report, true), `registry="${host}",instance="${host}"`)).toEqual(expected)
    expect(textOf(report)).not.toContain('instance=')
  })
})

test('with several shards every series says which one it is from', () => {
  const text = textOf({ ...reportOf(broken({ app: [fault('sha256:a')] })), shard: 2 })
  const series = text
    .split('\n')
    .filter((line) => /^(?:registry_|regguard_probe_|regguard_series)/.test(line))
  expect(series.filter((line) => !line.includes(`registry="${host}",shard="2"`))).toEqual([])
})

describe('what is counted as broken', () => {
  test('is what two looks agree on and nobody accepted', () => {
    const { confirmed: _confirmed, ...once } = fault('sha256:once')
    const state = broken({
      app: [fault('sha256:a'), once, fault('sha256:w', { severity: 'warning' })],
      legacy: [fault('sha256:l')],
    })
    const accepted = [{ repository: 'legacy', reason: 'known', expires: start + hour }]
    const text = textOf(reportOf(state, { accepted }))
    const labels = (more: string) => `registry="${host}",${more}`
    expect(value(text, 'registry_manifest_integrity_failures')).toBe('1')
    expect(value(text, 'regguard_probe_findings', labels('class="layer-missing",severity="error"'))).toBe('1')
    expect(value(text, 'regguard_probe_findings', labels('class="layer-missing",severity="warning"'))).toBe(
      '1',
    )
    expect(value(text, 'regguard_probe_findings', labels('class="orphaned-index",severity="error"'))).toBe(
      '0',
    )
    expect(value(text, 'regguard_probe_accepted_findings')).toBe('1')
    // Not any more when the entry has expired.
    expect(
      value(
        textOf(reportOf(state, { accepted, now: start + 2 * hour })),
        'registry_manifest_integrity_failures',
      ),
    ).toBe('2')
  })

  test('is one for an object that two images share, and new for a day', () => {
    const state = broken({
      app: [fault('sha256:a')],
      other: [fault('sha256:a', { firstSeen: start - 25 * hour })],
    })
    repositoryIn(state, 'app').tags.set('2.0', { digest: 'sha256:j', firstSeen: start })
    repositoryIn(state, 'app').images.set('sha256:j', {
      ...{ digest: 'sha256:j', isIndex: true, firstSeen: start, lastRead: start, manifests: [], blobs: [] },
      faults: [fault('sha256:a')],
    })
    const text = textOf(reportOf(state))
    expect(value(text, 'registry_manifest_integrity_failures')).toBe('2')
    expect(value(text, 'regguard_probe_new_findings')).toBe('1')
    expect(reportOf(state).registries[0]?.faults.map(({ tags, new: isNew }) => [tags, isNew])).toEqual([
      [['1.0'], false],
      [['1.0', '2.0'], true],
    ])
  })

  test('is not said after a run that could not inspect the registry: no series is no zero', () => {
    const run = { outcome: 'unchecked', listed: false } as const
    const text = textOf(reportOf(broken({ app: [fault('sha256:a')] }, run)))
    for (const name of [
      'registry_manifest_integrity_failures',
      'regguard_probe_findings',
      'regguard_probe_broken_repository',
      'regguard_probe_unseen_repository',
    ])
      expect(text).not.toContain(`${name}{`)
    expect(value(text, 'registry_manifest_integrity_catalog_accessible')).toBe('0')
    expect(value(text, 'regguard_probe_last_success_timestamp_seconds')).toBe(String(start / 1000))
    expect(value(text, 'regguard_probe_unknown', `registry="${host}",reason="rate-limited"`)).toBe('2')
  })

  test('stays what the last run said that finished, and that the next one did not is a metric of its own', () => {
    const state = broken({ app: [fault('sha256:a')] })
    expect(value(textOf(reportOf(state)), 'regguard_probe_unfinished')).toBe('0')
    state.unfinished = { at: start + hour, why: 'it crashed' }
    const text = textOf(reportOf(state))
    expect(value(text, 'regguard_probe_unfinished')).toBe('1')
    expect(value(text, 'registry_manifest_integrity_failures')).toBe('1')
    expect(value(text, 'regguard_probe_last_run_timestamp_seconds')).toBe(String(start / 1000))
  })

  test('is told apart from what could not be inspected, by repository', () => {
    const text = textOf(reportOf(broken({ app: [] }, { outcome: 'partial', unseenMore: 7 })))
    const labels = `registry="${host}",repository="app",reason="rate-limited"`
    expect(value(text, 'regguard_probe_unseen_repository', labels)).toBe('2')
    expect(value(text, 'regguard_series_dropped')).toBe('7')
    expect(text).not.toContain(':2.0')
  })

  test('nor before the first run, whose times are 0', () => {
    const text = textOf(reportOf(emptyState(host)))
    expect(text).not.toContain('registry_manifest_integrity')
    expect(value(text, 'regguard_probe_last_success_timestamp_seconds')).toBe('0')
    expect(value(text, 'regguard_probe_runs_total', `registry="${host}",outcome="ok"`)).toBe('0')
  })
})

test('objects are proven, too old to claim, never proven, or missing', () => {
  const state = broken({ app: [] })
  const { objects } = repositoryIn(state, 'app')
  for (const object of [
    layerAt('a', start - hour),
    layerAt('b', start - 13 * hour),
    layerAt('c'),
    layerAt('d', start, { firstBroken: start }),
  ])
    objects.set(object.digest, object)
  const text = textOf(reportOf(state))
  for (const name of ['proven', 'stale', 'unproven', 'missing'])
    expect(value(text, 'regguard_probe_objects', `registry="${host}",state="${name}"`), name).toBe('1')
  expect(value(text, 'regguard_probe_oldest_proof_timestamp_seconds')).toBe(
    String((start - 13 * hour) / 1000),
  )
})

test('the number of series does not grow with tags or digests, and with repositories up to a limit', () => {
  const many = (count: number, each: number) =>
    broken(
      Object.fromEntries(
        Array.from({ length: count }, (_, at) => [
          `app${at}`,
          Array.from({ length: each }, (_one, n) => fault(`sha256:${at}-${n}`)),
        ]),
      ),
    )
  const lines = (state: RegistryState) => textOf(reportOf(state)).split('\n').length
  expect(lines(many(1, 1))).toBe(lines(many(1, 500)))
  expect(lines(many(200, 1))).toBe(lines(many(2000, 2)))
  const text = textOf(reportOf(many(2000, 2)))
  expect(value(text, 'regguard_series_dropped')).toBe('1800')
  expect(text).not.toMatch(/sha256:|1\.0/)
})

test('hostile names stay inside of their quotes', () => {
  const name = 'x"} 1\n# EOF\nevil 2\\'
  const text = textOf(reportOf(broken({ [name]: [fault('sha256:a')] })))
  expect(text).toContain('repository="x\\"} 1\\n# EOF\\nevil 2\\\\",class="layer-missing"} 1\n')
  expect(text.split('\n').every((line) => line === '' || /^(?:# |re\w+\{|re\w+ )/.test(line))).toBe(true)
})

test('OpenMetrics names a counter without _total, has TYPE before HELP, no families apart, and an end', () => {
  const text = openMetricsText(
    watchMetrics(reportOf(broken({ app: [fault('sha256:a')] })), { instance: false }),
  )
  expect(text).toContain(
    '# TYPE regguard_probe_runs counter\n# HELP regguard_probe_runs Runs, by how they ended.\nregguard_probe_runs_total{',
  )
  expect(text.endsWith('\n# EOF\n')).toBe(true)
  expect(
    text.split('\n').filter((line) => line.startsWith('#') && !/^# (?:TYPE|HELP|EOF)/.test(line)),
  ).toEqual([])
})

describe('the log', () => {
  const linesOf = (lines: string[]) => lines.map(stripColour)

  test('of one run tells what is broken, unknown and too old', () => {
    const state = broken({ app: [fault('sha256:a'), fault('sha256:b')] })
    repositoryIn(state, 'app').objects.set('x', layerAt('x', start - 13 * hour))
    expect(linesOf(watchLines(reportOf(state), 1))).toEqual([
      `regguard 1.2.3 · watch · ${host}`,
      '',
      '✗ cause   Missing layers.',
      '          app: 1.0 · since 2026-11-29T11:00:00.000Z',
      `          ${host}/app@sha256:a (linux/amd64): 404`,
      `          ${host}/app@sha256:b (linux/amd64): 404`,
      '  do      Push again.',
      '  more    regguard-plugin explain layer-missing',
      `? unknown ${host} could not be inspected as a whole: 2 × rate-limited`,
      '          app:2.0, app:3.0: HTTP 429',
      '  more    regguard-plugin explain rate-limited',
      `? too old ${host}: 1 object not proven since 2026-11-28T23:00:00.000Z`,
      '',
      `FAILED    ${host} · 2 broken, 2 unknown, 1 too old · 3 repositories, 7 tags, 2 indexes, 0 objects proven · 1.5 s · exit 1`,
    ])
  })

  const verdictOf = (state: RegistryState, exitCode: number, more = {}) =>
    linesOf(watchLines(reportOf(state, more), exitCode)).at(-1)
  const clear = { unknown: {}, unseen: [] }

  test('has a word of its own for each way in which nothing failed', () => {
    const accepted = [{ repository: 'app', reason: 'known', expires: start + hour }]
    const broke = broken({ app: [fault('sha256:a')] }, clear)
    expect(verdictOf(broke, 0, { accepted })).toMatch(/^ACCEPTED .* 0 broken, 1 accepted, 0 unknown/)
    const warned = broken({ app: [fault('sha256:a', { severity: 'warning' })] }, clear)
    expect(verdictOf(warned, 0)).toMatch(/^WARNED .* 1 broken, 0 unknown/)
    expect(verdictOf(broken({ app: [] }, { outcome: 'partial' }), 3)).toMatch(/^PARTIAL .* 2 unknown/)
    expect(verdictOf(broken({ app: [] }, { ...clear, outcome: 'ok' }), 0)).toMatch(/^OK /)
    // Accepted faults hide nothing that could not be inspected, nor what is too old.
    const both = broken({ app: [fault('sha256:a')] })
    expect(verdictOf(both, 3, { accepted })).toMatch(/^PARTIAL .* 1 accepted, 2 unknown/)
    const old = broken({ app: [] }, { ...clear, outcome: 'ok' })
    repositoryIn(old, 'app').objects.set('x', layerAt('x', start - 13 * hour))
    expect(verdictOf(old, 3)).toMatch(/^PARTIAL .* 1 too old/)
  })

  test('of a run that did not finish says so, and whose verdict the rest is', () => {
    const state = broken({ app: [] }, { ...clear, outcome: 'ok' })
    state.unfinished = { at: start, why: 'it crashed' }
    const lines = linesOf(watchLines(reportOf(state), 3))
    expect(lines).toContain(
      `? stopped ${host}: the run did not finish, because it crashed; what is said here is from the one before`,
    )
    expect(lines.at(-1)).toMatch(/^STOPPED /)
    const first = linesOf(watchLines(reportOf({ ...emptyState(host), unfinished: state.unfinished }), 3))
    expect(first.join('\n')).toContain('there is none before it')
  })

  test('of a watch tells what changed, and nothing else', () => {
    const [good, bad, partial, down, few] = [
      broken({ app: [] }, { ...clear, outcome: 'ok' }),
      broken({ app: [fault('sha256:a')] }, clear),
      broken({ app: [] }, { outcome: 'partial' }),
      broken({ app: [fault('sha256:a')] }, { outcome: 'unchecked' }),
      broken({ app: [] }, { ...clear, outcome: 'ok', repositories: 1 }),
    ].map((state) => registryReport(state, { accepted: [], reproveMs: hour, now: start, docsUrl: undefined }))
    if (!good || !bad || !partial || !down || !few) throw new Error('no reports')
    const changes = (before: typeof good, after: typeof good) => linesOf(changeLines(before, after))
    expect(changes(good, good)).toEqual([])
    expect(changes(bad, bad)).toEqual([])
    expect(changes(partial, partial)).toEqual([])
    expect(changes(good, bad)[0]).toBe('✗ cause   Missing layers.')
    expect(changes(bad, good)).toEqual([`✓ ${host}/app@sha256:a: layer-missing is over`])
    expect(changes(good, partial)).toEqual([
      `? unknown ${host} could not be inspected as a whole: 2 × rate-limited`,
      '          app:2.0, app:3.0: HTTP 429',
      '  more    regguard-plugin explain rate-limited',
    ])
    expect(changes(partial, good)).toEqual(['✓ app can be inspected again'])
    expect(changes(bad, down)[0]).toBe(`? unknown ${host} could not be inspected: 2 × rate-limited`)
    expect(changes(down, bad)).toEqual([`✓ ${host} can be inspected again`])
    expect(changes(good, few)).toEqual([`! ${host} has 1 repositories, and had 3 in the run before`])
    const cut = { ...good, unfinished: { at: 'now', why: 'it crashed' } }
    expect(changes(good, cut)).toEqual([expect.stringContaining('did not finish, because it crashed')])
    expect(changes(cut, cut)).toEqual([])
  })
})
