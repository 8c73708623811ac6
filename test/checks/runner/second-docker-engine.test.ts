import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/second-docker-engine.ts'
import type { DaemonFact } from '../../../src/facts/runner.ts'
import {
  allOf,
  bridgeOf,
  chainIn,
  composeNetwork,
  inspectedAt,
  minute,
  networkOf,
  type RunnerChange,
  runnerFaultsOf,
  userNetworks,
  withNetworks,
  withoutRulesOf,
  woodpeckerNetwork,
} from '../../support/runner-facts.ts'

const apt: DaemonFact = { command: '/usr/bin/dockerd -H fd://', snap: false, writesRules: true }
const snap: DaemonFact = { command: '/snap/docker/2915/bin/dockerd', snap: true }
const withDaemons =
  (...daemons: DaemonFact[]): RunnerChange =>
  (runner) => {
    runner.daemons = daemons
  }

test('snap beside apt', () => {
  expect(runnerFaultsOf(check, withDaemons(apt, snap))).toMatchObject([
    {
      severity: 'warning',
      message: '2 Docker daemons in one network namespace, one of them installed by snap',
      evidence: [apt.command, snap.command],
      advice: expect.stringContaining('snap disable docker'),
    },
  ])
})

test('the isolation that the start of one engine took from the other is an error', () => {
  const unisolated: RunnerChange = (runner) => {
    for (const stage of [1, 2]) chainIn(runner, 'filter', `DOCKER-ISOLATION-STAGE-${stage}`).rules = []
  }
  const [fault] = runnerFaultsOf(check, allOf(withDaemons(apt, snap), unisolated))
  expect(fault).toMatchObject({
    severity: 'error',
    message: expect.stringContaining('3 networks are no longer isolated'),
  })
})

test('all rules that it took, as Docker 29 does, while later networks have theirs', () => {
  const names = [woodpeckerNetwork, composeNetwork]
  const late = networkOf('late', 20, { createdAt: inspectedAt - minute })
  const change = allOf(
    withDaemons(apt, snap),
    withNetworks(...userNetworks(), late),
    ...names.map((name) => withoutRulesOf(bridgeOf(name))),
  )
  expect(runnerFaultsOf(check, change)).toMatchObject([
    { severity: 'error', message: expect.stringMatching(/; 2 networks lost rules$/) },
  ])
})

test('one network that lost its rules, as two readings show', () => {
  const twice: RunnerChange = (runner) => {
    const { networks, links, rules } = structuredClone(runner)
    runner.again = { networks, links, rules }
  }
  const only: RunnerChange = withNetworks(networkOf('only', 20))
  const change = allOf(
    only,
    withDaemons(apt, snap),
    withoutRulesOf(networkOf('only', 20).bridge ?? ''),
    twice,
  )
  expect(runnerFaultsOf(check, change)).toMatchObject([
    { severity: 'error', message: expect.stringMatching(/; 1 network lost rules$/) },
  ])
})

test('rules that only the newest network lost were not taken by a start', () => {
  const late = networkOf('late', 20, { createdAt: inspectedAt - minute })
  const change = allOf(
    withDaemons(apt, snap),
    withNetworks(...userNetworks(), late),
    withoutRulesOf(late.bridge ?? ''),
  )
  expect(runnerFaultsOf(check, change)).toMatchObject([{ severity: 'warning' }])
})

test('two of the same origin', () => {
  const [fault] = runnerFaultsOf(check, withDaemons(apt, { ...apt, command: 'dockerd --data-root=/data' }))
  expect(fault?.message).toBe('2 Docker daemons in one network namespace')
  expect(fault?.advice).toBeUndefined()
})

test.each<[string, RunnerChange]>([
  ['one daemon', withDaemons(apt)],
  ['a second one that writes no rules', withDaemons(apt, { ...apt, writesRules: false })],
  ['no daemon that can be seen', () => {}],
])('%s: no finding', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
