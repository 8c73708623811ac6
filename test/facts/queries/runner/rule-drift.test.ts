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
  hidden,
  inspectedAt,
  linkOf,
  networkOf,
  type RunnerChange,
  rulesOf,
  second,
  shown,
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

const nothing: RuleDrift = { stale: [], bare: [], orphans: [] }
const bridge = bridgeOf(woodpeckerNetwork)
const vanished = 'br-0273dcad143b'

function joined(...changes: RunnerChange[]): RuleDrift {
  const runner = healthyRunner()
  for (const change of changes) change(runner)
  return ruleDrift(runner)
}

/** The rules of a network that is gone, all of them or the first few. */
const leftOver =
  (count = 8, name = vanished): RunnerChange =>
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

describe('bridges that rules name and the host does not have', () => {
  test.each([1, 3, 4, 6, 8])('a remnant of %i rules is found', (count) => {
    const { stale, bare, orphans } = joined(leftOver(count))
    expect(stale).toMatchObject([{ bridge: vanished }])
    expect(stale[0]?.rules).toHaveLength(count)
    expect({ bare, orphans }).toEqual({ bare: [], orphans: [] })
  })

  test('they are found without an engine to ask', () => {
    const { stale } = joined(leftOver(), without('engine', 'networks', 'churn'))
    expect(stale.map((one) => one.bridge)).toEqual([vanished])
  })

  test('they are found in rules of legacy iptables and of ip6tables', () => {
    const gone = { ...networkOf('gone', 20), bridge: vanished, subnets: ['fd00:20::/64'] }
    const { stale } = joined(withTables(...dockerRules([gone], 'legacy', 'ip6')))
    expect(stale[0]?.rules.every(({ backend, family }) => backend === 'legacy' && family === 'ip6')).toBe(
      true,
    )
    expect(stale).toHaveLength(1)
  })

  test('a network of the engine whose bridge was deleted is told with it', () => {
    expect(joined(withoutLink(bridge)).stale).toMatchObject([
      { bridge, network: { name: woodpeckerNetwork } },
    ])
  })

  test.each<[string, RunnerChange]>([
    [
      'a rule that an operator put into DOCKER-USER',
      withRules('filter', 'DOCKER-USER', `-i ${vanished} -j DROP`),
    ],
    [
      'a rule of an operator in a chain of everybody',
      withRules('filter', 'FORWARD', `-i ${vanished} -o eth0 -p tcp -m tcp --dport 25 -j DROP`),
    ],
    ['a rule of ufw', withRules('filter', 'ufw-user-forward', `-i ${vanished} -o eth0 -j ACCEPT`)],
    [
      'docker0 that was removed with its engine',
      allOf(withoutLink('docker0'), without('engine', 'networks')),
    ],
    ['mirrored networking of WSL2', withRules('nat', 'DOCKER', '-i loopback0 -d 127.0.0.0/8 -j RETURN')],
    ['links that were not seen', allOf(leftOver(), without('links'))],
    ['rules that were not seen', without('rules')],
  ])('%s is no vanished bridge', (_sentence, change) => {
    expect(joined(change)).toEqual(nothing)
  })

  test('rules that were cut off tell of what they hold', () => {
    const { stale } = joined(leftOver(), (runner) => {
      areaIn(runner, 'rules').truncated = true
    })
    expect(stale).toHaveLength(1)
  })

  test('a bridge that a user named is Docker’s by its isolation rules', () => {
    const { stale } = joined(leftOver(8, 'ci-bridge'))
    expect(stale.map((one) => one.bridge)).toEqual(['ci-bridge'])
    expect(stale[0]?.rules).toHaveLength(8)
  })
})

describe('networks without rules', () => {
  test('all filter rules are gone, the masquerading is left', () => {
    const { bare } = joined(withoutRulesOf(bridge, 'filter'))
    expect(bare).toMatchObject([{ bridge, network: { name: woodpeckerNetwork }, present: 2 }])
    expect(bare[0]?.lacks).toEqual([
      `filter FORWARD -o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      `filter FORWARD -o ${bridge} -j DOCKER`,
      `filter FORWARD -i ${bridge} ! -o ${bridge} -j ACCEPT`,
      `filter FORWARD -i ${bridge} -o ${bridge} -j ACCEPT`,
      `filter DOCKER-ISOLATION-STAGE-1 -i ${bridge} ! -o ${bridge} -j DOCKER-ISOLATION-STAGE-2`,
      `filter DOCKER-ISOLATION-STAGE-2 -o ${bridge} -j DROP`,
    ])
  })

  test('a part of the rules is gone', () => {
    const { bare } = joined((runner) => {
      for (const chain of areaIn(runner, 'rules').tables.flatMap(({ chains }) => chains))
        chain.rules = chain.rules.filter((rule) => rule !== `-o ${bridge} -j DOCKER`)
    })
    expect(bare.map(({ lacks }) => lacks)).toEqual([[`filter FORWARD -o ${bridge} -j DOCKER`]])
  })

  test('only the masquerading is gone', () => {
    expect(joined(withoutRulesOf(bridge, 'nat')).bare.map(({ lacks }) => lacks)).toEqual([
      [`nat POSTROUTING -s 172.18.0.0/16 ! -o ${bridge} -j MASQUERADE`],
    ])
  })

  test('docker0 without rules is found like any other', () => {
    expect(joined(withoutRulesOf('docker0')).bare).toMatchObject([{ bridge: 'docker0', present: 0 }])
  })

  const change = (network: Partial<NetworkFact>) => withNetworks(networkOf('special', 20, network))
  test.each<[string, RunnerChange]>([
    ['an internal network without masquerading', change({ internal: true })],
    ['a routed network', change({ masquerade: false })],
    [
      'a network that an operator masquerades by a rule for all',
      (runner) => {
        withoutRulesOf(bridge, 'nat')(runner)
        withRules('nat', 'POSTROUTING', '-s 172.16.0.0/12 -o eth0 -j MASQUERADE')(runner)
      },
    ],
    [
      'a network with IPv6 alone',
      (runner) => {
        const six = networkOf('six', 20, { subnets: ['fd00:20::/64'], gateways: ['fd00:20::1'] })
        change(six)(runner)
        withoutRulesOf(six.bridge ?? '')(runner)
      },
    ],
    [
      'a network of both families',
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
    ['a network whose bridge is not there', withoutLink(bridge)],
    [
      'a network made at this moment',
      (runner) => {
        withNetworks(networkOf('fresh', 20, { createdAt: inspectedAt - second }))(runner)
        withoutRulesOf(bridgeOf('fresh'))(runner)
      },
    ],
    [
      'a network removed at this moment',
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
      'rules that were cut off',
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
      'networks that were not seen',
      (runner) => {
        withoutRulesOf(bridge)(runner)
        without('networks')(runner)
      },
    ],
    [
      'Podman, whose rules have another form',
      (runner) => {
        withoutRulesOf(bridge)(runner)
        areaIn(runner, 'engine').flavour = 'podman'
      },
    ],
    [
      'an engine of its own namespace, whose bridges are elsewhere',
      (runner) => {
        runner.vantage.hostView = 'here'
        runner.networks = shown([networkOf('bridge', 17, { bridge: 'docker0' }), networkOf('nested', 18)])
        withoutRulesOf('docker0')(runner)
      },
    ],
    [
      'a packet filter without a trace of Docker',
      (runner) => {
        runner.rules = shown(rulesOf([]))
      },
    ],
  ])('%s lacks nothing', (_sentence, apply) => {
    expect(joined(apply).bare).toEqual([])
  })
})

describe('bridges without a network', () => {
  const orphan = linkOf(vanished, 90, { kind: 'bridge', carrier: false, addresses: ['172.25.0.1/16'] })

  test('one that a failed create left is found', () => {
    expect(joined(withLink(orphan))).toEqual({ ...nothing, orphans: [orphan] })
  })

  test('it is found beside docker0 alone', () => {
    expect(joined(withNetworks(), withLink(orphan)).orphans).toEqual([orphan])
  })

  test.each<[string, RunnerChange]>([
    [
      'a bridge with something at it',
      (runner) => {
        withLink(orphan)(runner)
        withLink(linkOf('veth1234567', 91, { kind: 'veth', master: vanished }))(runner)
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
    ['a bridge that was made by hand', withLink({ ...orphan, name: 'br-lan' })],
    ['a bridge that is seen by name only', withLink({ name: vanished, kind: 'bridge', addresses: [] })],
    [
      'a bridge of a network whose name for it differs',
      (runner) => {
        withNetworks(networkOf('named', 20, { bridge: 'custom0' }))(runner)
        withLink({ ...orphan, name: bridgeOf('named') })(runner)
      },
    ],
    [
      'a bridge that is being made',
      (runner) => {
        withLink(orphan)(runner)
        areaIn(runner, 'churn').changes.push({
          at: inspectedAt,
          what: 'create',
          name: 'new',
          owner: 'other',
          bridge: vanished,
        })
      },
    ],
    [
      'the bridge of an engine that was not asked',
      (runner) => {
        withLink(orphan)(runner)
        runner.networks = hidden('Docker is stopped')
      },
    ],
    [
      'a bridge beside an engine of its own namespace',
      (runner) => {
        withLink(orphan)(runner)
        runner.vantage.hostView = 'here'
        runner.networks = shown([networkOf('nested', 18)])
      },
    ],
  ])('%s is no orphan', (_sentence, change) => {
    expect(joined(change).orphans).toEqual([])
  })
})

describe('what was read twice', () => {
  const again = (runner: RunnerFact, change: RunnerChange): void => {
    const { networks, links, rules } = structuredClone(runner)
    const second = { ...healthyRunner(), networks, links, rules }
    change(second)
    runner.again = { networks: second.networks, links: second.links, rules: second.rules }
  }

  test('counts where both readings show it', () => {
    const join = joined(leftOver(), withoutRulesOf(bridge, 'filter'), (runner) => again(runner, () => {}))
    expect(join.stale.map((one) => one.bridge)).toEqual([vanished])
    expect(join.bare.map((one) => one.bridge)).toEqual([bridge])
  })

  test.each<[string, RunnerChange]>([
    ['rules that came', withTables(...dockerRules([networkOf(woodpeckerNetwork, 18)]))],
    ['a network that went', withoutNetwork(woodpeckerNetwork)],
    ['rules that could not be read again', without('rules')],
  ])('does not count with %s meanwhile', (_sentence, change) => {
    expect(joined(withoutRulesOf(bridge), (runner) => again(runner, change)).bare).toEqual([])
  })

  test('lets a network count that came a few seconds before', () => {
    const fresh = networkOf('fresh', 20, { createdAt: inspectedAt - 5 * second })
    const join = joined(withNetworks(fresh), withoutRulesOf(bridgeOf('fresh')), (runner) =>
      again(runner, () => {}),
    )
    expect(join.bare.map(({ network }) => network.name)).toEqual(['fresh'])
  })

  test('is asked for where something does not go together, settled or not', () => {
    const runner = healthyRunner()
    expect(isInconsistent(runner)).toBe(false)
    withNetworks(networkOf('fresh', 20, { createdAt: inspectedAt }))(runner)
    withoutRulesOf(bridgeOf('fresh'))(runner)
    expect(ruleDrift(runner).bare).toEqual([])
    expect(isInconsistent(runner)).toBe(true)
  })
})

describe('real rules', () => {
  test('every kind of network of Docker 20.10.24 is complete', async () => {
    const { networks, links } = await recordedEngine('docker-20.10.24-kinds.json')
    const tables = savedTables(await recorded('docker-20.10.24-kinds.rules'))
    expect(networks.length).toBeGreaterThan(8)
    expect(
      joined((runner) => {
        Object.assign(runner, {
          networks: shown(networks),
          links: shown(links),
          rules: shown(rulesOf(tables)),
        })
      }),
    ).toEqual(nothing)
  })

  test('the builder of facts writes what that engine wrote', async () => {
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

  /** `br-*` in the rules of the race, counted by hand: those without a link, and the networks whose count is not 9. */
  test('a race between Docker 20.10.24 and an overwriter: every vanished bridge, every network that lost rules', async () => {
    const { networks, links } = await recordedEngine('docker-20.10.24-race.json')
    const text = await recorded('docker-20.10.24-race.rules')
    const counted = Map.groupBy(text.match(/br-[0-9a-f]{12}/g) ?? [], (name) => name)
    const there = links.map(({ name }) => name)
    const gone = [...counted.keys()].filter((name) => !there.includes(name))
    const join = joined((runner) => {
      Object.assign(runner, {
        networks: shown(networks),
        links: shown(links),
        rules: shown(rulesOf(savedTables(text))),
      })
    })
    expect(gone).toHaveLength(9)
    expect(join.stale.map((one) => one.bridge).toSorted()).toEqual(gone.toSorted())
    expect(join.bare.map(({ network, lacks }) => [network.name, lacks.length]).toSorted()).toEqual([
      ['live3', 3],
      ['live6', 6],
    ])
    expect(join.orphans).toEqual([])
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
      runner.rules = shown(rulesOf(structuredClone(tables)))
      areaIn(runner, 'engine').version = version
    }
  }

  test.each(cases)('Docker %s, %s, is complete', async (version, kind) => {
    expect(joined(await golden(version, kind, 'rules'))).toEqual(nothing)
  })

  test.each(cases)('Docker %s, %s, without the bridge and without the rules', async (version, kind) => {
    const name = kinds[kind]?.[0]?.bridge ?? ''
    const change = await golden(version, kind, 'rules')
    expect(joined(change, withoutRulesOf(name)).bare).toMatchObject([{ bridge: name, present: 0 }])
    const stale = joined(change, withoutLink(name)).stale.map((one) => one.bridge)
    expect(stale).toEqual([name])
  })

  const natives = ['portmap', 'portmap-noicc', 'portmap-natunprot', 'portmap-routed', 'internal']
  test.each(natives)(
    'Docker 29 with nftables, %s: complete, without the bridge, without the chains',
    async (kind) => {
      const change = await golden('29', kind, 'nft')
      const name = kinds[kind]?.[0]?.bridge ?? ''
      expect(joined(change)).toEqual(nothing)
      expect(joined(change, withoutLink(name)).stale.map((one) => one.bridge)).toEqual([name])
      const withoutChains = joined(change, (runner) => {
        for (const table of areaIn(runner, 'rules').tables)
          table.chains = table.chains.filter((chain) => !chain.name.endsWith(`__${name}`))
      })
      expect(withoutChains.bare).toMatchObject([{ bridge: name, present: 0 }])
    },
  )

  test('Docker 29 with nftables: a chain that lost its masquerading', async () => {
    const change = await golden('29', 'portmap', 'nft')
    const { bare } = joined(change, (runner) => {
      for (const { name, rules } of areaIn(runner, 'rules').tables.flatMap(({ chains }) => chains))
        if (name === 'nat-postrouting-out__bridge1') rules.length = 0
    })
    expect(bare.map(({ lacks }) => lacks)).toEqual([['masquerading of 192.0.2.0/24']])
  })

  test('a rule of one network is not taken for another’s', () => {
    const { bare } = joined(withoutRulesOf(bridgeOf(composeNetwork)))
    expect(bare.map(({ network }) => network.name)).toEqual([composeNetwork])
  })
})

test('rules of Docker’s forms in chains of everybody are its own only with a bridge of its own', () => {
  const chains = [
    {
      name: 'FORWARD',
      rules: [
        '-i wg0 ! -o wg0 -j ACCEPT',
        '-i ci0 ! -o ci0 -j ACCEPT',
        `-i ${vanished} ! -o ${vanished} -j ACCEPT`,
      ],
    },
    { name: 'DOCKER-ISOLATION-STAGE-2', rules: ['-o ci0 -j DROP'] },
  ]
  const tables = [{ backend: 'nft' as const, family: 'ip' as const, name: 'filter', chains }]
  const countsOf = (known: string[]) =>
    Object.fromEntries(
      [...dockerRulesIn({ tables }, known).byBridge].map(([name, rules]) => [name, rules.length]),
    )
  expect(countsOf([])).toEqual({ ci0: 2, [vanished]: 1 })
  expect(countsOf(['wg0'])).toEqual({ ci0: 2, wg0: 1, [vanished]: 1 })
})

test('100,000 rules and 10,000 networks are compared in one go', () => {
  const many = Array.from({ length: 10_000 }, (_, at) =>
    networkOf(`net${at}`, 18, { subnets: [`10.${at >> 8}.${at & 255}.0/24`], gateways: [], endpoints: 0 }),
  )
  const join = joined(withNetworks(...many), withoutRulesOf(bridgeOf('net77')), leftOver())
  expect(join.bare.map(({ network }) => network.name)).toEqual(['net77'])
  expect(join.stale.map((one) => one.bridge)).toEqual([vanished])
})
