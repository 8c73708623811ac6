import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/networks-not-isolated.ts'
import { seemsUnreached } from '../../../src/facts/queries/packet/isolation.ts'
import type { NetworkFact } from '../../../src/facts/runner.ts'
import { tablesIn } from '../../support/packet-host.ts'
import { recorded } from '../../support/recorded-rules.ts'
import { routingFor } from '../../support/routing.ts'
import {
  allOf,
  areaIn,
  bridgeOf,
  chainIn,
  composeNetwork,
  healthyRunner,
  networkOf,
  type QuietRunner,
  type RunnerChange,
  rulesOf,
  runnerFaultsOf,
  seenArea,
  withNetworks,
  without,
  woodpeckerNetwork,
} from '../../support/runner-facts.ts'

const bridge = bridgeOf(woodpeckerNetwork)

const first =
  (chain: string, rule: string): RunnerChange =>
  (runner) => {
    chainIn(runner, 'filter', chain).rules.unshift(rule)
  }

/** A host with these rules of Docker 29 in nftables mode, recorded with the networks `bridge` and `bridge1`. */
async function nftables(
  change: (text: string) => string,
  file = 'docker-29-portmap.nft',
): Promise<RunnerChange> {
  const text = change(await recorded(file))
  const network: Partial<NetworkFact> = {
    bridge: 'bridge1',
    subnets: ['192.0.2.0/24'],
    gateways: ['192.0.2.1'],
  }
  return allOf(withNetworks(networkOf('bridge1', 20, network)), (runner) => {
    runner.rules = seenArea(rulesOf(tablesIn(text)))
    Object.assign(areaIn(runner, 'links').find(({ name }) => name === 'eth0') ?? {}, {
      addresses: ['198.51.100.20/24'],
    })
  })
}

test('a rule that accepts everything before Docker’s rules', () => {
  const faults = runnerFaultsOf(check, first('FORWARD', '-j ACCEPT'))
  expect(faults.map(({ subject }) => subject)).toEqual(['bridge', woodpeckerNetwork, composeNetwork])
  expect(faults[1]).toMatchObject({
    severity: 'warning',
    message: `${bridge}: containers of the network bridge reach every port of its containers`,
    evidence: ['hook forward, priority 0: iptables-nft table filter, chain FORWARD', '-A FORWARD -j ACCEPT'],
  })
  expect(new Set(faults.map(({ cause }) => cause)).size).toBe(1)
})

test('a network whose element in the verdict map is gone: its chain is never reached', async () => {
  const change = await nftables((text) => text.replace(/,\s*"bridge1" : jump filter-forward-in__bridge1/, ''))
  expect(runnerFaultsOf(check, change)).toMatchObject([
    {
      subject: 'bridge1',
      severity: 'error',
      cause: 'unreached',
      title: expect.stringContaining('Docker’s rules not reached'),
      advice: expect.stringContaining('restart Docker'),
    },
  ])
})

test.each(['filter-forward-in', 'filter-forward-out', 'nat-postrouting-out'])(
  'without any container, the element of the map %s-jumps is missed as well',
  async (name) => {
    const change = await nftables((text) =>
      text.replace(new RegExp(`,\\s*"bridge1" : jump ${name}__bridge1`), ''),
    )
    expect(runnerFaultsOf(check, allOf(change, idle))).toMatchObject([
      {
        subject: 'bridge1',
        severity: 'error',
        message: 'bridge1: nothing leads to 1 of its chains',
        evidence: [`no rule or map leads to the chain ${name}__bridge1`],
      },
    ])
  },
)

test('a young network is not judged at once, and is a reason to read again', async () => {
  const change = await nftables((text) => text.replace(/,\s*"bridge1" : jump filter-forward-in__bridge1/, ''))
  const young: RunnerChange = (runner) => {
    for (const network of areaIn(runner, 'networks')) network.createdAt = runner.at - 3000
  }
  expect(runnerFaultsOf(check, allOf(change, idle, young))).toEqual([])
  const runner = healthyRunner()
  withRouting(runner)
  expect(seemsUnreached(runner)).toBe(false)
  allOf(change, idle, young)(runner)
  expect(seemsUnreached(runner)).toBe(true)
})

const withRouting: RunnerChange = (runner) => {
  areaIn(runner, 'routes').routing = routingFor(areaIn(runner, 'links'))
}

/** Without any container to follow a packet from. */
const idle: RunnerChange = (runner) => {
  for (const network of areaIn(runner, 'networks')) network.endpoints = 0
}

test('a base chain without rules: its maps are there, and nothing asks them', async () => {
  const change = await nftables((text) => text.replace(/(chain filter-FORWARD \{[^;]*;[^;]*;)[^}]*/, '$1\n'))
  const faults = runnerFaultsOf(check, allOf(change, idle))
  expect(faults.find(({ subject }) => subject === 'bridge1')).toMatchObject({
    severity: 'error',
    message: 'bridge1: nothing leads to 2 of its chains',
    expected: 'a rule or a map leads to each of them',
  })
})

test('a map that was not read whole may lead anywhere', async () => {
  const change = await nftables((text) => text.replace(/,\s*"bridge1" : jump filter-forward-in__bridge1/, ''))
  const truncated: RunnerChange = (runner) => {
    const maps = areaIn(runner, 'rules').tables.flatMap(({ sets = [] }) => sets)
    for (const map of maps) map.incomplete = true
  }
  expect(runnerFaultsOf(check, allOf(change, idle, truncated))).toEqual([])
})

test('nothing is left that drops the packets', () => {
  const change: RunnerChange = (runner) => {
    chainIn(runner, 'filter', 'DOCKER-ISOLATION-STAGE-2').rules = ['-j RETURN']
    chainIn(runner, 'filter', 'FORWARD').policy = 'ACCEPT'
  }
  expect(runnerFaultsOf(check, change)[0]).toMatchObject({
    subject: 'bridge',
    actual: 'accepted',
    severity: 'warning',
  })
})

test('after a second reading, only what both show counts', () => {
  const change: RunnerChange = (runner) => {
    const { networks, links, rules } = healthyRunner()
    chainIn(runner, 'filter', 'FORWARD').rules.unshift('-j ACCEPT')
    runner.again = { networks, links, rules }
  }
  expect(runnerFaultsOf(check, change)).toEqual([])
})

test.each<QuietRunner>([
  ['a healthy runner', () => {}],
  ['an operator who accepts in DOCKER-USER', first('DOCKER-USER', '-j ACCEPT')],
  ['a rule that accepts packets to the uplink', first('FORWARD', `-i ${bridge} -o eth0 -j ACCEPT`)],
  ['a single network', withNetworks()],
  [
    'Docker with iptables: false',
    (runner) => {
      runner.rules = seenArea(rulesOf([]))
    },
  ],
  ['a rule that regguard cannot judge', first('FORWARD', '-m set --match-set trusted src -j ACCEPT')],
  ['rules that were not observed', without('rules')],
  ['routes that were not observed', without('routes')],
])('%s: no finding', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})

test.each([
  'docker-29-portmap.nft',
  'docker-29-portmap-noicc.nft',
  'docker-29-portmap-natunprot.nft',
  'docker-29-portmap-routed.nft',
])('%s as Docker wrote it: no finding', async (file) => {
  expect(runnerFaultsOf(check, await nftables((text) => text, file))).toEqual([])
})
