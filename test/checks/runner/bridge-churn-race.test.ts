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
  seenArea,
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
/** One bridge is deleted and its rules still exist; another network has no filter rules. */
const lost = allOf(
  withoutNetwork(woodpeckerNetwork),
  withoutLink(bridge),
  withoutRulesOf(bridgeOf(composeNetwork), 'filter'),
)
const k3s = allOf(withRules('filter', 'KUBE-ROUTER-FORWARD', '-j RETURN'), withPrograms('k3s-server'))
const churn = withChurn({ ago: 10 * minute, what: 'destroy', bridge })

describe('the conditions', () => {
  test('lost rules, network changes and a program that rewrites tables: the race is named with the program', () => {
    const [fault, ...more] = runnerFaultsOf(check, allOf(lost, k3s, churn))
    expect(more).toEqual([])
    expect(fault).toMatchObject({
      subject: 'Docker rules',
      severity: 'error',
      title:
        'Bridge churn race: Docker and kube-router inside k3s overwrite each other’s rules; TCP to this host may time out.',
      message: `1 deleted bridge is still named (${bridge}); 1 existing network lacks rules (${composeNetwork} on ${bridgeOf(composeNetwork)})`,
      because: expect.stringContaining('no error is logged'),
      evidence: [
        'rewrites whole tables: kube-router inside k3s (chain KUBE-ROUTER-FORWARD)',
        '2026-03-01 11:50:00 UTC: up to 1 network created or removed within 60 s (woodpecker 1); history of 30 min',
        `${composeNetwork} (${bridgeOf(composeNetwork)}): 2 rules present, 6 missing`,
        `${bridge}: no such link, 8 rules left`,
      ],
    })
    expect(fault?.advice).toMatch(/^When no job is running, restart Docker/)
    expect(fault?.advice).not.toMatch(/iptables"?: false/)
  })

  test('an observed iptables-restore is such a program', () => {
    const restore: RunnerChange = (runner) => {
      areaIn(runner, 'rules').writers = [{ program: 'iptables-restor', changes: 41, rewrites: 20 }]
    }
    expect(runnerFaultsOf(check, allOf(lost, churn, restore))).toMatchObject([
      { severity: 'error', title: expect.stringContaining('a program that runs iptables-restore overwrite') },
    ])
  })

  test('many bridges are counted, and the first four named', () => {
    const names = Array.from({ length: 26 }, (_, at) => `br-0000000000${String(at).padStart(2, '0')}`)
    const rules = names.map((name) => `-o ${name} -j DOCKER`)
    const [fault] = runnerFaultsOf(check, allOf(withRules('filter', 'FORWARD', ...rules), k3s, churn))
    expect(fault?.message).toBe(
      `26 deleted bridges are still named (${names.slice(0, 4).join(', ')} and 22 more)`,
    )
    expect(fault?.evidence).toEqual(
      expect.arrayContaining(names.map((name) => `${name}: no such link, 1 rule left`)),
    )
  })

  test.each<QuietRunner>([
    ['k3s next to Docker without damage', allOf(k3s, churn)],
    ['a burst without damage', allOf(k3s, withBurst(20, second))],
    ['lost rules without network changes and without a program that rewrites tables', lost],
    ['lost rules, network changes, and no program known that rewrites tables', allOf(lost, churn)],
    ['lost rules next to k3s, network changes not observed', allOf(lost, k3s, without('churn'))],
    ['stale rules of one network', allOf(withoutNetwork(woodpeckerNetwork), withoutLink(bridge), k3s, churn)],
    ['one network without rules', allOf(withoutRulesOf(bridge), k3s, churn)],
    [
      'a flushed packet filter',
      allOf(k3s, churn, (runner) => {
        for (const { chains } of areaIn(runner, 'rules').tables)
          for (const chain of chains) if (!chain.name.startsWith('KUBE')) chain.rules = []
      }),
    ],
    ['a bridge that was deleted while its network exists', allOf(withoutLink(bridge), k3s, churn)],
    [
      'an orphan bridge alone',
      allOf(k3s, churn, withLink(linkOf('br-0ea4d03f781c', 90, { kind: 'bridge', carrier: false }))),
    ],
    [
      'lost rules, when the only change is regguard’s own container',
      allOf(lost, withChurn({ ago: minute, owner: 'regguard' })),
    ],
    [
      'stale rules of several networks that a file holds, which a program restores',
      allOf(k3s, churn, (runner) => {
        const bridges = ['br-0123456789ab', 'br-0123456789ac']
        const rules = bridges.map((name) => `-o ${name} -j DOCKER`)
        withRules('filter', 'FORWARD', ...rules)(runner)
        areaIn(runner, 'rules').saved = [
          { program: 'ferm', file: '/etc/ferm/ferm.conf', enabled: true, flushes: false, bridges },
        ]
      }),
    ],
    [
      'isolation of several networks that each start of a second engine deletes',
      allOf(k3s, churn, (runner) => {
        for (const { name, chains } of areaIn(runner, 'rules').tables)
          for (const chain of name === 'filter' ? chains : [])
            if (chain.name.startsWith('DOCKER-ISOLATION')) chain.rules = ['-j RETURN']
        runner.daemons = ['/usr/bin/dockerd', '/snap/docker/1/bin/dockerd'].map((command, at) => ({
          ...{ command, snap: at === 1, writesRules: true },
        }))
      }),
    ],
    [
      'a network that is being created',
      allOf(
        k3s,
        churn,
        withNetworks(networkOf('new', 20, { createdAt: healthyRunner().at })),
        withoutRulesOf(bridgeOf('new')),
      ),
    ],
  ])('%s: no race', (_sentence, change) => {
    expect(runnerFaultsOf(check, change)).toEqual([])
  })
})

test('the recorded race of Docker 20.10.24 is one cause, which covers the findings that it explains', async () => {
  const { networks, links } = await recordedEngine('docker-20.10.24-race.json')
  const runner = healthyRunner()
  Object.assign(runner, {
    networks: seenArea(networks),
    links: seenArea(links),
    rules: seenArea(rulesOf(savedTables(await recorded('docker-20.10.24-race.rules')))),
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
  const countOf = (id: string) => causes[0]?.findings.filter((finding: Finding) => finding.id === id).length
  expect(countOf('iptables-stale-bridge-rule')).toBe(9)
  expect(countOf('docker-network-rules-missing')).toBe(2)
})

test('the checks that it covers exist', () => {
  const ids = checks.map(({ id }) => id)
  expect(check.covers?.filter((id) => !ids.includes(id))).toEqual([])
})
