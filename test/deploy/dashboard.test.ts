import { readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { renderMetrics } from '../../src/outputs/metrics.ts'
import { watchMetrics } from '../../src/outputs/watch-metrics.ts'
import { reportOf } from '../report/reports.ts'
import { clusterWith, legs, viewsOf } from '../support/cluster/node-views.ts'
import { backOff, podOf, resolveError } from '../support/cluster/objects.ts'
import { coveredRegistry, withCoverage } from '../support/coverage.ts'
import { findProgram, suiteNeeds } from '../support/need.ts'

interface Panel {
  id: number
  title: string
  type: string
  targets?: { expr: string; datasource: { uid: string } }[]
  gridPos: { x: number; y: number; w: number; h: number }
}
const deploy = new URL('../../deploy/', import.meta.url)
const dashboard: {
  uid: string
  panels: Panel[]
  __inputs?: unknown
  templating: { list: { name: string }[] }
} = JSON.parse(readFileSync(new URL('grafana/regguard.json', deploy), 'utf8'))
const targets = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map((target) => ({ title, ...target })),
)

/** The expression as Grafana sends it. */
const sent = (expr: string): string => expr.replaceAll('$registry', '.*').replaceAll('$__rate_interval', '5m')

test('the dashboard can be provisioned: its address is fixed, and its data source is a choice', () => {
  expect(dashboard.uid).toBe('regguard-registries')
  expect(dashboard.__inputs).toBeUndefined()
  expect(dashboard.templating.list.map(({ name }) => name)).toEqual(['datasource', 'registry'])
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana.
  expect(new Set(targets.map(({ datasource }) => datasource.uid))).toEqual(new Set(['${datasource}']))
})

test('its panels do not overlap, and each shows something', () => {
  const cells = new Map<string, string>()
  for (const { title, type, targets: shown, gridPos } of dashboard.panels) {
    expect(type === 'row' || (shown?.length ?? 0) > 0, title).toBe(true)
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(cells.get(`${x} ${y}`), title).toBeUndefined()
        cells.set(`${x} ${y}`, title)
      }
  }
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length)
})

suiteNeeds(['promtool'])('Prometheus', () => {
  test('reads every expression of the dashboard', async () => {
    const file = join(tmpdir(), `regguard-dashboard-${process.pid}.yaml`)
    const rules = targets.map(({ expr }, at) => ({ record: `panel:${at}`, expr: sent(expr) }))
    await writeFile(file, stringify({ groups: [{ name: 'dashboard', rules }] }))
    const { exitCode, all } = await execa(findProgram('promtool') ?? '', ['check', 'rules', file], {
      all: true,
      reject: false,
    })
    await rm(file)
    expect(exitCode, all).toBe(0)
    expect(all).toContain(`${targets.length} rules found`)
  })
})

test('rules and dashboard name only metrics that exist', () => {
  const page = readFileSync(new URL('README.md', deploy), 'utf8')
  const report = {
    version: 1,
    tool: { name: 'regguard', version: '0' },
    classes: [],
    registries: [],
  } as const
  const cluster = reportOf(
    (facts) => {
      facts.cluster = clusterWith(
        viewsOf(() => [legs.works('registry.example.com')]),
        { pods: [podOf({ node: 'node-3', waiting: backOff(resolveError('i/o timeout')) })] },
      )
      withCoverage(coveredRegistry([]))(facts)
    },
    { given: { mode: 'cluster' } },
  )
  const known = new Set([
    ...watchMetrics({ ...report, registries: [] }, { instance: false }).map(({ name }) => name),
    // Those of the scan; test/outputs compares the page with them.
    ...(page.match(/\bregguard_storage_[a-z_]+/g) ?? []),
    ...(renderMetrics(cluster).match(/\bregguard_cluster_[a-z_]+/g) ?? []),
  ])
  const { groups } = parse(readFileSync(new URL('prometheus/rules/regguard.yaml', deploy), 'utf8'))
  const exprs: string[] = [
    ...targets.map(({ expr }) => expr),
    ...groups.flatMap(({ rules }: { rules: { expr: string }[] }) => rules.map(({ expr }) => expr)),
  ]
  const used = exprs.flatMap(
    (expr) => expr.match(/\b(?:regguard|registry_manifest_integrity)_[a-z_]+/g) ?? [],
  )
  expect(used.length).toBeGreaterThan(30)
  expect([...new Set(used)].filter((name) => !known.has(name))).toEqual([])
})
