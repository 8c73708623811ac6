import { describe, expect, test } from 'vitest'
import type { CheckResult, Finding, Severity, Status } from '../../src/core/finding.ts'
import { type Group, groups } from '../../src/core/groups.ts'
import type { Facts } from '../../src/facts/facts.ts'
import { exitCodeOf, judgeGroups, overallStatus } from '../../src/report/verdict.ts'
import { type Given, healthyFacts, settingsWith, unseen, withBlob } from '../support/facts.ts'
import { healthyRunner, inapplicableArea, type RunnerChange, without } from '../support/runner-facts.ts'
import { neverAnswered } from './changes.ts'
import { reportOf, standing } from './reports.ts'

const finding = (group: Group, severity: Severity): Finding => ({
  id: 'some-check',
  group,
  severity,
  subject: 'a.b/c:1',
  message: 'something',
  evidence: [],
  advice: 'Do something.',
  cause: '',
  title: 'Something.',
})

/** One check of each group, with these findings. */
const resultsOf = (findings: Finding[]): CheckResult[] =>
  groups.map((group) => ({
    ...{ id: `the check of ${group}`, group, title: 'all is well', status: 'pass', remedies: [] },
    findings: findings.filter((finding) => finding.group === group),
  }))

/** How a run with these findings ends, and how its groups stand. */
function judged(
  what: string,
  facts: Facts,
  given: Given,
): [exitCode: number, standing: string, status: string] {
  const settings = settingsWith(given)
  const findings = what
    .split(',')
    .filter(Boolean)
    .map((one) => {
      const [group, severity] = one.trim().split(' ')
      return finding(group as Group, severity as Severity)
    })
  const verdicts = judgeGroups(facts, resultsOf(findings), [], settings)
  const exitCode = exitCodeOf(findings, verdicts, settings)
  const faultsOf = verdicts.filter(({ group }) => group !== 'runner')
  const stands = faultsOf.map(({ group, status }) => `${group[0]} ${status}`).join(', ')
  return [exitCode, stands, overallStatus(exitCode, verdicts)]
}

const partly = (): Facts => {
  const facts = healthyFacts()
  withBlob('base layer', unseen('rate-limited'))(facts)
  return facts
}
const silent = (): Facts => {
  const facts = healthyFacts()
  neverAnswered('connection-refused')(facts)
  return facts
}

describe('when everything was seen', () => {
  test.each<[findings: string, given: Given, exitCode: number, standing: string, status: string]>([
    ['', {}, 0, 'i pass, r pass, p pass', 'pass'],
    ['image error', {}, 1, 'i fail, r pass, p pass', 'fail'],
    ['registry error', {}, 1, 'i pass, r fail, p pass', 'fail'],
    ['path error', {}, 1, 'i pass, r pass, p fail', 'fail'],
    ['image warning', {}, 0, 'i warn, r pass, p pass', 'warn'],
    ['path warning', {}, 0, 'i pass, r pass, p warn', 'warn'],
    ['image note, path note', {}, 0, 'i pass, r pass, p pass', 'pass'],
    ['image warning, image error', {}, 1, 'i fail, r pass, p pass', 'fail'],
    ['image warning', { fail_on: 'warning' }, 1, 'i warn, r pass, p pass', 'fail'],
    ['path warning', { fail_on: 'warning' }, 1, 'i pass, r pass, p warn', 'fail'],
    ['image note', { fail_on: 'warning' }, 0, 'i pass, r pass, p pass', 'pass'],
    ['image error', { fail_on: 'never' }, 0, 'i fail, r pass, p pass', 'warn'],
    ['path error, image warning', { fail_on: 'never' }, 0, 'i warn, r pass, p fail', 'warn'],
  ])('[%s] with %j ends with %i: %s', (findings, given, ...ends) => {
    expect(judged(findings, healthyFacts(), given)).toEqual(ends)
  })
})

describe('when a part of the image was not seen', () => {
  test.each<[findings: string, given: Given, exitCode: number, standing: string, status: string]>([
    ['', {}, 3, 'i unknown, r pass, p pass', 'unknown'],
    ['image error', {}, 1, 'i fail, r pass, p pass', 'fail'],
    ['image warning', {}, 3, 'i unknown, r pass, p pass', 'unknown'],
    ['image warning', { fail_on: 'warning' }, 1, 'i unknown, r pass, p pass', 'fail'],
    ['path error', {}, 3, 'i unknown, r pass, p fail', 'unknown'],
    ['registry error', {}, 3, 'i unknown, r fail, p pass', 'unknown'],
    ['registry error', { require: 'path' }, 1, 'i unknown, r fail, p pass', 'fail'],
    ['', { require: 'path' }, 0, 'i unknown, r pass, p pass', 'pass'],
    ['', { fail_on: 'never' }, 3, 'i unknown, r pass, p pass', 'unknown'],
  ])('[%s] with %j ends with %i: %s', (findings, given, ...ends) => {
    expect(judged(findings, partly(), given)).toEqual(ends)
  })
})

describe('when the registry did not answer', () => {
  test('the image and the registry are unknown, and the road is at fault', () => {
    expect(judged('path error', silent(), {})).toEqual([3, 'i unknown, r unknown, p fail', 'unknown'])
    expect(judged('path error', silent(), { require: 'registry' })[0]).toBe(3)
    expect(judged('path error', silent(), { require: 'path' })[0]).toBe(1)
  })

  test('why is said of the image and of the registry', () => {
    const report = reportOf(neverAnswered('connection-refused'))
    expect(report.groups).toMatchObject([
      { group: 'image', missing: 1, why: 'registry.example.com: the case of connection-refused' },
      { group: 'registry', missing: 1, why: 'no registry responded' },
      { group: 'path', missing: 0 },
      { group: 'runner', status: 'off' },
    ])
  })

  test('a registry that answers with errors is not unknown', () => {
    expect(standing(reportOf(neverAnswered('registry-unavailable')))).toBe(
      'image unknown, registry fail, path pass, runner off',
    )
  })
})

test('a network path that was never used is unknown', () => {
  const facts = silent()
  neverAnswered('run-stopped')(facts)
  facts.path.hosts = []
  const given = { checks: 'path', require: 'path' }
  expect(judged('', facts, given)).toEqual([3, 'i off, r off, p unknown', 'unknown'])
})

describe('a group that is off', () => {
  test('is not judged, whatever was found in it', () => {
    expect(judged('', healthyFacts(), { checks: 'image' })).toEqual([0, 'i pass, r off, p off', 'pass'])
    expect(judged('', silent(), { checks: 'path', require: 'path' })[1]).toBe('i off, r off, p pass')
  })

  test('and required is not fulfilled', () => {
    expect(judged('', healthyFacts(), { checks: 'path', require: 'image' })[0]).toBe(3)
    expect(judged('', healthyFacts(), { checks: 'path', require: 'path' })[0]).toBe(0)
  })

  test('fails nothing by what is reported of it to explain another', () => {
    const given = { checks: 'image,path', require: 'path' }
    expect(judged('registry error', partly(), given)).toEqual([0, 'i unknown, r off, p pass', 'pass'])
    expect(judged('registry error', partly(), { checks: 'image' })[0]).toBe(3)
  })

  test('and required says so', () => {
    const [image] = judgeGroups(healthyFacts(), [], [], settingsWith({ checks: 'path', require: 'image' }))
    expect(image?.why).toBe('required, but not one of the checks of this run')
  })

  test('is not required by default', () => {
    expect(judged('', healthyFacts(), { checks: 'path' })[0]).toBe(0)
  })
})

test('a check that crashed makes its group unknown, never good', () => {
  const settings = settingsWith({})
  const verdicts = judgeGroups(healthyFacts(), resultsOf([]), ['the check of image'], settings)
  expect(verdicts[0]).toMatchObject({ group: 'image', status: 'unknown' })
  expect(exitCodeOf([], verdicts, settings)).toBe(3)
})

test('a group without any check is unknown, and fails where it is required', () => {
  const settings = settingsWith({ require: 'image' })
  const verdicts = judgeGroups(
    healthyFacts(),
    resultsOf([]).filter(({ group }) => group !== 'image'),
    [],
    settings,
  )
  expect(verdicts[0]).toMatchObject({ group: 'image', status: 'unknown' })
  expect(exitCodeOf([], verdicts, settings)).toBe(3)
})

describe('the areas of the runner', () => {
  const withRunner = (change: RunnerChange = () => {}) => {
    const runner = healthyRunner()
    change(runner)
    return { ...healthyFacts(), runner }
  }
  const ends = (facts: Facts, given: Given) => {
    const settings = settingsWith({ checks: 'image,registry,path,runner', ...given })
    const verdicts = judgeGroups(facts, resultsOf([]), [], settings)
    return [exitCodeOf([], verdicts, settings), verdicts.at(-1)?.status]
  }

  test.each<[string, Facts, Given, [number, Status]]>([
    ['all inspected', withRunner(), { require: 'image,runner' }, [0, 'pass']],
    ['one that nobody required was not inspected', withRunner(without('rules')), {}, [0, 'unknown']],
    [
      'a required one was not inspected',
      withRunner(without('rules')),
      { require: 'runner.rules' },
      [3, 'unknown'],
    ],
    [
      'another than the required one was not inspected',
      withRunner(without('kernel')),
      { require: 'runner.rules' },
      [0, 'unknown'],
    ],
    [
      'one of all that were required was not inspected',
      withRunner(without('kernel')),
      { require: 'runner' },
      [3, 'unknown'],
    ],
    [
      'one that does not exist on this runner',
      withRunner((runner) => {
        runner.rules = inapplicableArea()
      }),
      { require: 'runner.rules,runner.links' },
      [0, 'pass'],
    ],
  ])('%s', (_sentence, facts, given, [code, status]) => {
    expect(ends(facts, given)).toEqual([code, status])
  })
})
