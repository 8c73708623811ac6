import { describe, expect, test } from 'vitest'
import { checks } from '../../../src/checks/index.ts'
import { runChecks } from '../../../src/checks/run.ts'
import check from '../../../src/checks/runner/bridge-churn-race.ts'
import type { Finding } from '../../../src/core/finding.ts'
import { explain } from '../../../src/explain/causes.ts'
import { healthyFacts, settingsWith } from '../../support/facts.ts'
import { recorded, recordedEngine, savedTables } from '../../support/recorded-rules.ts'
import {
  allOf,
  areaIn,
  bridgeOf,
  composeNetwork,
  healthyRunner,
  linkOf,
  minute,
  networkOf,
  type QuietRunner,
  type RunnerChange,
  rulesOf,
  runnerFaultsOf,
  second,
  shown,
  withBurst,
  withChurn,
  withLink,
  withNetworks,
  without,
  withoutLink,
  withoutNetwork,
  withoutRulesOf,
  withPrograms,
  withRules,
  woodpeckerNetwork,
} from '../../support/runner-facts.ts'

const bridge = bridgeOf(woodpeckerNetwork)
/** A bridge is gone, its rules are not; another network has none. */
const lost = allOf(
  withoutNetwork(woodpeckerNetwork),
  withoutLink(bridge),
  withoutRulesOf(bridgeOf(composeNetwork), 'filter'),
)
const k3s = allOf(withRules('filter', 'KUBE-ROUTER-FORWARD', '-j RETURN'), withPrograms('k3s-server'))
const churn = withChurn({ ago: 10 * minute, what: 'destroy', bridge })

describe('what it takes', () => {
  test('lost rules, networks that came and went, and who rewrites: the incident by its name', () => {
    const [fault, ...more] = runnerFaultsOf(check, allOf(lost, k3s, churn))
    expect(more).toEqual([])
    expect(fault).toMatchObject({
      subject: 'rules of Docker',
      severity: 'error',
      title:
        'Bridge churn race: kube-router, inside k3s and Docker write over each other’s rules; TCP to this host may time out.',
      message: `1 vanished bridge is still in the rules (${bridge}); 1 live network lacks rules (${composeNetwork} on ${bridgeOf(composeNetwork)})`,
      because: expect.stringContaining('nobody logs an error'),
      evidence: [
        'rewrites: kube-router, inside k3s (chain KUBE-ROUTER-FORWARD)',
        '2026-03-01 11:50:00 UTC: at most 1 network came or went within a minute (woodpecker 1); known of the last 30 min',
        `${composeNetwork} (${bridgeOf(composeNetwork)}): 2 rules there, 6 missing`,
        `${bridge}: no such link, 8 rules left`,
      ],
    })
    expect(fault?.advice).toMatch(/^When no job runs, restart Docker/)
    expect(fault?.advice).not.toMatch(/iptables"?: false/)
  })

  test.each<[string, RunnerChange]>([
    ['networks that came and went, and nobody seen rewriting', churn],
    ['somebody who rewrites, and no churn seen', allOf(k3s, without('churn'))],
    [
      'a restore of rules that was seen',
      (runner) => {
        areaIn(runner, 'rules').writers = [{ program: 'iptables-restor', changes: 41 }]
      },
    ],
  ])('lost rules with %s', (_sentence, change) => {
    expect(runnerFaultsOf(check, allOf(lost, change))).toMatchObject([{ severity: 'error' }])
  })

  test('without a name for who rewrites it still is one', () => {
    expect(runnerFaultsOf(check, allOf(lost, churn))).toMatchObject([
      { title: expect.stringContaining('Docker and another program write over each other’s rules') },
    ])
  })

  test('many bridges are counted, and the first few named', () => {
    const names = Array.from({ length: 26 }, (_, at) => `br-0000000000${String(at).padStart(2, '0')}`)
    const rules = names.map((name) => `-o ${name} -j DOCKER`)
    const [fault] = runnerFaultsOf(check, allOf(withRules('filter', 'FORWARD', ...rules), churn))
    expect(fault?.message).toBe(
      `26 vanished bridges are still in the rules (${names.slice(0, 4).join(', ')} and 22 more)`,
    )
    expect(fault?.evidence).toEqual(
      expect.arrayContaining(names.map((name) => `${name}: no such link, 1 rule left`)),
    )
  })

  test.each<QuietRunner>([
    ['k3s beside Docker without damage', allOf(k3s, churn)],
    ['a burst without damage', allOf(k3s, withBurst(20, second))],
    ['lost rules where nothing came or went and nobody rewrites', lost],
    ['a bridge that was deleted under its network', allOf(withoutLink(bridge), k3s, churn)],
    [
      'an orphan bridge alone',
      allOf(k3s, churn, withLink(linkOf('br-0ea4d03f781c', 90, { kind: 'bridge', carrier: false }))),
    ],
    [
      'lost rules, when only our own container came and went',
      allOf(lost, withChurn({ ago: minute, owner: 'regguard' })),
    ],
    [
      'a network that is being made',
      allOf(
        k3s,
        churn,
        withNetworks(networkOf('new', 20, { createdAt: healthyRunner().at })),
        withoutRulesOf(bridgeOf('new')),
      ),
    ],
  ])('%s is no race', (_sentence, change) => {
    expect(runnerFaultsOf(check, change)).toEqual([])
  })
})

test('the real race of Docker 20.10.24 with an overwriter is one cause, which covers what it left', async () => {
  const { networks, links } = await recordedEngine('docker-20.10.24-race.json')
  const runner = healthyRunner()
  Object.assign(runner, {
    networks: shown(networks),
    links: shown(links),
    rules: shown(rulesOf(savedTables(await recorded('docker-20.10.24-race.rules')))),
  })
  allOf(withBurst(14, second), withPrograms('k3s-server'))(runner)
  const { results, crashes } = runChecks(
    checks,
    { ...healthyFacts(), runner },
    settingsWith({ checks: 'runner' }),
  )
  expect(crashes).toEqual([])
  const causes = explain(results, checks).filter(({ severity }) => severity !== 'note')
  expect(causes.map(({ id }) => id)).toEqual(['bridge-churn-race'])
  expect(causes[0]?.title).toContain('kube-router')
  const under = (id: string) => causes[0]?.findings.filter((finding: Finding) => finding.id === id).length
  expect(under('iptables-stale-bridge-rule')).toBe(9)
  expect(under('docker-network-rules-missing')).toBe(2)
})

test('what it covers exists', () => {
  const ids = checks.map(({ id }) => id)
  expect(check.covers?.filter((id) => !ids.includes(id))).toEqual([])
})
