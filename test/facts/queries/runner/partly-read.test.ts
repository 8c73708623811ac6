import { expect, test } from 'vitest'
import notObservable from '../../../../src/checks/runner/not-observable.ts'
import { coverage } from '../../../../src/facts/coverage.ts'
import { stateOf } from '../../../../src/facts/observations.ts'
import { reportRunner } from '../../../../src/report/sections/runner.ts'
import { healthyFacts } from '../../../support/facts.ts'
import { areaIn, healthyRunner, type RunnerChange, runnerFaultsOf } from '../../../support/runner-facts.ts'

const why = 'iptables-legacy-save: Permission denied'
const unread: RunnerChange = (runner) => {
  areaIn(runner, 'rules').unread = [{ backend: 'legacy', why }]
}
const text = `rules of iptables-legacy were not read: ${why}`

test('rules that one program could not read are not inspected, wherever that is said', () => {
  const runner = healthyRunner()
  unread(runner)
  const facts = { ...healthyFacts(), runner }
  expect(stateOf('runner.rules', facts)).toMatchObject({ state: 'missing', why: text })
  expect(coverage.runner(facts)).toMatchObject({ missing: 1, why: text })
  expect(reportRunner(runner).areas.find(({ area }) => area === 'rules')).toMatchObject({
    ...{ state: 'not inspected', why: text },
  })
  expect(runnerFaultsOf(notObservable, unread)).toMatchObject([{ subject: 'runner.rules', message: text }])
})

test('rules that were all read are', () => {
  const facts = { ...healthyFacts(), runner: healthyRunner() }
  expect(stateOf('runner.rules', facts)).toEqual({ state: 'observed' })
  expect(coverage.runner(facts).missing).toBe(0)
})
