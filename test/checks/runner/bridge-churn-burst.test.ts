import { describe, expect, test } from 'vitest'
import check from '../../../src/checks/runner/bridge-churn-burst.ts'
import {
  allOf,
  areaIn,
  bridgeOf,
  hour,
  minute,
  networkOf,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  second,
  withBurst,
  withChurn,
  withNetworks,
  without,
  withPrograms,
  withRules,
} from '../../support/runner-facts.ts'

const k3s = allOf(withRules('filter', 'KUBE-FORWARD', '-j RETURN'), withPrograms('k3s-server'))
const version =
  (version: string): RunnerChange =>
  (runner) => {
    areaIn(runner, 'engine').version = version
  }

describe('how bad a burst is', () => {
  test.each<[string, RunnerChange, string]>([
    ['five in ten seconds', withBurst(5, 2 * second), 'warning'],
    ['ten in a minute', withBurst(10, 6 * second), 'warning'],
    ['five in a minute beside Kubernetes, with Docker 20.10', allOf(k3s, withBurst(5, 14 * second)), 'error'],
    [
      'five in ten seconds beside Kubernetes, with Docker 28.0.1',
      allOf(k3s, version('28.0.1'), withBurst(5, second)),
      'warning',
    ],
    [
      'ten in a minute beside Kubernetes, with Docker 28.0.1',
      allOf(k3s, version('28.0.1'), withBurst(10, 6 * second)),
      'error',
    ],
    [
      'ten in a minute beside kube-proxy of nft, whose tables are its own',
      allOf(withBurst(10, 6 * second), (runner) => {
        areaIn(runner, 'rules').tables.push({
          backend: 'native',
          family: 'ip',
          name: 'kube-proxy',
          chains: [],
        })
        areaIn(runner, 'programs').push('kubelet')
      }),
      'warning',
    ],
    [
      'ten in a minute beside Kubernetes, with Docker’s nftables',
      allOf(k3s, withBurst(10, 6 * second), (runner) => {
        areaIn(runner, 'engine').firewall = 'nftables'
      }),
      'warning',
    ],
    [
      'five in a minute beside Kubernetes, by a log that mixes engines',
      allOf(k3s, withBurst(5, 14 * second), (runner) => {
        areaIn(runner, 'churn').scope = 'machine'
      }),
      'warning',
    ],
    [
      'five in a minute beside Kubernetes, in a nested engine',
      allOf(k3s, withBurst(5, 14 * second), (runner) => {
        runner.vantage.nested = true
      }),
      'warning',
    ],
    [
      'five in a minute beside k3s that only its program tells of',
      allOf(withPrograms('k3s-agent'), without('rules'), withBurst(5, 14 * second)),
      'error',
    ],
    ['forty in ten minutes, one by one', withBurst(40, 15 * second), 'note'],
  ])('%s is %3$s', (_sentence, change, severity) => {
    expect(runnerFaultsOf(check, change)).toMatchObject([{ severity }])
  })
})

test('a burst is told with its peaks, its owners, and the time of which anything is known', () => {
  const faults = runnerFaultsOf(
    check,
    allOf(
      withBurst(6, second),
      withChurn(
        { ago: 2 * minute - 5 * second, what: 'destroy', name: 'WORKFLOW-1f2e', owner: 'forgejo' },
        { ago: 2 * minute - 4 * second, what: 'create', name: 'WORKFLOW-1f2e', owner: 'forgejo' },
      ),
    ),
  )
  expect(faults).toMatchObject([
    {
      subject: 'Docker events',
      message: '7 networks within a minute, 7 within 10 s',
      evidence: [
        '2026-03-01 11:57:55 UTC, 10 s: 7 made, 1 removed, at most 7 in 10 s and 7 in 60 s (woodpecker 6, forgejo 1)',
        'known of the last 30 min',
      ],
    },
  ])
})

test('bursts more than half a minute apart are counted, and share one finding', () => {
  expect(runnerFaultsOf(check, allOf(withBurst(6, second), withBurst(6, second, 10 * minute)))).toMatchObject(
    [{ message: '6 networks within a minute, 6 within 10 s (2 bursts)' }],
  )
})

test('a kernel log tells of bridges alone, and of those that are gone', () => {
  const attached = (count: number, name = (at: number) => `gone${at}`) =>
    withChurn(
      ...Array.from({ length: count }, (_, at) => ({
        ago: minute - at * second,
        what: 'attach' as const,
        name: bridgeOf(name(at)),
        owner: 'other' as const,
        bridge: bridgeOf(name(at)),
      })),
    )
  const log: RunnerChange = (runner) => {
    areaIn(runner, 'churn').scope = 'machine'
  }
  const faults = runnerFaultsOf(check, allOf(attached(6), log))
  expect(faults).toMatchObject([{ message: '6 networks within a minute, 6 within 10 s' }])
  expect(faults[0]?.evidence).toContain(
    'the kernel log knows no namespaces: bridges of a nested engine count, too',
  )
  const standing = Array.from({ length: 9 }, (_, at) => networkOf(`standing${at}`, 20 + at))
  expect(
    runnerFaultsOf(
      check,
      allOf(
        withNetworks(...standing),
        attached(9, (at) => `standing${at}`),
        log,
      ),
    ),
  ).toEqual([])
})

test('a window that forgot its beginning says so', () => {
  const faults = runnerFaultsOf(
    check,
    allOf(withBurst(6, second), (runner) => {
      areaIn(runner, 'churn').window.truncated = true
    }),
  )
  expect(faults[0]?.evidence).toContain('known of the last 30 min, what was before is forgotten')
})

test.each<QuietRunner>([
  ['none seen in half an hour', () => {}],
  ['four in ten seconds', withBurst(4, 2 * second)],
  ['nine in a minute', withBurst(9, 6.5 * second)],
  ['four in a minute beside Kubernetes', allOf(k3s, withBurst(4, 15 * second))],
  [
    'one that comes and goes a hundred times',
    withChurn(...Array.from({ length: 100 }, (_, at) => ({ ago: minute - at * 500 }))),
  ],
  ['thirty-nine in ten minutes, one by one', withBurst(39, 15 * second)],
  [
    'our own, and those that the engine makes at its start',
    withChurn(
      ...Array.from({ length: 20 }, (_, at) => ({
        ago: minute + at * 100,
        name: `n${at}`,
        owner: at % 2 ? ('engine' as const) : ('regguard' as const),
      })),
    ),
  ],
  ['what was not seen', without('churn')],
  [
    'containers that come to a network and leave it',
    withChurn(
      ...Array.from({ length: 20 }, (_, at) => ({
        ago: hour / 6 + at * 100,
        what: 'attach' as const,
        bridge: 'docker0',
        name: 'bridge',
      })),
    ),
  ],
])('%s is no burst', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
