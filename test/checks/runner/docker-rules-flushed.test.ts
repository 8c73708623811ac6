import { describe, expect, test } from 'vitest'
import check from '../../../src/checks/runner/docker-rules-flushed.ts'
import { listedTable } from '../../support/recorded-rules.ts'
import {
  allOf,
  areaIn,
  bridgeOf,
  chainIn,
  composeNetwork,
  engineNetworks,
  hour,
  inspectedAt,
  minute,
  networkOf,
  type QuietRunner,
  type RunnerChange,
  rulesOf,
  runnerFaultsOf,
  seenArea,
  userNetworks,
  withNetworks,
  without,
  withoutRulesOf,
  withTables,
  woodpeckerNetwork,
} from '../../support/runner-facts.ts'

const nothing: RunnerChange = (runner) => {
  runner.rules = seenArea(rulesOf([]))
}
/** As `iptables -F` or `iptables -t nat -F`: the chains stay. */
const flushed =
  (...tables: string[]): RunnerChange =>
  (runner) => {
    for (const { name, chains } of areaIn(runner, 'rules').tables)
      if (tables.includes(name)) for (const chain of chains) chain.rules = []
  }
const accepting: RunnerChange = (runner) => {
  chainIn(runner, 'filter', 'FORWARD').policy = 'ACCEPT'
}
const daemon =
  (writesRules?: boolean): RunnerChange =>
  (runner) => {
    const known = writesRules === undefined ? {} : { writesRules }
    runner.daemons = [{ command: '/usr/bin/dockerd', snap: false, ...known }]
  }
const idle: RunnerChange = (runner) => {
  for (const network of areaIn(runner, 'networks')) network.endpoints = 0
}

describe('what a flush leaves behind', () => {
  test('nothing of Docker’s: networks that should be masqueraded are not', () => {
    expect(runnerFaultsOf(check, nothing)).toMatchObject([
      {
        severity: 'error',
        title:
          'Flushed packet filter: something flushed Docker’s rules after Docker started; containers get no replies from outside.',
        message: `no chain and no rule of Docker is left; not masqueraded: bridge, ${woodpeckerNetwork}, ${composeNetwork}`,
        cause: 'flushed',
      },
    ])
  })

  test.each<[string, RunnerChange, string]>([
    ['iptables -F', flushed('filter'), 'FORWARD drops the packets of containers'],
    [
      'iptables -F with policy ACCEPT',
      allOf(flushed('filter'), accepting),
      'networks are no longer isolated from each other',
    ],
    ['iptables -t nat -F', flushed('nat'), 'containers get no replies from outside'],
    ['both', flushed('filter', 'nat'), 'containers get no replies from outside'],
  ])('chains without rules, after %s', (_command, change, effect) => {
    expect(runnerFaultsOf(check, change)).toMatchObject([
      { severity: 'error', title: expect.stringContaining(effect) },
    ])
  })

  test('networks created since have their rules', () => {
    const late = networkOf('late', 20, { createdAt: inspectedAt - minute })
    const change = withNetworks(...userNetworks(), late)
    const without = [...engineNetworks(), ...userNetworks()].flatMap(({ bridge }) => bridge ?? [])
    const faults = runnerFaultsOf(check, allOf(change, ...without.map((bridge) => withoutRulesOf(bridge))))
    expect(faults).toMatchObject([{ severity: 'error' }])
    expect(faults[0]?.evidence).toContain('created since, with rules: late')
  })

  test('Docker in nftables mode, without its table', () => {
    const nftables: RunnerChange = (runner) => {
      areaIn(runner, 'engine').firewall = 'nftables'
    }
    expect(runnerFaultsOf(check, allOf(nothing, nftables))).toMatchObject([{ severity: 'error' }])
  })

  describe('in nftables mode', () => {
    /** The tables of Docker 29 for these networks, after a change to their text. */
    const tables =
      (change: (text: string) => string): RunnerChange =>
      (runner) => {
        areaIn(runner, 'engine').firewall = 'nftables'
        const bridges = [...engineNetworks(), ...userNetworks()].flatMap(({ bridge }) => bridge ?? [])
        const chains = bridges.flatMap((bridge) => [
          `chain filter-forward-in__${bridge} {\n\t\tcounter drop comment "UNPUBLISHED PORT DROP"\n\t}`,
          `chain filter-forward-out__${bridge} {\n\t\tcounter accept comment "OUTGOING PACKETS"\n\t}`,
          `chain nat-postrouting-out__${bridge} {\n\t\tcounter masquerade comment "MASQUERADE"\n\t}`,
        ])
        const text = change(`table ip docker-bridges {\n\t${chains.join('\n\t')}\n}`)
        const ipv6 = listedTable('table ip6 docker-bridges {\n\tchain raw-PREROUTING {\n\t}\n}')
        runner.rules = seenArea(rulesOf([...(text === '' ? [] : [listedTable(text)]), ipv6]))
      }

    test('every chain has its rules: no finding', () => {
      expect(
        runnerFaultsOf(
          check,
          tables((text) => text),
        ),
      ).toEqual([])
    })

    test('nft flush table: the chains are left, without rules', () => {
      const change = tables((text) => text.replaceAll(/\n\t\tcounter.*/g, ''))
      expect(runnerFaultsOf(check, change)).toMatchObject([
        {
          severity: 'error',
          message: `the table docker-bridges has no rules of Docker; not masqueraded: bridge, ${woodpeckerNetwork}, ${composeNetwork}`,
        },
      ])
    })

    test('nft delete table: only the table of IPv6 is left', () => {
      expect(
        runnerFaultsOf(
          check,
          tables(() => ''),
        ),
      ).toMatchObject([
        { severity: 'error', message: expect.stringMatching(/^no chain and no rule of Docker is left/) },
      ])
    })

    test('one network without rules, while others have theirs, was not flushed', () => {
      const bridge = bridgeOf(woodpeckerNetwork)
      const change = tables((text) =>
        text.replaceAll(new RegExp(`(__${bridge} \\{)\\n\\t\\tcounter.*`, 'g'), '$1'),
      )
      expect(runnerFaultsOf(check, change)).toEqual([])
    })
  })

  test('a file that flushes the ruleset is named, and not more than that', () => {
    const saved: RunnerChange = (runner) => {
      const file = '/etc/nftables.conf'
      areaIn(runner, 'rules').saved = [
        { program: 'nftables.service', file, enabled: true, flushes: true, bridges: [] },
      ]
    }
    expect(runnerFaultsOf(check, allOf(nothing, saved))[0]?.evidence).toEqual([
      'nftables.service flushes the whole ruleset when it starts (/etc/nftables.conf)',
    ])
  })
})

describe('iptables: false looks the same', () => {
  test('a daemon that writes rules had some: an error, even while no container runs', () => {
    expect(runnerFaultsOf(check, allOf(nothing, idle, daemon(true)))).toMatchObject([{ severity: 'error' }])
  })
  test('unknown, and no container runs: a note', () => {
    expect(runnerFaultsOf(check, allOf(nothing, idle, daemon()))).toMatchObject([
      { severity: 'note', advice: expect.stringContaining('iptables: false') },
    ])
  })
  const masquerading = withTables({
    ...{ backend: 'native', family: 'ip', name: 'own' },
    chains: [{ name: 'post', hook: 'postrouting', rules: ['ip saddr 172.16.0.0/12 masquerade'] }],
  })
  test('the rules of another program masquerade only its own addresses', () => {
    const guests = withTables({
      ...{ backend: 'native', family: 'ip', name: 'libvirt_network' },
      chains: [{ name: 'post', hook: 'postrouting', rules: ['ip saddr 192.168.122.0/24 masquerade'] }],
    })
    expect(runnerFaultsOf(check, allOf(nothing, guests))).toMatchObject([{ severity: 'error' }])
  })
  test.each<QuietRunner>([
    ['a daemon that writes none', allOf(nothing, daemon(false))],
    ['an operator’s own masquerading', allOf(nothing, masquerading)],
  ])('%s: no flush', (_sentence, change) => {
    expect(runnerFaultsOf(check, change)).toEqual([])
  })
})

test.each<QuietRunner>([
  ['a healthy runner', () => {}],
  ['a network without rules while older ones have them', withoutRulesOf(bridgeOf(composeNetwork))],
  [
    'the newest networks without rules, as after an old copy was written back',
    allOf(
      withNetworks(
        ...[20, 21, 22].map((net) => networkOf(`new${net}`, net, { createdAt: inspectedAt - net * minute })),
      ),
      ...[20, 21].map((net) => withoutRulesOf(bridgeOf(`new${net}`))),
    ),
  ],
  ['rules that were not read', allOf(nothing, without('rules'))],
  ['networks that were not read', allOf(nothing, without('networks'))],
  [
    'rules that were not read completely',
    allOf(nothing, (runner) => {
      areaIn(runner, 'rules').unread = [{ backend: 'nft', why: 'iptables-nft-save is not installed here' }]
    }),
  ],
  [
    'a second reading in which the rules are back',
    (runner) => {
      const { networks, links, rules } = structuredClone(runner)
      nothing(runner)
      runner.again = { networks, links, rules }
    },
  ],
  [
    'a network created just now',
    allOf(withNetworks(networkOf('new', 20, { createdAt: inspectedAt })), withoutRulesOf(bridgeOf('new'))),
  ],
  [
    'an engine in another namespace',
    allOf(nothing, (runner) => {
      runner.vantage.hostView = 'here'
      areaIn(runner, 'networks').push(networkOf('far', 30, { createdAt: inspectedAt - hour }))
      for (const network of areaIn(runner, 'networks'))
        if (network.bridge) network.bridge = bridgeOf(network.id)
    }),
  ],
])('%s: no flush', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
