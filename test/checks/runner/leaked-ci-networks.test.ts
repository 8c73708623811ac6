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

test('networks of GitHub count from six hours on, those of GitLab from three', () => {
  const github = 'github_network_0123456789abcdef0123456789abcdef'
  const gitlab = 'runner-t1xYz-project-7-concurrent-0-job-42-network'
  expect(
    runnerFaultsOf(
      check,
      withNetworks(old(github, 6, { owner: 'github' }), old(gitlab, 3, { owner: 'gitlab' })),
    ),
  ).toMatchObject([
    { subject: 'github, gitlab', message: '2 networks without a running container, the oldest 6 h old' },
  ])
  expect(
    runnerFaultsOf(
      check,
      withNetworks(old(github, 5.99, { owner: 'github' }), old(gitlab, 2.99, { owner: 'gitlab' })),
    ),
  ).toEqual([])
})

test('networks of compose and testcontainers that no container uses count; those of a stopped project do not', () => {
  const compose = (name: string, containers: number, hours = 30) =>
    old(name, hours, { owner: 'compose', containers })
  const change = withNetworks(
    old('a3f0c2d4-1b2c-4d5e-8f90-1234567890ab', 4, { owner: 'testcontainers' }),
    compose('aborted_default', 0),
    compose('stopped_default', 2),
    compose('young_default', 0, 23),
    old('unknown_default', 30, { owner: 'compose' }),
    old('wp_stopped_0_default', 5, { containers: 1 }),
  )
  const [fault] = runnerFaultsOf(check, change)
  expect(fault?.subject).toBe('compose, woodpecker, testcontainers')
  expect(fault?.message).toBe('3 networks without a running container, the oldest 30 h old')
  expect(fault?.evidence).toContainEqual(
    expect.stringMatching(/^wp_stopped_0_default, .*, used by 1 stopped container$/),
  )
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
