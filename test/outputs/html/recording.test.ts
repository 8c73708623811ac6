import { expect, test } from 'vitest'
import type { RunnerHistory } from '../../../src/facts/runner-history.ts'
import { runnerSection } from '../../../src/outputs/html/runner.ts'
import { timeline } from '../../../src/outputs/html/timeline.ts'
import { reportRunner } from '../../../src/report/sections/runner.ts'
import { reportOf } from '../../report/reports.ts'
import { areaIn, healthyRunner, inspectedAt, second } from '../../support/runner-facts.ts'

const at = (n: number) => inspectedAt + n * second
const historyOf = (change: Partial<RunnerHistory>): RunnerHistory => ({
  ...{ samples: [at(0), at(100)], changes: [], kernel: [], dead: [], rewrites: [] },
  ...change,
})
const pageOf = (history: RunnerHistory) => timeline(reportRunner(healthyRunner(), { history }))?.html ?? ''

/** The left edges and widths of bars of one kind in the wide picture. */
function barsOf(page: string, kind: string): [number, number][] {
  const wide = page.split('class="narrow"')[0] ?? ''
  return [
    ...wide.matchAll(new RegExp(`<rect class="${kind}" x="([\\d.]+)"[^>]* width="([\\d.]+)"`, 'g')),
  ].map(([, x, width]) => [Number(x), Number(width)])
}

const gateway = '172.17.0.1'
const dead = (port: number, from: number, to: number) => ({
  ...{ address: gateway, port, samples: 3 },
  ...{ from: at(from), to: at(to) },
})

test('every period in which a port timed out has a bar in the lane of that port', () => {
  const page = pageOf(historyOf({ dead: [dead(22, 10, 20), dead(22, 60, 90), dead(443, 10, 30)] }))
  expect(page).toContain(`${gateway}:22`)
  expect(page).toContain(`${gateway}:443`)
  const bars = barsOf(page, 'dead')
  expect(bars).toHaveLength(3)
  const [[first, width] = [0, 0], [second_] = [0]] = bars
  expect(second_).toBeGreaterThan(first + width)
  expect(page).toContain('at times 2 ports of the host did not answer')
})

test('ports beyond the eighth share a lane, and none is left out', () => {
  const page = pageOf(historyOf({ dead: Array.from({ length: 20 }, (_, n) => dead(1000 + n, n, n + 5)) }))
  expect(page).toContain('12 more ports')
  expect(barsOf(page, 'dead')).toHaveLength(20)
})

test('every rewrite has a mark where it happened', () => {
  const rewrite = (n: number) => ({ from: at(n) - 900, to: at(n), states: 3, writers: ['kube-proxy'] })
  const page = pageOf(historyOf({ rewrites: [rewrite(20), rewrite(50), rewrite(80)] }))
  const lefts = barsOf(page, 'rewrite').map(([x]) => x)
  expect(lefts).toEqual(lefts.toSorted((a, b) => a - b))
  expect(new Set(lefts).size).toBe(3)
  expect(page).toContain('3 states, changed by kube-proxy')
})

test('who changed rules in the sample that is reported is not said of the whole recording', () => {
  const runner = healthyRunner()
  areaIn(runner, 'rules').writers = [{ program: 'iptables-restor', changes: 1 }]
  const said = (more: Parameters<typeof reportRunner>[1]) =>
    runnerSection({ ...reportOf(), runner: reportRunner(runner, more) })?.html
  expect(said({})).toContain('<p>Rules were changed by iptables-restor (1 time).</p>')
  const rewrite = (n: number) => ({ from: at(n) - 900, to: at(n), states: 3, writers: ['iptables-restor'] })
  expect(said({ history: historyOf({ rewrites: [rewrite(20), rewrite(50), rewrite(80)] }) })).toContain(
    '<p>In the sample that this report is about, rules were changed by iptables-restor (1 time).</p>',
  )
})

test('a network that was there before the recording begins at its left edge, and one that went before is not drawn', () => {
  const change = (n: number, what: 'create' | 'destroy', name: string) => ({
    at: at(n),
    what,
    name,
    owner: 'act' as const,
  })
  const changes = [
    change(-5000, 'create', 'gone'),
    change(-4000, 'destroy', 'gone'),
    change(-3000, 'create', 'old'),
    change(50, 'create', 'new'),
  ]
  const page = pageOf(historyOf({ changes }))
  const bars = barsOf(page, 'life alive')
  expect([barsOf(page, 'life').length, bars.length]).toEqual([0, 2])
  expect(bars[0]?.[0]).toBe(150)
  expect(bars[1]?.[0]).toBeGreaterThan(400)
})

test('a recording in which nothing happened has no timeline', () => {
  expect(pageOf(historyOf({}))).toBe('')
})
