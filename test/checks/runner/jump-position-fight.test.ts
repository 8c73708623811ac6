import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/jump-position-fight.ts'
import {
  allOf,
  areaIn,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  withRules,
} from '../../support/runner-facts.ts'

const first =
  (...firstRules: string[]): RunnerChange =>
  (runner) => {
    areaIn(runner, 'rules').samples = {
      taken: 100,
      withoutUserJump: 0,
      overMs: 2000,
      distinct: firstRules.length,
      firstRules,
    }
  }

const netpol = '-m comment --comment "kube-router netpol - TEMCG2JMHZYE7H7T" -j KUBE-ROUTER-FORWARD'
const kubeRouter = withRules('filter', 'KUBE-ROUTER-FORWARD', '-j RETURN')
const tailscale = withRules('filter', 'ts-forward', '-o tailscale0 -j ACCEPT')
const newDocker = withRules('filter', 'DOCKER-FORWARD', '-j DOCKER-CT')

test('two programs that move their jumps to the top are named, with the first rules', () => {
  expect(runnerFaultsOf(check, allOf(kubeRouter, first('-j DOCKER-USER', netpol)))).toEqual([
    {
      subject: 'filter FORWARD',
      severity: 'warning',
      message: 'within 2 s, the first rule alternated between Docker and kube-router',
      evidence: ['first: -j DOCKER-USER', `first: ${netpol}`],
    },
  ])
})

test('other programs can conflict without Docker', () => {
  expect(
    runnerFaultsOf(check, allOf(kubeRouter, tailscale, newDocker, first('-j ts-forward', netpol))),
  ).toMatchObject([{ message: 'within 2 s, the first rule alternated between kube-router and Tailscale' }])
})

test.each<QuietRunner>([
  ['a runner that was not sampled', kubeRouter],
  ['one program that stays at the top', allOf(kubeRouter, first(netpol))],
  ['Docker, moving its own jumps', first('-j DOCKER-USER', '-j DOCKER-ISOLATION-STAGE-1')],
  [
    'Docker 28.0.1, which does not move its jump',
    allOf(kubeRouter, newDocker, first('-j DOCKER-USER', netpol)),
  ],
  ['an operator’s rule that was first for a while', allOf(kubeRouter, first(netpol, '-i wg0 -j ACCEPT'))],
])('%s: no conflict', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
