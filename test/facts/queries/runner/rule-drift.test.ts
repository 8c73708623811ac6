import { describe, expect, test } from 'vitest'
import { dockerRulesIn } from '../../../../src/facts/queries/runner/docker-rules.ts'
import { isInconsistent, type RuleDrift, ruleDrift } from '../../../../src/facts/queries/runner/rule-drift.ts'
import type { NetworkFact, RunnerFact } from '../../../../src/facts/runner.ts'
import { listedTable, recorded, recordedEngine, savedTables } from '../../../support/recorded-rules.ts'
import {
  allOf,
  areaIn,
  bridgeOf,
  composeNetwork,
  dockerRules,
  healthyRunner,
  inspectedAt,
  linkOf,
  networkOf,
  type RunnerChange,
  rulesOf,
  second,
  seenArea,
  unseenArea,
  withLink,
  withNetworks,
  without,
  withoutLink,
  withoutNetwork,
  withoutRulesOf,
  withRules,
  withTables,
  woodpeckerNetwork,
} from '../../../support/runner-facts.ts'

const noDrift: RuleDrift = { staleBridges: [], unprotectedNetworks: [], orphanBridges: [] }
const bridge = bridgeOf(woodpeckerNetwork)
const deleted = 'br-0273dcad143b'

function driftOf(...changes: RunnerChange[]): RuleDrift {
  const runner = healthyRunner()
  for (const change of changes) change(runner)
  return ruleDrift(runner)
}

/** Rules of a network that no longer exists: all of them, or the first few. */
const leftOver =
  (count = 8, name = deleted): RunnerChange =>
  (runner) => {
    const network = { ...networkOf('gone', 20), bridge: name }
    const tables = dockerRules([network])
    const all = tables.flatMap((table) =>
      table.chains.flatMap((chain) =>
        chain.rules
          .filter((rule) => rule.includes(name))
          .map((rule) => ({ table: table.name, chain: chain.name, rule })),
      ),
    )
    for (const { table, chain, rule } of all.slice(0, count)) withRules(table, chain, rule)(runner)
  }

describe('bridges that rules name and that do not exist', () => {
  test.each([1, 3, 4, 6, 8])('%i leftover rules are found', (count) => {
    const { staleBridges, unprotectedNetworks, orphanBridges } = driftOf(leftOver(count))
    expect(staleBridges).toMatchObject([{ bridge: deleted }])
    expect(staleBridges[0]?.rules).toHaveLength(count)
    expect({ unprotectedNetworks, orphanBridges }).toEqual({ unprotectedNetworks: [], orphanBridges: [] })
  })

  test('they are found without an engine', () => {
    const { staleBridges } = driftOf(leftOver(), without('engine', 'networks', 'churn'))
    expect(staleBridges.map((one) => one.bridge)).toEqual([deleted])
  })

  test('they are found in legacy iptables and in ip6tables', () => {
    const gone = { ...networkOf('gone', 20), bridge: deleted, subnets: ['fd00:20::/64'] }
    const { staleBridges } = driftOf(withTables(...dockerRules([gone], 'legacy', 'ip6')))
    expect(
      staleBridges[0]?.rules.every(({ backend, family }) => backend === 'legacy' && family === 'ip6'),
    ).toBe(true)
    expect(staleBridges).toHaveLength(1)
  })

  test('a network whose bridge was deleted is reported with it', () => {
    expect(driftOf(withoutLink(bridge)).staleBridges).toMatchObject([
      { bridge, network: { name: woodpeckerNetwork } },
    ])
  })

  test.each<[string, RunnerChange]>([
    ['an operator’s rule in DOCKER-USER', withRules('filter', 'DOCKER-USER', `-i ${deleted} -j DROP`)],
    [
      'an operator’s rule in a shared chain',
      withRules('filter', 'FORWARD', `-i ${deleted} -o eth0 -p tcp -m tcp --dport 25 -j DROP`),
    ],
    ['a rule of ufw', withRules('filter', 'ufw-user-forward', `-i ${deleted} -o eth0 -j ACCEPT`)],
    [
      'docker0 that was removed with its engine',
      allOf(withoutLink('docker0'), without('engine', 'networks')),
    ],
    ['mirrored networking of WSL2', withRules('nat', 'DOCKER', '-i loopback0 -d 127.0.0.0/8 -j RETURN')],
    ['links that were not observed', allOf(leftOver(), without('links'))],
    ['rules that were not observed', without('rules')],
  ])('%s is not a deleted bridge', (_sentence, change) => {
    expect(driftOf(change)).toEqual(noDrift)
  })

  test('truncated rules still show the bridges that they name', () => {
    const { staleBridges } = driftOf(leftOver(), (runner) => {
      areaIn(runner, 'rules').truncated = true
    })
    expect(staleBridges).toHaveLength(1)
  })

  test('a bridge with a name of the user’s is recognised by its isolation rules', () => {
    const { staleBridges } = driftOf(leftOver(8, 'ci-bridge'))
    expect(staleBridges.map((one) => one.bridge)).toEqual(['ci-bridge'])
    expect(staleBridges[0]?.rules).toHaveLength(8)
  })
})

describe('networks without rules', () => {
  test('all filter rules are missing, the masquerading is left', () => {
    const { unprotectedNetworks } = driftOf(withoutRulesOf(bridge, 'filter'))
    expect(unprotectedNetworks).toMatchObject([{ bridge, network: { name: woodpeckerNetwork }, present: 2 }])
    expect(unprotectedNetworks[0]?.missing).toEqual([
      `filter FORWARD -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      `filter FORWARD -o ${bridge} -j DOCKER`,
      `filter FORWARD -i ${bridge} ! -o ${bridge} -j ACCEPT`,
      `filter FORWARD -i ${bridge} -o ${bridge} -j ACCEPT`,
      `filter DOCKER-ISOLATION-STAGE-1 -i ${bridge} ! -o ${bridge} -j DOCKER-ISOLATION-STAGE-2`,
      `filter DOCKER-ISOLATION-STAGE-2 -o ${bridge} -j DROP`,
    ])
  })

  test('some of the rules are missing', () => {
    const { unprotectedNetworks } = driftOf((runner) => {
      for (const chain of areaIn(runner, 'rules').tables.flatMap(({ chains }) => chains))
        chain.rules = chain.rules.filter((rule) => rule !== `-o ${bridge} -j DOCKER`)
    })
    expect(unprotectedNetworks.map(({ missing }) => missing)).toEqual([
      [`filter FORWARD -o ${bridge} -j DOCKER`],
    ])
  })

  test('only the masquerading is missing', () => {
    expect(driftOf(withoutRulesOf(bridge, 'nat')).unprotectedNetworks.map(({ missing }) => missing)).toEqual([
      [`nat POSTROUTING -s 172.18.0.0/16 ! -o ${bridge} -j MASQUERADE`],
    ])
  })

  test('docker0 without rules is found like any other bridge', () => {
    expect(driftOf(withoutRulesOf('docker0')).unprotectedNetworks).toMatchObject([
      { bridge: 'docker0', present: 0 },
    ])
  })

  const change = (network: Partial<NetworkFact>) => withNetworks(networkOf('special', 20, network))
  test.each<[string, RunnerChange]>([
    ['an internal network without masquerading', change({ internal: true })],
    ['a routed network', change({ masquerade: false })],
    [
      'a network that an operator’s rule for a larger range masquerades',
      (runner) => {
        withoutRulesOf(bridge, 'nat')(runner)
        withRules('nat', 'POSTROUTING', '-s 172.16.0.0/12 -o eth0 -j MASQUERADE')(runner)
      },
    ],
    [
      'a network with only IPv6',
      (runner) => {
        const six = networkOf('six', 20, { subnets: ['fd00:20::/64'], gateways: ['fd00:20::1'] })
        change(six)(runner)
        withoutRulesOf(six.bridge ?? '')(runner)
      },
    ],
    [
      'a network with IPv4 and IPv6',
      change({ subnets: ['172.20.0.0/16', 'fd00:20::/64'], gateways: ['172.20.0.1'] }),
    ],
    ...['macvlan', 'ipvlan', 'overlay', 'host', 'null', 'weaveworks/net-plugin:latest'].map(
      (driver): [string, RunnerChange] => [
        `a network of the driver ${driver}`,
        (runner) => {
          areaIn(runner, 'networks').push(networkOf('other', 21, { driver }))
        },
      ],
    ),
    ['a network whose bridge does not exist', withoutLink(bridge)],
    [
      'a network that was just created',
      (runner) => {
        withNetworks(networkOf('fresh', 20, { createdAt: inspectedAt - second }))(runner)
        withoutRulesOf(bridgeOf('fresh'))(runner)
      },
    ],
    [
      'a network that was just removed',
      (runner) => {
        withoutRulesOf(bridge)(runner)
        areaIn(runner, 'churn').changes.push({
          at: inspectedAt - second,
          what: 'destroy',
          name: woodpeckerNetwork,
          owner: 'woodpecker',
        })
      },
    ],
    [
      'a bridge whose rules changed while they were read',
      (runner) => {
        withoutRulesOf(bridge)(runner)
        areaIn(runner, 'rules').passing = [bridge]
      },
    ],
    [
      'truncated rules',
      (runner) => {
        withoutRulesOf(bridge)(runner)
        areaIn(runner, 'rules').truncated = true
      },
    ],
    [
      'a backend that could not be read',
      (runner) => {
        withoutRulesOf(bridge)(runner)
        areaIn(runner, 'rules').unread = [{ backend: 'legacy', why: 'iptables-legacy-save is missing' }]
      },
    ],
    [
      'networks that were not observed',
      (runner) => {
        withoutRulesOf(bridge)(runner)
        without('networks')(runner)
      },
    ],
    [
      'Podman, whose rules have a different form',
      (runner) => {
        withoutRulesOf(bridge)(runner)
        areaIn(runner, 'engine').flavour = 'podman'
      },
    ],
    [
      'an engine with its own namespace, whose bridges are elsewhere',
      (runner) => {
        runner.vantage.hostView = 'here'
        runner.networks = seenArea([networkOf('bridge', 17, { bridge: 'docker0' }), networkOf('nested', 18)])
        withoutRulesOf('docker0')(runner)
      },
    ],
    [
      'a packet filter without any of Docker’s rules',
      (runner) => {
        runner.rules = seenArea(rulesOf([]))
      },
    ],
  ])('%s: no rule is missing', (_sentence, apply) => {
    expect(driftOf(apply).unprotectedNetworks).toEqual([])
  })
})

describe('bridges without a network', () => {
  const orphan = linkOf(deleted, 90, { kind: 'bridge', carrier: false, addresses: ['172.25.0.1/16'] })

  test('a bridge left by a failed create is found', () => {
    expect(driftOf(withLink(orphan))).toEqual({ ...noDrift, orphanBridges: [orphan] })
  })

  test('it is found next to docker0 alone', () => {
    expect(driftOf(withNetworks(), withLink(orphan)).orphanBridges).toEqual([orphan])
  })

  test.each<[string, RunnerChange]>([
    [
      'a bridge with an interface attached',
      (runner) => {
        withLink(orphan)(runner)
        withLink(linkOf('veth1234567', 91, { kind: 'veth', master: deleted }))(runner)
      },
    ],
    [
      'a bridge with the rules of a second engine',
      (runner) => {
        withLink(orphan)(runner)
        leftOver()(runner)
      },
    ],
    ['a bridge of another program', withLink({ ...orphan, name: 'virbr0' })],
    ['a bridge that was created manually', withLink({ ...orphan, name: 'br-lan' })],
    ['a bridge of which only the name is known', withLink({ name: deleted, kind: 'bridge', addresses: [] })],
    [
      'a bridge of a network that names another one',
      (runner) => {
        withNetworks(networkOf('named', 20, { bridge: 'custom0' }))(runner)
        withLink({ ...orphan, name: bridgeOf('named') })(runner)
      },
    ],
    [
      'a bridge that is being created',
      (runner) => {
        withLink(orphan)(runner)
        areaIn(runner, 'churn').changes.push({
          at: inspectedAt,
          what: 'create',
          name: 'new',
          owner: 'other',
          bridge: deleted,
        })
      },
    ],
    [
      'the bridge of an engine that was not queried',
      (runner) => {
        withLink(orphan)(runner)
        runner.networks = unseenArea('Docker is stopped')
      },
    ],
    [
      'a bridge next to an engine with its own namespace',
      (runner) => {
        withLink(orphan)(runner)
        runner.vantage.hostView = 'here'
        runner.networks = seenArea([networkOf('nested', 18)])
      },
    ],
  ])('%s is not an orphan', (_sentence, change) => {
    expect(driftOf(change).orphanBridges).toEqual([])
  })
})

describe('a second reading', () => {
  const again = (runner: RunnerFact, change: RunnerChange): void => {
    const { networks, links, rules } = structuredClone(runner)
    const second = { ...healthyRunner(), networks, links, rules }
    change(second)
    runner.again = { networks: second.networks, links: second.links, rules: second.rules }
  }

  test('drift counts where both readings show it', () => {
    const drift = driftOf(leftOver(), withoutRulesOf(bridge, 'filter'), (runner) => again(runner, () => {}))
    expect(drift.staleBridges.map((one) => one.bridge)).toEqual([deleted])
    expect(drift.unprotectedNetworks.map((one) => one.bridge)).toEqual([bridge])
  })

  test.each<[string, RunnerChange]>([
    ['rules that appeared', withTables(...dockerRules([networkOf(woodpeckerNetwork, 18)]))],
    ['a network that was removed', withoutNetwork(woodpeckerNetwork)],
    ['rules that could not be read again', without('rules')],
  ])('drift does not count with %s in between', (_sentence, change) => {
    expect(driftOf(withoutRulesOf(bridge), (runner) => again(runner, change)).unprotectedNetworks).toEqual([])
  })

  test('a network created a few seconds before counts', () => {
    const fresh = networkOf('fresh', 20, { createdAt: inspectedAt - 5 * second })
    const drift = driftOf(withNetworks(fresh), withoutRulesOf(bridgeOf('fresh')), (runner) =>
      again(runner, () => {}),
    )
    expect(drift.unprotectedNetworks.map(({ network }) => network.name)).toEqual(['fresh'])
  })

  test('it is needed where the first is inconsistent, recent changes included', () => {
    const runner = healthyRunner()
    expect(isInconsistent(runner)).toBe(false)
    withNetworks(networkOf('fresh', 20, { createdAt: inspectedAt }))(runner)
    withoutRulesOf(bridgeOf('fresh'))(runner)
    expect(ruleDrift(runner).unprotectedNetworks).toEqual([])
    expect(isInconsistent(runner)).toBe(true)
  })
})

describe('real rules', () => {
  test('every kind of network of Docker 20.10.24 has all its rules', async () => {
    const { networks, links } = await recordedEngine('docker-20.10.24-kinds.json')
    const tables = savedTables(await recorded('docker-20.10.24-kinds.rules'))
    expect(networks.length).toBeGreaterThan(8)
    expect(
      driftOf((runner) => {
        Object.assign(runner, {
          networks: seenArea(networks),
          links: seenArea(links),
          rules: seenArea(rulesOf(tables)),
        })
      }),
    ).toEqual(noDrift)
  })

  test('the builder of test facts writes the rules that the engine wrote', async () => {
    const { networks } = await recordedEngine('docker-20.10.24-kinds.json')
    const real = savedTables(await recorded('docker-20.10.24-kinds.rules'))
    const plain = networks.filter(({ name }) => ['plain', 'nomasq', 'inner'].includes(name))
    const built = dockerRules(plain)
    const linesOf = (tables: typeof real) =>
      tables.flatMap(({ name, chains }) =>
        chains.flatMap((chain) => chain.rules.map((rule) => `${name} ${chain.name} ${rule}`)),
      )
    const known = new Set(linesOf(real))
    const own = linesOf(built)
    expect(own.filter((line) => !known.has(line))).toEqual([])
    const bridges = plain.flatMap((network) => network.bridge ?? [])
    expect(
      linesOf(real).filter((line) => bridges.some((name) => line.includes(name)) && !own.includes(line)),
    ).toEqual([])
  })

  /** `br-*` in the rules of the race, counted manually: those without a link, and the networks whose count is not 9. */
  test('a race between Docker 20.10.24 and a program that rewrites tables: every deleted bridge, every network that lost rules', async () => {
    const { networks, links } = await recordedEngine('docker-20.10.24-race.json')
    const text = await recorded('docker-20.10.24-race.rules')
    const counted = Map.groupBy(text.match(/br-[0-9a-f]{12}/g) ?? [], (name) => name)
    const existing = links.map(({ name }) => name)
    const gone = [...counted.keys()].filter((name) => !existing.includes(name))
    const drift = driftOf((runner) => {
      Object.assign(runner, {
        networks: seenArea(networks),
        links: seenArea(links),
        rules: seenArea(rulesOf(savedTables(text))),
      })
    })
    expect(gone).toHaveLength(9)
    expect(drift.staleBridges.map((one) => one.bridge).toSorted()).toEqual(gone.toSorted())
    expect(
      drift.unprotectedNetworks.map(({ network, missing }) => [network.name, missing.length]).toSorted(),
    ).toEqual([
      ['live3', 3],
      ['live6', 6],
    ])
    expect(drift.orphanBridges).toEqual([])
  })

  const bridge1 = { name: 'bridge1', bridge: 'bridge1', subnets: ['192.0.2.0/24'], gateways: ['192.0.2.1'] }
  const kinds: Record<string, Partial<NetworkFact>[]> = {
    portmap: [bridge1],
    'portmap-noicc': [bridge1],
    'portmap-noproxy': [bridge1],
    'portmap-natunprot': [bridge1],
    'portmap-routed': [{ ...bridge1, masquerade: false }],
    internal: [
      { ...bridge1, internal: true, bridge: 'bridgeICC' },
      { ...bridge1, internal: true, bridge: 'bridgeNoICC', subnets: ['198.51.100.0/24'] },
    ],
    'swarm-portmap': [{ name: 'docker_gwbridge', bridge: 'docker_gwbridge', subnets: ['172.18.0.0/16'] }],
  }
  const versions = ['28.0.0', '28.5.2', '29']
  const cases = versions.flatMap((version) => Object.keys(kinds).map((kind) => [version, kind] as const))

  async function golden(version: string, kind: string, ending: string): Promise<RunnerChange> {
    const text = await recorded(`docker-${version}-${kind}.${ending}`)
    const tables = ending === 'nft' ? [listedTable(text)] : savedTables(text)
    return (runner) => {
      withNetworks(...(kinds[kind] ?? []).map((change) => networkOf(kind, 20, change)))(runner)
      runner.rules = seenArea(rulesOf(structuredClone(tables)))
      areaIn(runner, 'engine').version = version
    }
  }

  test.each(cases)('Docker %s, %s, has all its rules', async (version, kind) => {
    expect(driftOf(await golden(version, kind, 'rules'))).toEqual(noDrift)
  })

  test.each(cases)('Docker %s, %s, without the bridge and without the rules', async (version, kind) => {
    const name = kinds[kind]?.[0]?.bridge ?? ''
    const change = await golden(version, kind, 'rules')
    expect(driftOf(change, withoutRulesOf(name)).unprotectedNetworks).toMatchObject([
      { bridge: name, present: 0 },
    ])
    const staleBridges = driftOf(change, withoutLink(name)).staleBridges.map((one) => one.bridge)
    expect(staleBridges).toEqual([name])
  })

  const natives = ['portmap', 'portmap-noicc', 'portmap-natunprot', 'portmap-routed', 'internal']
  test.each(natives)(
    'Docker 29 with nftables, %s: complete, without the bridge, without the chains',
    async (kind) => {
      const change = await golden('29', kind, 'nft')
      const name = kinds[kind]?.[0]?.bridge ?? ''
      expect(driftOf(change)).toEqual(noDrift)
      expect(driftOf(change, withoutLink(name)).staleBridges.map((one) => one.bridge)).toEqual([name])
      const withoutChains = driftOf(change, (runner) => {
        for (const table of areaIn(runner, 'rules').tables)
          table.chains = table.chains.filter((chain) => !chain.name.endsWith(`__${name}`))
      })
      expect(withoutChains.unprotectedNetworks).toMatchObject([{ bridge: name, present: 0 }])
    },
  )

  test('Docker 29 with nftables: a chain without its masquerading rule', async () => {
    const change = await golden('29', 'portmap', 'nft')
    const { unprotectedNetworks } = driftOf(change, (runner) => {
      for (const { name, rules } of areaIn(runner, 'rules').tables.flatMap(({ chains }) => chains))
        if (name === 'nat-postrouting-out__bridge1') rules.length = 0
    })
    expect(unprotectedNetworks.map(({ missing }) => missing)).toEqual([['masquerading of 192.0.2.0/24']])
  })

  test('a rule of one network does not count for another', () => {
    const { unprotectedNetworks } = driftOf(withoutRulesOf(bridgeOf(composeNetwork)))
    expect(unprotectedNetworks.map(({ network }) => network.name)).toEqual([composeNetwork])
  })
})

test('rules in Docker’s form in shared chains are Docker’s only if they name one of its bridges', () => {
  const chains = [
    {
      name: 'FORWARD',
      rules: [
        '-i wg0 ! -o wg0 -j ACCEPT',
        '-i ci0 ! -o ci0 -j ACCEPT',
        `-i ${deleted} ! -o ${deleted} -j ACCEPT`,
      ],
    },
    { name: 'DOCKER-ISOLATION-STAGE-2', rules: ['-o ci0 -j DROP'] },
  ]
  const tables = [{ backend: 'nft' as const, family: 'ip' as const, name: 'filter', chains }]
  const countsOf = (known: string[]) =>
    Object.fromEntries(
      [...dockerRulesIn({ tables }, known).byBridge].map(([name, rules]) => [name, rules.length]),
    )
  expect(countsOf([])).toEqual({ ci0: 2, [deleted]: 1 })
  expect(countsOf(['wg0'])).toEqual({ ci0: 2, wg0: 1, [deleted]: 1 })
})

test('100,000 rules and 10,000 networks are compared within the time limit', () => {
  const many = Array.from({ length: 10_000 }, (_, at) =>
    networkOf(`net${at}`, 18, { subnets: [`10.${at >> 8}.${at & 255}.0/24`], gateways: [], endpoints: 0 }),
  )
  const drift = driftOf(withNetworks(...many), withoutRulesOf(bridgeOf('net77')), leftOver())
  expect(drift.unprotectedNetworks.map(({ network }) => network.name)).toEqual(['net77'])
  expect(drift.staleBridges.map((one) => one.bridge)).toEqual([deleted])
})
