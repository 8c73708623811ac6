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

describe('the severity of a burst', () => {
  test.each<[string, RunnerChange, string]>([
    ['five in ten seconds', withBurst(5, 2 * second), 'warning'],
    ['ten in a minute', withBurst(10, 6 * second), 'warning'],
    [
      'five in a minute next to Kubernetes, with Docker 20.10',
      allOf(k3s, withBurst(5, 14 * second)),
      'error',
    ],
    [
      'five in ten seconds next to Kubernetes, with Docker 28.0.1',
      allOf(k3s, version('28.0.1'), withBurst(5, second)),
      'warning',
    ],
    [
      'ten in a minute next to Kubernetes, with Docker 28.0.1',
      allOf(k3s, version('28.0.1'), withBurst(10, 6 * second)),
      'error',
    ],
    [
      'ten in a minute next to kube-proxy in nftables mode, with its own tables',
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
      'ten in a minute next to Kubernetes, with Docker’s nftables',
      allOf(k3s, withBurst(10, 6 * second), (runner) => {
        areaIn(runner, 'engine').firewall = 'nftables'
      }),
      'note',
    ],
    [
      'five in a minute next to Kubernetes, by a log that includes nested engines',
      allOf(k3s, withBurst(5, 14 * second), (runner) => {
        areaIn(runner, 'churn').scope = 'machine'
      }),
      'warning',
    ],
    [
      'five in a minute next to Kubernetes, in a nested engine',
      allOf(k3s, withBurst(5, 14 * second), (runner) => {
        runner.vantage.nested = true
      }),
      'warning',
    ],
    [
      'five in a minute next to k3s, recognised by its process only',
      allOf(withPrograms('k3s-agent'), without('rules'), withBurst(5, 14 * second)),
      'error',
    ],
    ['forty in ten minutes, one by one', withBurst(40, 15 * second), 'note'],
  ])('%s is %3$s', (_sentence, change, severity) => {
    expect(runnerFaultsOf(check, change)).toMatchObject([{ severity }])
  })
})

test('a burst is reported with its peaks, its owners and the length of the history', () => {
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
      message: '7 networks created or removed within 60 s, 7 within 10 s',
      evidence: [
        '2026-03-01 11:57:55 UTC, 10 s: 7 created, 1 removed; peak 7 in 10 s, 7 in 60 s (woodpecker 6, forgejo 1)',
        'history of 30 min',
      ],
    },
  ])
})

test('bursts more than 30 s apart are counted, and share one finding', () => {
  expect(runnerFaultsOf(check, allOf(withBurst(6, second), withBurst(6, second, 10 * minute)))).toMatchObject(
    [{ message: '6 networks created or removed within 60 s, 6 within 10 s (2 bursts)' }],
  )
})

test('the peaks are those of the worst burst, whichever came first', () => {
  const bursts = allOf(withBurst(6, second, 10 * minute), withBurst(8, second))
  expect(runnerFaultsOf(check, bursts)).toMatchObject([
    { message: '8 networks created or removed within 60 s, 8 within 10 s (2 bursts)' },
  ])
})

test('in a kernel log, only bridges that no longer exist count', () => {
  const attached = (count: number, name = (at: number) => `deleted${at}`) =>
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
  expect(faults).toMatchObject([{ message: '6 networks created or removed within 60 s, 6 within 10 s' }])
  expect(faults[0]?.evidence?.[0]).toMatch(/: containers attached to bridges that are gone; peak 6 in 10 s/)
  expect(faults[0]?.evidence).toContain(
    'the kernel log has no namespaces, so bridges of nested engines are counted too',
  )
  const existing = Array.from({ length: 9 }, (_, at) => networkOf(`existing${at}`, 20 + at))
  expect(
    runnerFaultsOf(
      check,
      allOf(
        withNetworks(...existing),
        attached(9, (at) => `existing${at}`),
        log,
      ),
    ),
  ).toEqual([])
})

test('a host snapshot is advised only where there is none', () => {
  const adviceOf = (...changes: RunnerChange[]) =>
    runnerFaultsOf(check, allOf(withBurst(6, second), ...changes))[0]?.advice
  const outside: RunnerChange = (runner) => {
    runner.vantage.hostView = 'none'
  }
  expect(adviceOf()).toMatch(/^To prevent the race/)
  expect(adviceOf(without('rules'))).toMatch(/^Check on the host whether rules were lost\. To/)
  expect(adviceOf(without('rules'), outside)).toContain('(host_snapshot: true shows it)')
})

test('a truncated history is reported as such', () => {
  const faults = runnerFaultsOf(
    check,
    allOf(withBurst(6, second), (runner) => {
      areaIn(runner, 'churn').window.truncated = true
    }),
  )
  expect(faults[0]?.evidence).toContain('history of 30 min; older events are gone')
})

test.each<QuietRunner>([
  ['no change in half an hour', () => {}],
  ['four in ten seconds', withBurst(4, 2 * second)],
  ['nine in a minute', withBurst(9, 6.5 * second)],
  ['four in a minute next to Kubernetes', allOf(k3s, withBurst(4, 15 * second))],
  [
    'one network that changes a hundred times',
    withChurn(...Array.from({ length: 100 }, (_, at) => ({ ago: minute - at * 500 }))),
  ],
  ['thirty-nine in ten minutes, one by one', withBurst(39, 15 * second)],
  [
    'networks of regguard, and those that the engine creates at startup',
    withChurn(
      ...Array.from({ length: 20 }, (_, at) => ({
        ago: minute + at * 100,
        name: `n${at}`,
        owner: at % 2 ? ('engine' as const) : ('regguard' as const),
      })),
    ),
  ],
  ['churn that was not observed', without('churn')],
  [
    'containers that join a network and leave it',
    withChurn(
      ...Array.from({ length: 20 }, (_, at) => ({
        ago: hour / 6 + at * 100,
        what: 'attach' as const,
        bridge: 'docker0',
        name: 'bridge',
      })),
    ),
  ],
])('%s: no burst', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
