import { describe, expect, test } from 'vitest'
import { type Check, defineCheck } from '../../src/checks/define.ts'
import { checks } from '../../src/checks/index.ts'
import { requiredObservations, runChecks } from '../../src/checks/run.ts'
import type { CheckResult, Fault, Severity } from '../../src/core/finding.ts'
import { isOnDemand } from '../../src/core/groups.ts'
import type { Facts } from '../../src/facts/facts.ts'
import type { Observation } from '../../src/facts/observations.ts'
import {
  absent,
  healthyFacts,
  malformed,
  repositoryIn,
  settingsWith,
  unseen,
  withBlob,
  withManifest,
} from '../support/facts.ts'
import { healthyRunner, inapplicableArea, without } from '../support/runner-facts.ts'

const fault = (severity?: Severity): Fault => ({
  ...{ subject: 'a', message: 'b' },
  ...(severity ? { severity } : {}),
})

/** A check that reads this and finds these faults. */
const checkOf = (reads: Observation[], ...faults: Fault[]): Check => ({
  ...{ id: 'a-check', group: 'runner', title: 'all is well', fault: 'It is not.', severity: 'error' },
  ...{ advice: 'Fix it.', reads, consults: [], run: () => faults },
})

const runnerFacts = (change: (runner: NonNullable<Facts['runner']>) => void = () => {}): Facts => {
  const runner = healthyRunner()
  change(runner)
  return { ...healthyFacts(), runner }
}

const settings = settingsWith({ checks: 'image,registry,path,runner' })

function resultOf(check: Check, facts: Facts): CheckResult {
  const [result] = runChecks([check], facts, settings).results
  if (!result) throw new Error('a check without a result')
  return result
}

describe('every enabled check has one result', () => {
  test('whatever it found', () => {
    const { results } = runChecks(checks, runnerFacts(), settings)
    const ofThisRun = checks.filter(({ group }) => !isOnDemand(group))
    expect(results.map(({ id }) => id)).toEqual(ofThisRun.map(({ id }) => id))
    expect(results.filter(({ status }) => status === 'fail' || status === 'warn')).toEqual([])
  })

  test('pass: everything it reads was observed, and it found nothing', () => {
    expect(resultOf(checkOf(['runner.rules']), runnerFacts())).toMatchObject({ status: 'pass', findings: [] })
  })

  test.each<[Severity, string]>([
    ['error', 'fail'],
    ['warning', 'warn'],
    ['note', 'pass'],
  ])('a finding of severity %s: %s', (severity, status) => {
    const result = resultOf(checkOf(['runner.rules'], fault('note'), fault(severity)), runnerFacts())
    expect(result.status).toBe(status)
    expect(result.findings).toHaveLength(2)
  })

  test('unknown: something it reads is missing, with why and what would make it possible', () => {
    const facts = runnerFacts((runner) => {
      without('rules')(runner)
      if (!runner.rules.seen) Object.assign(runner.rules, { why: 'nft failed', remedies: ['net-admin'] })
    })
    expect(resultOf(checkOf(['runner.links', 'runner.rules']), facts)).toMatchObject({
      ...{ status: 'unknown', why: 'nft failed', remedies: ['net-admin'] },
    })
  })

  test('what was found counts even where something is missing', () => {
    const facts = runnerFacts(without('rules'))
    expect(resultOf(checkOf(['runner.rules'], fault()), facts)).toMatchObject({ status: 'fail' })
    expect(resultOf(checkOf(['runner.rules'], fault('note')), facts)).toMatchObject({ status: 'unknown' })
  })

  test('off: nothing of the kind exists on this runner, but what is missing weighs more', () => {
    const facts = runnerFacts((runner) => {
      runner.rules = inapplicableArea()
      without('kernel')(runner)
    })
    expect(resultOf(checkOf(['runner.rules']), facts).status).toBe('off')
    expect(resultOf(checkOf(['runner.rules', 'runner.kernel']), facts).status).toBe('unknown')
  })

  test('off: its group is not among the checks, and then it does not run', () => {
    const check = {
      ...checkOf(['runner.rules']),
      run: () => {
        throw new Error('it ran')
      },
    }
    const { results, crashes } = runChecks([check], runnerFacts(), settingsWith({ checks: 'image' }))
    expect(results).toMatchObject([{ status: 'off', why: 'checks: without runner' }])
    expect(crashes).toEqual([])
  })

  test('unknown: it crashed', () => {
    const check = {
      ...checkOf([]),
      run: () => {
        throw new Error('a mistake')
      },
    }
    const { results, crashes } = runChecks([check], runnerFacts(), settings)
    expect(results).toMatchObject([{ status: 'unknown', why: 'the check crashed', findings: [] }])
    expect(crashes).toMatchObject([{ check: 'a-check', error: { message: 'a mistake' } }])
  })

  test('a blind check of the runner is unknown, and never a pass', () => {
    const { results } = runChecks(checks, { ...healthyFacts() }, settings)
    const runner = results.filter(({ group }) => group === 'runner')
    expect(runner.length).toBeGreaterThan(30)
    expect(new Set(runner.map(({ status }) => status))).toEqual(new Set(['unknown']))
  })
})

describe('what images did not show', () => {
  const statusOf = (facts: Facts, id: string) =>
    runChecks(checks, facts, settings).results.find((result) => result.id === id)

  test('a blob without an answer makes its checks unknown, and no others', () => {
    const facts = healthyFacts()
    withBlob('base layer', unseen('connection-timeout'))(facts)
    expect(statusOf(facts, 'layer-missing')).toMatchObject({
      ...{ status: 'unknown', why: 'registry.example.com: the case of connection-timeout' },
    })
    expect(statusOf(facts, 'orphaned-index')).toMatchObject({ status: 'pass' })
    expect(statusOf(facts, 'connection-timeout')).toMatchObject({ status: 'fail' })
    expect(statusOf(facts, 'connection-refused')).toMatchObject({ status: 'pass' })
  })

  test('a layer that is gone is a fail beside one without an answer', () => {
    const facts = healthyFacts()
    withBlob('base layer', unseen('connection-timeout'))(facts)
    withBlob('amd64 layer', absent())(facts)
    expect(statusOf(facts, 'layer-missing')?.status).toBe('fail')
  })

  test('checks of objects that do not exist are off, not passed', () => {
    const facts = healthyFacts()
    repositoryIn(facts).manifests = []
    repositoryIn(facts).blobs = []
    expect(statusOf(facts, 'orphaned-index')).toMatchObject({ status: 'off', why: 'no manifest was found' })
    expect(statusOf(facts, 'layer-missing')).toMatchObject({ status: 'off', why: 'no blob is listed' })
  })

  test('checks of blobs are off where a manifest lists none', () => {
    const facts = healthyFacts()
    withManifest('index', malformed('not valid JSON'))(facts)
    repositoryIn(facts).manifests.length = 1
    repositoryIn(facts).blobs = []
    expect(statusOf(facts, 'manifest-invalid')).toMatchObject({ status: 'fail' })
    expect(statusOf(facts, 'manifest-corrupt')).toMatchObject({ status: 'pass' })
    expect(statusOf(facts, 'config-missing')).toMatchObject({ status: 'off', why: 'no blob is listed' })
  })

  test('what nobody asked for is off, and says how to ask for it', () => {
    const facts = healthyFacts()
    expect(statusOf(facts, 'not-public')).toMatchObject({
      ...{ status: 'off', why: expect.stringContaining('also_anonymous') },
    })
    expect(statusOf(facts, 'catalog-inaccessible')).toMatchObject({
      ...{ status: 'off', why: expect.stringContaining('catalog') },
    })
  })

  test('without an image, nothing of it passes', () => {
    const facts = healthyFacts()
    facts.image.targets = []
    facts.image.repositories = []
    facts.path = { ...facts.path, hosts: [], requests: 0 }
    const passed = runChecks(checks, facts, settings).results.filter(
      ({ group, status }) => group !== 'runner' && status === 'pass',
    )
    expect(passed.map(({ id }) => id)).toEqual([])
  })
})

test('only what enabled checks read is wanted', () => {
  const wanted = (given: string) => [...requiredObservations(checks, settingsWith({ checks: given }))]
  expect(wanted('path').filter((one) => one.startsWith('image.') || one.startsWith('runner.'))).toEqual([])
  expect(wanted('runner').filter((one) => !one.startsWith('runner.'))).toEqual([])
  expect(wanted('image')).toContain('image.blobs')
})

test('a check without a runner says nothing, and needs no guard of its own', () => {
  const check = defineCheck({
    ...{ id: 'x', group: 'runner', title: 'x', fault: 'X.', severity: 'error', advice: 'X.' },
    reads: ['runner.rules'],
    run: ({ runner }) => (runner.rules.seen ? [] : [fault()]),
  })
  expect(check.run(healthyFacts(), settings)).toEqual([])
})
