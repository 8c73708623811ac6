import { expect, test } from 'vitest'
import { checks } from '../../../src/checks/index.ts'
import { runChecks } from '../../../src/checks/run.ts'
import check from '../../../src/checks/runner/firewalld-reload-lost-isolation.ts'
import { explain } from '../../../src/explain/causes.ts'
import { healthyFacts, settingsWith } from '../../support/facts.ts'
import {
  allOf,
  areaIn,
  chainIn,
  healthyRunner,
  inspectedAt,
  minute,
  networkOf,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  userNetworks,
  withBurst,
  withNetworks,
  withoutLink,
  withoutNetwork,
  withPrograms,
  woodpeckerNetwork,
} from '../../support/runner-facts.ts'

const firewalld = withPrograms('firewalld')
const unisolated: RunnerChange = (runner) => {
  for (const stage of [1, 2])
    chainIn(runner, 'filter', `DOCKER-ISOLATION-STAGE-${stage}`).rules = ['-j RETURN']
}
/** As measured after `firewall-cmd --reload` with Docker 20.10.24: a removed network has its other rules again. */
const reloaded: RunnerChange = (runner) => {
  const old = networkOf('old', 20)
  allOf(withNetworks(...userNetworks(), old), firewalld, unisolated)(runner)
  allOf(withoutNetwork('old'), withoutLink(old.bridge ?? ''))(runner)
}

test('only isolation is gone, removed networks are back, and firewalld runs', () => {
  const [fault, ...more] = runnerFaultsOf(check, reloaded)
  expect(more).toEqual([])
  expect(fault).toMatchObject({
    severity: 'error',
    message: `3 networks without isolation (bridge, ${woodpeckerNetwork}, registry_default); rules of 1 removed network are back`,
    evidence: expect.arrayContaining(['Docker 20.10.24, affected by CVE-2025-54388']),
  })
})

test('it is the only cause, with networks that come and go beside it', () => {
  const runner = healthyRunner()
  allOf(reloaded, withBurst(3, minute))(runner)
  const { results } = runChecks(checks, { ...healthyFacts(), runner }, settingsWith({ checks: 'runner' }))
  const causes = explain(results, checks).filter(({ severity }) => severity !== 'note')
  expect(causes.map(({ id }) => id)).toEqual(['firewalld-reload-lost-isolation'])
})

test('a version with the fix is not called affected', () => {
  const fixed: RunnerChange = (runner) => {
    areaIn(runner, 'engine').version = '28.3.3'
  }
  const [fault] = runnerFaultsOf(check, allOf(reloaded, fixed))
  expect(fault?.evidence).toContain('Docker 28.3.3')
  expect(fault?.advice).not.toContain('28.3.3 or later')
})

test.each<QuietRunner>([
  ['a healthy host with firewalld', firewalld],
  ['lost isolation without firewalld', unisolated],
  [
    'other rules missing too',
    allOf(reloaded, (runner) => {
      chainIn(runner, 'nat', 'POSTROUTING').rules = []
    }),
  ],
  [
    'an old network that kept its isolation',
    allOf(reloaded, (runner) => {
      chainIn(runner, 'filter', 'DOCKER-ISOLATION-STAGE-1').rules.push(
        '-i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2',
      )
      chainIn(runner, 'filter', 'DOCKER-ISOLATION-STAGE-2').rules.push('-o docker0 -j DROP')
      for (const network of areaIn(runner, 'networks')) network.createdAt = inspectedAt - 5 * minute
    }),
  ],
])('%s: not a reload', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
