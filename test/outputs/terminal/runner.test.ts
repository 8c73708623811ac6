import { expect, test } from 'vitest'
import { checks } from '../../../src/checks/index.ts'
import { runChecks } from '../../../src/checks/run.ts'
import { explain } from '../../../src/explain/causes.ts'
import { renderPlain } from '../../../src/outputs/terminal/plain.ts'
import { buildReport } from '../../../src/report/build.ts'
import { type Given, healthyFacts, settingsWith } from '../../support/facts.ts'
import { allOf, areaIn, healthyRunner, type RunnerChange, without } from '../../support/runner-facts.ts'

/** The lines of a run on Woodpecker that looked at its runner. */
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
const tooFull: RunnerChange = (runner) => {
  areaIn(runner, 'conntrack').count = areaIn(runner, 'conntrack').max
}

test('a runner that was inspected whole takes one line', () => {
  const log = lines(() => {})
  expect(log).toMatch(/runner.*all 9 areas inspected \(a container, with .*\), no problems\n/)
  expect(log).not.toContain('not inspected')
})

test('what was not inspected is not listed in a green run that requires none of it', () => {
  const log = lines(unmounted)
  expect(log).toMatch(/runner.*7 of 9 areas inspected \(a container, with .*\), no problems\n/)
  expect(log).not.toContain('not inspected')
  expect(log).not.toContain('docker.sock')
  expect(log).toContain('exit 0')
})

test('beside a problem of the runner, what was not inspected is named with what would make it possible', () => {
  const log = lines(allOf(unmounted, tooFull))
  expect(log).toContain("not inspected: the engine's networks, networks that came and went")
  expect(log).toContain('volumes: [/var/run/docker.sock:/var/run/docker.sock]')
  expect(log).not.toContain('steps:')
})

test('for a required area that was not inspected, the YAML stands ready', () => {
  const log = lines(unmounted, { require: 'runner.networks' })
  expect(log).toMatch(/\n +steps:\n/)
  expect(log).toMatch(/\n +volumes:/)
  expect(log).toContain('exit 3')
})
