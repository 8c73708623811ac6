import { expect, test } from 'vitest'
import { checks } from '../../../src/checks/index.ts'
import { runChecks } from '../../../src/checks/run.ts'
import { explain } from '../../../src/explain/causes.ts'
import { renderPlain } from '../../../src/outputs/terminal/plain.ts'
import { buildReport } from '../../../src/report/build.ts'
import { type Given, healthyFacts, settingsWith } from '../../support/facts.ts'
import { allOf, areaIn, healthyRunner, type RunnerChange, without } from '../../support/runner-facts.ts'

/** The lines of a run on Woodpecker that inspected its runner. */
function lines(change: RunnerChange, given: Given = {}): string {
  const runner = healthyRunner()
  change(runner)
  runner.vantage.platform = 'woodpecker'
  const facts = { ...healthyFacts(), runner }
  const settings = settingsWith({ checks: 'image,registry,path,runner', ...given })
  const { results, crashes } = runChecks(checks, facts, settings)
  const report = buildReport({
    ...{ version: '0.0.0-test', ci: { platform: 'woodpecker' }, settings, facts, results, crashes },
    ...{ causes: explain(results, checks), startedAt: 0, endedAt: 400 },
  })
  return renderPlain(report)
    .map((entry) => ('title' in entry ? entry.title : entry.text))
    .join('\n')
}

const unmounted: RunnerChange = (runner) => {
  without('networks', 'churn')(runner)
  for (const area of [runner.networks, runner.churn]) if (!area.seen) area.remedies = ['docker-socket']
}

/** Connection tracking is full. */
const full: RunnerChange = (runner) => {
  areaIn(runner, 'conntrack').count = areaIn(runner, 'conntrack').max
}

test('a runner that was inspected completely takes one line', () => {
  const text = lines(() => {})
  expect(text).toMatch(/runner.*all 9 areas inspected \(container, with .*\), no problems/)
  expect(text).not.toContain('not inspected')
})

test('areas that were not inspected are only counted where nothing requires them', () => {
  const text = lines(unmounted)
  expect(text).toMatch(/7 of 9 areas inspected/)
  expect(text).not.toContain('not inspected')
  expect(text).not.toContain('steps:')
})

test('beside a problem of the runner, what was not inspected is named with its remedy, and nothing to paste', () => {
  const text = lines(allOf(unmounted, full))
  expect(text).toContain('not inspected: Docker networks, network changes')
  expect(text).toContain('volumes: [/var/run/docker.sock:/var/run/docker.sock]')
  expect(text).not.toContain('steps:')
})

test('a required area that was not inspected is named, with the remedy and the YAML to paste', () => {
  const text = lines(unmounted, { require: 'runner.networks' })
  expect(text).toContain('not inspected: Docker networks, network changes')
  expect(text).toContain('volumes: [/var/run/docker.sock:/var/run/docker.sock]')
  expect(text).toMatch(/\n +steps:\n/)
  expect(text).toMatch(/\n +volumes:/)
  expect(text).toContain('exit 3')
})
