import { describe, expect, test } from 'vitest'
import check from '../../../src/checks/runner/containers-cannot-reach-each-other.ts'
import { tablesIn } from '../../support/packet-host.ts'
import { routingFor } from '../../support/routing.ts'
import {
  allOf,
  areaIn,
  bridgeOf,
  chainIn,
  healthyRunner,
  linkOf,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  withLink,
  without,
  withTables,
  woodpeckerNetwork,
} from '../../support/runner-facts.ts'

const bridge = bridgeOf(woodpeckerNetwork)
const two = withLink(linkOf('vethsecond', 80, { kind: 'veth', master: bridge }))
const filtered =
  (value: '0' | '1'): RunnerChange =>
  (runner) => {
    const routing = routingFor(areaIn(runner, 'links'))
    routing.sysctls['net.bridge.bridge-nf-call-iptables'] = value
    areaIn(runner, 'routes').routing = routing
  }
const first =
  (chain: string, rule: string): RunnerChange =>
  (runner) => {
    chainIn(runner, 'filter', chain).rules.unshift(rule)
  }
const withoutIcc: RunnerChange = (runner) => {
  for (const network of areaIn(runner, 'networks')) network.icc = false
  const forward = chainIn(runner, 'filter', 'FORWARD')
  forward.rules = forward.rules.map((rule) => rule.replace(`-o ${bridge} -j ACCEPT`, `-o ${bridge} -j DROP`))
}
const ofBridgeFamily = (rule: string) =>
  withTables(
    ...tablesIn(
      `table bridge guard {\n\tchain f {\n\t\ttype filter hook forward priority filter; policy accept;\n\t\t${rule}\n\t}\n}\n`,
    ),
  )

const faultsOf = (...changes: RunnerChange[]) => runnerFaultsOf(check, allOf(two, ...changes))

describe('packets within a network', () => {
  test('are dropped by the policy that br_netfilter shows them to', () => {
    const change: RunnerChange = (runner) => {
      const forward = chainIn(runner, 'filter', 'FORWARD')
      forward.rules = forward.rules.filter((rule) => rule !== `-i ${bridge} -o ${bridge} -j ACCEPT`)
    }
    const faults = faultsOf(change, filtered('1'))
    expect(faults).toMatchObject([
      {
        subject: woodpeckerNetwork,
        severity: 'error',
        message: `${bridge}: packets between its containers are dropped at the forward hook`,
        expected: 'a new connection from 172.18.0.2 to 172.18.0.3 gets through, and its answer',
        evidence: [
          'hook forward, priority 0: iptables-nft table filter, chain FORWARD',
          'policy drop of chain FORWARD',
          'net.bridge.bridge-nf-call-iptables = 1: the rules of IP see what the bridge carries',
        ],
      },
    ])
    expect(faults[0]?.advice).toContain(
      `iptables-nft -t filter -I FORWARD -i ${bridge} -o ${bridge} -j ACCEPT`,
    )
    expect(faultsOf(change, filtered('0'))).toEqual([])
  })

  test('are dropped by a rule of the bridge', () => {
    const faults = faultsOf(ofBridgeFamily('ether type ip tcp dport 47113 drop'), filtered('0'))
    expect(faults).toMatchObject([
      {
        severity: 'error',
        advice: expect.stringContaining(
          'nft insert rule bridge guard f ip saddr 172.18.0.1/16 ip daddr 172.18.0.1/16 accept',
        ),
      },
    ])
  })

  test('are dropped by a rule for this bridge alone: a warning', () => {
    expect(faultsOf(first('FORWARD', `-i ${bridge} -o ${bridge} -j DROP`))).toMatchObject([
      { severity: 'warning' },
    ])
  })

  test('lose their answers', () => {
    expect(
      faultsOf(first('FORWARD', `-i ${bridge} -m conntrack --ctstate ESTABLISHED -j DROP`)),
    ).toMatchObject([
      { message: `${bridge}: answers between its containers are dropped at the forward hook` },
    ])
  })

  test('meet a rule that cannot be judged: a note', () => {
    expect(faultsOf(first('FORWARD', '-m set --match-set blocked src -j DROP'))).toMatchObject([
      {
        severity: 'note',
        message: `${bridge}: whether packets between its containers get through cannot be told`,
      },
    ])
  })

  test('are followed without the engine as well', () => {
    const change = allOf(first('FORWARD', '-j DROP'), without('engine', 'networks'))
    expect(faultsOf(change).map(({ subject }) => subject)).toEqual([bridge])
  })
})

test.each<QuietRunner>([
  ['a healthy network of two containers', two],
  ['one container', first('FORWARD', `-i ${bridge} -j DROP`)],
  ['enable_icc=false', allOf(two, withoutIcc)],
  ['enable_icc=false, without the engine', allOf(two, withoutIcc, without('engine', 'networks'))],
  ['an operator’s rule in DOCKER-USER', allOf(two, first('DOCKER-USER', `-i ${bridge} -j DROP`))],
  ['a rule for frames of another protocol', allOf(two, ofBridgeFamily('ether type arp drop'))],
  [
    'a network that is being created',
    allOf(two, first('FORWARD', '-j DROP'), (runner) => {
      for (const network of areaIn(runner, 'networks')) network.createdAt = runner.at - 1000
    }),
  ],
  [
    'what a second reading does not show',
    allOf(two, first('FORWARD', '-j DROP'), (runner) => {
      const { networks, links, rules } = healthyRunner()
      runner.again = { networks, links, rules }
    }),
  ],
  [
    'a bridge whose rules change',
    allOf(two, first('FORWARD', '-j DROP'), (runner) => {
      areaIn(runner, 'rules').passing = [bridge]
    }),
  ],
  ['rules that were not observed', allOf(two, without('rules'))],
])('%s: no finding', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
