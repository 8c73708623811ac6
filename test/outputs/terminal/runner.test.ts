import { expect, test } from 'vitest'
import { checks } from '../../../src/checks/index.ts'
import { runChecks } from '../../../src/checks/run.ts'
import { explain } from '../../../src/explain/causes.ts'
import { renderPlain } from '../../../src/outputs/terminal/plain.ts'
import { buildReport } from '../../../src/report/build.ts'
import { type Given, healthyFacts, settingsWith } from '../../support/facts.ts'
import { healthyRunner, type RunnerChange, without } from '../../support/runner-facts.ts'

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
  for (const look of [runner.networks, runner.churn]) if (!look.seen) look.remedies = ['docker-socket']
}

test('a runner that was seen in full takes one line', () => {
  const faultsOf = lines(() => {})
  expect(faultsOf).toMatch(/runner.*all 9 looks from .*nothing wrong/)
  expect(faultsOf).not.toContain('not seen')
})

test('what was not seen is named with what would show it, and nothing to paste unless it was required', () => {
  const faultsOf = lines(unmounted)
  expect(faultsOf).toMatch(/7 of 9 looks/)
  expect(faultsOf).toContain("not seen: the engine's networks, networks that came and went")
  expect(faultsOf).toContain('volumes: [/var/run/docker.sock:/var/run/docker.sock]')
  expect(faultsOf).not.toContain('steps:')
})

test('of a required look that was not had, the YAML stands ready', () => {
  const faultsOf = lines(unmounted, { require: 'runner.networks' })
  expect(faultsOf).toMatch(/\n +steps:\n/)
  expect(faultsOf).toMatch(/\n +volumes:/)
  expect(faultsOf).toContain('exit 3')
})
