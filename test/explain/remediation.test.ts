import { describe, expect, test } from 'vitest'
import { isOlder, remediationSteps, remediationText } from '../../src/explain/remediation.ts'
import type { NetworkFact, RunnerFact } from '../../src/facts/runner.ts'
import { k3s } from '../support/neighbours.ts'
import {
  allOf,
  areaIn,
  healthyRunner,
  networkOf,
  type RunnerChange,
  seenArea,
  unseenArea,
  withoutChain,
  withoutNetwork,
  withTables,
  woodpeckerNetwork,
} from '../support/runner-facts.ts'

function runnerWith(...changes: RunnerChange[]): RunnerFact {
  const runner = healthyRunner()
  allOf(...changes)(runner)
  return runner
}
const idsOf = (...changes: RunnerChange[]) => remediationSteps(runnerWith(...changes)).map(({ id }) => id)
const textOf = (id: string, ...changes: RunnerChange[]) =>
  remediationSteps(runnerWith(...changes)).find((step) => step.id === id)?.text
const version =
  (version: string): RunnerChange =>
  (runner) => {
    areaIn(runner, 'engine').version = version
  }
const owned =
  (owner: NetworkFact['owner']): RunnerChange =>
  (runner) => {
    areaIn(runner, 'networks').push(networkOf(`of ${owner}`, 30, { owner }))
  }
const noWoodpecker = withoutNetwork(woodpeckerNetwork)

describe('only the steps that apply', () => {
  test('Woodpecker, k3s and Docker 20.10: the most reliable step first', () => {
    expect(idsOf(k3s)).toEqual([
      'move-runner',
      'own-engine',
      'one-bridge',
      'newer-engine',
      'no-network-policy',
    ])
  })

  test.each<[string, string, RunnerChange[]]>([
    ['no Kubernetes node to move away from', 'move-runner', []],
    [
      'a nested engine has its own namespace',
      'own-engine',
      [
        (runner) => {
          runner.vantage.nested = true
        },
      ],
    ],
    [
      'a rootless engine has its own namespace',
      'own-engine',
      [
        (runner) => {
          areaIn(runner, 'engine').rootless = true
        },
      ],
    ],
    ['no CI whose jobs could share a bridge', 'one-bridge', [noWoodpecker]],
    ['Docker 28.0.1 does not move its jump', 'newer-engine', [version('28.0.1')]],
    ['an unreadable version', 'newer-engine', [version('dev')]],
    ['Docker 28 has no nftables mode', 'nftables', [version('28.5.2')]],
    [
      'Docker 29 already in nftables mode',
      'nftables',
      [
        version('29.1.5'),
        withTables({ backend: 'native', family: 'ip', name: 'docker-bridges', chains: [] }),
      ],
    ],
    [
      'k3s without its NetworkPolicy controller',
      'no-network-policy',
      [
        k3s,
        withoutChain('filter', 'KUBE-ROUTER-FORWARD'),
        withoutChain('filter', 'KUBE-ROUTER-INPUT'),
        withoutChain('filter', 'KUBE-ROUTER-OUTPUT'),
        withoutChain('filter', 'KUBE-NWPLCY-DEFAULT'),
        withoutChain('filter', 'KUBE-POD-FW-MLN43CE5BLFI7QUX'),
      ],
    ],
    [
      'kube-router without k3s',
      'no-network-policy',
      [
        k3s,
        (runner) => {
          runner.programs = seenArea(['kube-router'])
        },
      ],
    ],
  ])('%s: no %s', (_sentence, id, changes) => {
    expect(idsOf(...changes)).not.toContain(id)
  })

  test('Docker 29 with iptables can switch to nftables, marked as experimental', () => {
    expect(textOf('nftables', version('29.1.5'))).toContain('"firewall-backend": "nftables"')
    expect(textOf('nftables', version('29.1.5'))).toContain('experimental')
  })

  test.each<[NetworkFact['owner'], string, string]>([
    ['forgejo', 'own-engine', 'container.docker_host'],
    ['forgejo', 'one-bridge', 'container.network: ci'],
    ['gitea', 'one-bridge', 'container.network: ci'],
    ['act', 'one-bridge', 'container.network: ci'],
    ['woodpecker', 'own-engine', 'WOODPECKER_BACKEND_DOCKER_HOST'],
    ['woodpecker', 'one-bridge', 'WOODPECKER_MAX_WORKFLOWS'],
  ])('for %s, %s names the setting %s', (owner, id, setting) => {
    expect(textOf(id, noWoodpecker, owned(owner))).toContain(setting)
  })

  test('settings of a CI system that is not in use are not named', () => {
    const texts = remediationSteps(runnerWith(noWoodpecker, owned('forgejo')))
      .map(({ text }) => text)
      .join()
    expect(texts).not.toContain('WOODPECKER')
    expect(
      remediationSteps(runnerWith())
        .map(({ text }) => text)
        .join(),
    ).not.toContain('config.yaml')
  })

  test('owners of removed networks count too', () => {
    const gone: RunnerChange = (runner) => {
      areaIn(runner, 'churn').changes.push({ at: 0, what: 'destroy', name: 'WORKFLOW-1', owner: 'forgejo' })
    }
    expect(textOf('one-bridge', noWoodpecker, gone)).toContain('container.network: ci')
  })

  test('for a runner that was not inspected, only the step that always applies', () => {
    const notInspected: RunnerChange = (runner) => {
      for (const area of ['engine', 'networks', 'churn', 'links', 'rules', 'programs'] as const)
        runner[area] = unseenArea()
    }
    expect(idsOf(notInspected)).toEqual(['own-engine'])
  })
})

test('disabling iptables is never a step', () => {
  const versions = ['20.10.24', '27.5.1', '28.0.0', '28.5.2', '29.1.5']
  const owners: NetworkFact['owner'][] = ['woodpecker', 'forgejo', 'gitea', 'act', 'compose', 'other']
  const texts = versions.flatMap((one) =>
    owners.flatMap((owner) =>
      [[], [k3s]].map((more) => remediationText('Now.', runnerWith(version(one), owned(owner), ...more), 9)),
    ),
  )
  expect(texts).toHaveLength(60)
  expect(texts.filter((text) => /iptables"?\s*[:=]\s*false|--iptables=false/.test(text))).toEqual([])
})

test('the next action comes first, then the first few steps', () => {
  expect(remediationText('Restart Docker.', runnerWith(k3s), 2)).toBe(
    'Restart Docker. To prevent the race, do the first that you can: (1) run CI on a machine that is not a Kubernetes node; (2) give CI an engine with its own network namespace (docker:dind, rootless, a VM): WOODPECKER_BACKEND_DOCKER_HOST of the agent.',
  )
  expect(remediationText('', runnerWith(k3s), 1)).toBe(
    'To prevent the race, run CI on a machine that is not a Kubernetes node.',
  )
  expect(remediationText('Restart Docker.', runnerWith(), 0)).toBe('Restart Docker.')
})

test('it is never longer than the outputs show, and never cuts the next action', () => {
  const everything = runnerWith(k3s, ...(['forgejo', 'gitea', 'act'] as const).map(owned))
  const next = `${'A long next step, '.repeat(12)}and its end.`
  const text = remediationText(next, everything, 9)
  expect(text.length).toBeLessThanOrEqual(400)
  expect(text.startsWith(`${next} To prevent the race, `)).toBe(true)
  expect(remediationText(`${'x'.repeat(399)}.`, everything)).toBe(`${'x'.repeat(399)}.`)
})

test.each([
  ['28.0.0', true],
  ['28.0', true],
  ['v27.5.1', true],
  ['28.0.1', false],
  ['28.0.1-rc.1', false],
  ['29.0.0', false],
  ['4.3.1', true],
  ['', false],
])('%s is older than 28.0.1: %s', (version, older) => {
  expect(isOlder(version, [28, 0, 1])).toBe(older)
})
