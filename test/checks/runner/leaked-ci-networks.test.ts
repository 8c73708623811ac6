import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/leaked-ci-networks.ts'
import type { NetworkFact } from '../../../src/facts/runner.ts'
import {
  hour,
  inspectedAt,
  networkOf,
  type QuietRunner,
  runnerFaultsOf,
  withNetworks,
} from '../../support/runner-facts.ts'

const old = (name: string, hours: number, change: Partial<NetworkFact> = {}) =>
  networkOf(name, 20, { endpoints: 0, createdAt: inspectedAt - hours * hour, ...change })

test('networks of jobs that ended hours ago are listed, the oldest first', () => {
  const faults = runnerFaultsOf(
    check,
    withNetworks(old('wp_b_0_default', 5), old('wp_a_0_default', 30), old('WORKFLOW-1f2e3d4c5b6a', 4)),
  )
  expect(faults).toMatchObject([
    {
      subject: 'woodpecker, forgejo',
      severity: 'warning',
      message: '3 networks without a running container, the oldest 30 h old',
    },
  ])
  expect(faults[0]?.evidence?.[0]).toBe('wp_a_0_default, created 2026-02-28 06:00:00 UTC')
})

test('one or two are a note', () => {
  expect(runnerFaultsOf(check, withNetworks(old('wp_a_0_default', 5)))).toMatchObject([
    { severity: 'note', message: '1 network without a running container, the oldest 5 h old' },
  ])
})

test('a network counts from three hours on, when no job runs any more', () => {
  expect(runnerFaultsOf(check, withNetworks(old('wp_a_0_default', 3)))).toMatchObject([
    { message: '1 network without a running container, the oldest 3 h old' },
  ])
  expect(runnerFaultsOf(check, withNetworks(old('wp_a_0_default', 2.99)))).toEqual([])
})

const young = Array.from({ length: 5 }, (_, at) => old(`wp_${at}_0_default`, 2))
test.each<QuietRunner>([
  ['networks in use', () => {}],
  ['networks that a long job may still need', withNetworks(...young)],
  ['old networks with a container', withNetworks(old('wp_a_0_default', 50, { endpoints: 1 }))],
  ['compose networks, which outlive their containers', withNetworks(old('shop_default', 500))],
  [
    'networks whose containers are unknown',
    withNetworks((({ endpoints: _, ...rest }) => rest)(old('wp_a_0_default', 50))),
  ],
  [
    'networks whose age is unknown',
    withNetworks((({ createdAt: _, ...rest }) => rest)(old('wp_a_0_default', 50))),
  ],
])('%s: no leak', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
