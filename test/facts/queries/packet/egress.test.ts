import { describe, expect, test } from 'vitest'
import check from '../../../../src/checks/runner/container-no-egress.ts'
import type { NetworkFact } from '../../../../src/facts/runner.ts'
import { routeOf, routingFor, ruleOf } from '../../../support/routing.ts'
import {
  allOf,
  areaIn,
  bridgeOf,
  chainIn,
  dockerRules,
  linkOf,
  networkOf,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  withLink,
  withNetworks,
  withRules,
} from '../../../support/runner-facts.ts'

const bridge = bridgeOf('ci')

const first =
  (table: string, chain: string, rule: string, family: 'ip' | 'ip6' = 'ip'): RunnerChange =>
  (runner) => {
    const found = areaIn(runner, 'rules').tables.find((one) => one.name === table && one.family === family)
    found?.chains.find(({ name }) => name === chain)?.rules.unshift(rule)
  }

const onLink =
  (name: string, change: object): RunnerChange =>
  (runner) => {
    Object.assign(areaIn(runner, 'links').find((one) => one.name === name) ?? {}, change)
  }

const flavour =
  (change: object): RunnerChange =>
  (runner) => {
    Object.assign(areaIn(runner, 'engine'), change)
  }

describe('by IPv6', () => {
  /** Docker 29 with a network that has both families, or only IPv6, on a host with a way to the Internet by IPv6. */
  const six = (own: Partial<NetworkFact> = {}, forwarding = '1'): RunnerChange => {
    const network = networkOf('ci', 20, {
      subnets: ['172.20.0.0/16', 'fd00:20::/64'],
      gateways: ['172.20.0.1', 'fd00:20::1'],
      addresses: ['172.20.0.2', 'fd00:20::2'],
      ...own,
    })
    return allOf(
      withNetworks(network),
      onLink('eth0', { addresses: ['192.0.2.20/24', '2001:db8::20/64'] }),
      (runner) => {
        areaIn(runner, 'rules').tables.push(...dockerRules([network], 'nft', 'ip6'))
        const routing = routingFor(areaIn(runner, 'links'))
        const ofSix = { family: 'ip6' as const }
        routing.rules.push(ruleOf(0, 'local', ofSix), ruleOf(32_766, 'main', ofSix))
        routing.routes.push(
          routeOf('default', 'eth0', { ...ofSix, gateway: 'fe80::1' }),
          routeOf('2001:db8::/64', 'eth0', ofSix),
          routeOf('fd00:20::/64', bridge, ofSix),
          ...['2001:db8::20', 'fd00:20::1'].map((one) =>
            routeOf(one, 'lo', { ...ofSix, table: 'local', type: 'local' }),
          ),
        )
        routing.sysctls['net.ipv6.conf.all.forwarding'] = forwarding
        areaIn(runner, 'routes').routing = routing
      },
    )
  }
  const only: Partial<NetworkFact> = {
    subnets: ['fd00:20::/64'],
    gateways: ['fd00:20::1'],
    addresses: ['fd00:20::2'],
  }
  const reject = first('filter', 'FORWARD', '-j REJECT --reject-with icmp6-adm-prohibited', 'ip6')

  test('a rule of ip6tables is named; the containers still have IPv4', () => {
    expect(runnerFaultsOf(check, allOf(six(), reject))).toMatchObject([
      {
        subject: 'ci',
        severity: 'warning',
        title: expect.stringMatching(/^No egress by IPv6: /),
        message: `${bridge}: packets to other hosts by IPv6 are rejected at the forward hook`,
        expected: 'a new connection from fd00:20::2 leaves by eth0, and its answer comes back',
        evidence: [expect.stringContaining('ip6tables-nft table filter, chain FORWARD'), expect.anything()],
        advice: expect.stringContaining(
          `“ip6tables-nft -t filter -I FORWARD -i ${bridge} -o eth0 -j ACCEPT”`,
        ),
      },
    ])
  })

  test('what stops both families is told once', () => {
    const change = allOf(six(), onLink(bridge, { up: false }))
    expect(runnerFaultsOf(check, change)).toMatchObject([
      { severity: 'error', message: `${bridge}: ${bridge} is down` },
    ])
  })

  test('an error where the network has nothing else', () => {
    expect(runnerFaultsOf(check, allOf(six(only), reject))).toMatchObject([
      { subject: 'ci', severity: 'error', message: expect.stringContaining('by IPv6') },
    ])
  })

  test.each<[sentence: string, change: RunnerChange, message: string]>([
    ['forwarding that is off', six({}, '0'), 'net.ipv6.conf.all.forwarding is 0'],
    [
      'a bridge without its address',
      allOf(six(), onLink(bridge, { addresses: ['172.20.0.1/16', 'fe80::1/64'] })),
      `${bridge} does not have its address fd00:20::1/64`,
    ],
    [
      'no rule that masquerades',
      allOf(six(), (runner) => {
        for (const { family, chains } of areaIn(runner, 'rules').tables)
          for (const chain of chains)
            if (family === 'ip6') chain.rules = chain.rules.filter((rule) => !rule.includes('MASQUERADE'))
      }),
      'packets leave by eth0 with an address of the network: no rule masquerades them',
    ],
    [
      'a route of a VPN',
      allOf(six(), withLink(linkOf('wg0', 70, { kind: 'wireguard' })), (runner) => {
        const { rules = [], routes = [] } = areaIn(runner, 'routes').routing ?? {}
        rules.push(ruleOf(5270, '52', { family: 'ip6' }))
        routes.push(routeOf('fd00::/8', 'wg0', { family: 'ip6', table: '52' }))
      }),
      `answers from other hosts by IPv6 leave by wg0 instead of ${bridge}`,
    ],
  ])('%s', (_sentence, change, message) => {
    expect(runnerFaultsOf(check, change)).toMatchObject([
      { subject: 'ci', severity: 'warning', message: expect.stringContaining(message) },
    ])
  })

  test('forwarding that is off is enabled without the loss of the default route', () => {
    expect(runnerFaultsOf(check, six({}, '0'))[0]?.advice).toMatch(
      /^If “ip -6 route show default” says “proto ra”, first keep that route: “sysctl -w net\.ipv6\.conf\.eth0\.accept_ra=2”\. Then enable it: “sysctl -w net\.ipv6\.conf\.all\.forwarding=1”/,
    )
  })

  test('questions to a resolver of IPv6 are a warning, where those by IPv4 get an answer', () => {
    const dropped = first('filter', 'FORWARD', '-p udp -m udp --dport 53 -j DROP', 'ip6')
    const both: RunnerChange = (runner) => {
      areaIn(runner, 'routes').resolvers = ['192.0.2.53', '2001:db8::53']
      runner.daemons = [{ command: 'dockerd', snap: false, writesRules: true, resolvers: [] }]
    }
    const severities = (change: RunnerChange) =>
      runnerFaultsOf(check, allOf(six(), both, change))
        .filter(({ subject }) => subject === 'ci')
        .map(({ severity }) => severity)
    expect(severities(dropped)).toEqual(['warning'])
    expect(
      severities(allOf(dropped, first('filter', 'FORWARD', '-p udp -m udp --dport 53 -j DROP'))),
    ).toEqual(['error', 'error'])
  })

  test.each<QuietRunner>([
    ['a healthy network', six()],
    [
      'a chain that an operator made for a Docker without ip6tables',
      allOf(six(), (runner) => {
        const rules = areaIn(runner, 'rules')
        for (const table of rules.tables)
          if (table.family === 'ip6') table.chains = [{ name: 'DOCKER-USER', rules: ['-j RETURN'] }]
      }),
    ],
    ['a healthy network without IPv4', six(only)],
    [
      'a network in the gateway mode `routed`',
      allOf(six({ routed6: true }), (runner) => {
        for (const { family, chains } of areaIn(runner, 'rules').tables)
          for (const chain of chains)
            if (family === 'ip6') chain.rules = chain.rules.filter((rule) => !rule.includes('MASQUERADE'))
      }),
    ],
    [
      'Docker without ip6tables',
      allOf(six(), (runner) => {
        const rules = areaIn(runner, 'rules')
        rules.tables = rules.tables.filter(({ family }) => family === 'ip')
      }),
    ],
    [
      'a subnet of IPv6 that no container has an address of',
      allOf(six({ addresses: ['172.20.0.2'] }), reject),
    ],
    [
      'a host without a way out by IPv6',
      allOf(six({}, '0'), (runner) => {
        const { routing } = areaIn(runner, 'routes')
        if (routing)
          routing.routes = routing.routes.filter(
            ({ family, destination }) => family === 'ip' || destination !== 'default',
          )
      }),
    ],
    [
      'forwarding that is on for the bridge alone',
      allOf(six({}, '0'), (runner) => {
        const { sysctls = {} } = areaIn(runner, 'routes').routing ?? {}
        for (const name of [bridge, 'eth0']) sysctls[`net.ipv6.conf.${name}.force_forwarding`] = '1'
      }),
    ],
  ])('%s: no finding', (_sentence, change) => {
    expect(runnerFaultsOf(check, change)).toEqual([])
  })
})

describe('questions to resolvers', () => {
  const networks = withNetworks(networkOf('ci', 20))
  const resolvers =
    (...addresses: string[]): RunnerChange =>
    (runner) => {
      areaIn(runner, 'routes').resolvers = addresses
    }
  const configured =
    (...own: string[]): RunnerChange =>
    (runner) => {
      runner.daemons = [{ command: 'dockerd', snap: false, writesRules: true, resolvers: own }]
    }
  const drop = first('filter', 'FORWARD', '-p udp -m udp --dport 53 -j DROP')
  const subjects = (change: RunnerChange) => runnerFaultsOf(check, change).map(({ subject }) => subject)

  test('that a rule drops', () => {
    const faults = runnerFaultsOf(check, allOf(networks, configured(), drop))
    expect(faults.map(({ subject }) => subject)).toEqual(['bridge', 'ci'])
    expect(faults[1]).toMatchObject({
      severity: 'error',
      title: expect.stringMatching(/^DNS of containers lost: /),
      message: `${bridge}: questions to the resolver 192.0.2.53 are dropped at the forward hook`,
      expected:
        'a question from 172.20.0.2 to 192.0.2.53, UDP port 53, gets there, and its answer comes back',
      evidence: [expect.anything(), '-A FORWARD -p udp -m udp --dport 53 -j DROP'],
      advice: expect.stringContaining(
        `“iptables-nft -t filter -I FORWARD -i ${bridge} -o eth0 -p udp -m udp --dport 53 -j ACCEPT”`,
      ),
    })
  })

  test('whose answers a rule drops', () => {
    const back = first('filter', 'FORWARD', '-p udp -m udp --sport 53 -j DROP')
    expect(runnerFaultsOf(check, allOf(networks, configured(), back))[1]?.message).toBe(
      `${bridge}: answers from the resolver 192.0.2.53 are dropped at the forward hook`,
    )
  })

  test('of this host, which its firewall drops', () => {
    const change = allOf(
      networks,
      configured(),
      resolvers('192.0.2.20'),
      first('filter', 'INPUT', `-i ${bridge} -j DROP`),
    )
    expect(runnerFaultsOf(check, change)).toMatchObject([
      {
        message: `${bridge}: questions to the resolver 192.0.2.20 are dropped at the input hook`,
        advice: expect.stringContaining(`-I INPUT -i ${bridge} -p udp -m udp --dport 53 -j ACCEPT`),
      },
    ])
  })

  test('a warning where another one answers, or where the engine may give containers others', () => {
    const one = first('filter', 'FORWARD', '-d 192.0.2.53/32 -p udp -m udp --dport 53 -j DROP')
    for (const change of [allOf(configured(), resolvers('192.0.2.53', '192.0.2.54'), one), drop])
      expect(runnerFaultsOf(check, allOf(networks, change))[1]?.severity).toBe('warning')
  })

  test('of Docker’s configuration', () => {
    const one = first('filter', 'FORWARD', '-d 198.51.100.53/32 -p udp -m udp --dport 53 -j DROP')
    expect(runnerFaultsOf(check, allOf(networks, configured('198.51.100.53'), one))[1]?.message).toContain(
      '198.51.100.53',
    )
  })

  test.each([
    ['24.0.9', true],
    ['27.5.1', true],
    ['28.0.0', false],
    ['29.0.1', false],
  ])('of a user’s network, which Docker %s asks out of the container: %s', (version, isAsked) => {
    const change = allOf(networks, drop, flavour({ version }))
    expect(subjects(allOf(change, configured()))).toEqual(isAsked ? ['bridge', 'ci'] : ['bridge'])
    // Those of its configuration are always asked out of the container.
    expect(subjects(allOf(change, configured('198.51.100.53')))).toEqual(['bridge', 'ci'])
  })

  test('of the engine’s host, not of this process', () => {
    const ofHost: RunnerChange = (runner) => {
      Object.assign(areaIn(runner, 'routes'), {
        resolvers: ['198.51.100.53', '192.0.2.53'],
        engineResolvers: ['192.0.2.53'],
      })
    }
    const one = first('filter', 'FORWARD', '-d 198.51.100.53/32 -p udp -m udp --dport 53 -j DROP')
    expect(subjects(allOf(networks, ofHost, one))).toEqual([])
    expect(subjects(allOf(networks, ofHost, drop))).toEqual(['bridge', 'ci'])
  })

  test('that Docker gives its default network where the host has none of other hosts', () => {
    const local: RunnerChange = (runner) => {
      Object.assign(areaIn(runner, 'routes'), { resolvers: ['127.0.0.1'], engineResolvers: ['127.0.0.1'] })
    }
    const faults = runnerFaultsOf(check, allOf(networks, local, drop))
    expect(faults.map(({ subject }) => subject)).toEqual(['bridge'])
    expect(faults[0]?.message).toContain('the resolver 8.8.8.8')
  })

  test('to a container next to those that ask: only other networks do not reach it', () => {
    expect(subjects(allOf(networks, configured('172.20.0.5')))).toEqual(['bridge'])
  })

  test.each<QuietRunner>([
    ['a resolver of the loopback network', allOf(resolvers('127.0.0.53'), drop)],
    ['no known resolver', allOf(resolvers(), drop)],
    ['a rule for another port', first('filter', 'FORWARD', '-p udp -m udp --dport 123 -j DROP')],
    [
      'a rule for other resolvers',
      first('filter', 'FORWARD', '! -d 192.0.2.53/32 -p udp -m udp --dport 53 -j DROP'),
    ],
    [
      'other resolvers of Docker’s configuration',
      allOf(
        configured('198.51.100.53'),
        first('filter', 'FORWARD', '-d 192.0.2.53/32 -p udp -m udp --dport 53 -j DROP'),
      ),
    ],
    [
      'questions that NAT leads to a resolver of this host',
      first('nat', 'PREROUTING', '-p udp -m udp --dport 53 -j REDIRECT --to-ports 5353'),
    ],
  ])('%s: no finding', (_sentence, change) => {
    expect(runnerFaultsOf(check, allOf(networks, change))).toEqual([])
  })
})

describe('masquerading', () => {
  const unmasked: RunnerChange = (runner) => {
    for (const { chains } of areaIn(runner, 'rules').tables)
      for (const chain of chains) chain.rules = chain.rules.filter((rule) => !rule.includes('MASQUERADE'))
  }
  const podman = allOf(withNetworks(networkOf('ci', 20)), flavour({ flavour: 'podman', version: '4.3.1' }))

  test('of a network of Podman that is lost', () => {
    const faults = runnerFaultsOf(check, allOf(podman, unmasked))
    expect(faults[1]).toMatchObject({
      subject: 'ci',
      severity: 'error',
      message: `${bridge}: packets leave by eth0 with an address of the network: no rule masquerades them`,
      advice: expect.stringContaining('“podman network reload --all”'),
    })
  })

  const guests = (name: string, uplink: string, address = '10.0.3.1/24'): RunnerChange =>
    allOf(
      onLink('eth0', { addresses: [uplink] }),
      withLink(linkOf(name, 80, { kind: 'bridge', addresses: [address] })),
      withLink(linkOf('vethguest', 81, { kind: 'veth', master: name })),
      withRules('filter', 'FORWARD', `-i ${name} -j ACCEPT`, `-o ${name} -j ACCEPT`),
    )
  const [outside, inside] = ['192.0.2.20/24', '192.168.1.20/24']

  test.each<[sentence: string, change: RunnerChange]>([
    ['of guests behind a public address', guests('br7', outside)],
    ['of a bridge that its program masquerades, behind a private one', guests('lxcbr0', inside)],
  ])('%s, which is missing, is a warning', (_sentence, change) => {
    expect(runnerFaultsOf(check, change)).toMatchObject([
      {
        severity: 'warning',
        title: expect.stringMatching(/^Egress not masqueraded: /),
        advice: expect.stringContaining('“iptables -t nat -A POSTROUTING -s 10.0.3.0/24 ! -o '),
      },
    ])
  })

  test.each<QuietRunner>([
    ['a routed bridge behind a private address', guests('br7', inside)],
    ['guests with public addresses', guests('br7', outside, '198.51.100.1/24')],
    [
      'guests whose program masquerades',
      allOf(guests('lxcbr0', outside), (runner) => {
        chainIn(runner, 'nat', 'POSTROUTING').rules.push('-s 10.0.3.0/24 ! -d 10.0.3.0/24 -j MASQUERADE')
      }),
    ],
    [
      'an idle network of Podman',
      allOf(podman, unmasked, (runner) => {
        for (const network of areaIn(runner, 'networks')) network.endpoints = 0
      }),
    ],
    [
      'a network that Podman does not manage',
      allOf(podman, unmasked, (runner) => {
        for (const network of areaIn(runner, 'networks')) network.masquerade = false
      }),
    ],
  ])('%s: no finding', (_sentence, change) => {
    expect(runnerFaultsOf(check, change)).toEqual([])
  })
})

describe('the link of one container', () => {
  const two = withNetworks(networkOf('ci', 20, { endpoints: 2 }))
  const portOf = (runner: Parameters<RunnerChange>[0]) =>
    areaIn(runner, 'links').findLast(({ master }) => master === bridge)
  const onPort =
    (change: (port: { name: string; master?: string }) => object): RunnerChange =>
    (runner) => {
      const port = portOf(runner)
      if (port) Object.assign(port, change(port))
    }

  test.each<[sentence: string, change: RunnerChange, message: RegExp]>([
    ['is down', onPort(() => ({ up: false })), /: veth\w+ is down$/],
    [
      'is at a port that is disabled',
      onPort(() => ({ portState: 'disabled' })),
      /forwards nothing at that port$/,
    ],
    [
      'left the bridge',
      onPort((port) => {
        delete port.master
        return {}
      }),
      /is not attached to its bridge$/,
    ],
  ])('%s', (_sentence, change, message) => {
    expect(runnerFaultsOf(check, allOf(two, change))).toMatchObject([
      { subject: 'ci', severity: 'error', message: expect.stringMatching(message) },
    ])
  })

  test.each<QuietRunner>([
    ['ports that forward', onPort(() => ({ portState: 'forwarding' }))],
    [
      'a container that is gone meanwhile',
      (runner) => {
        const gone = portOf(runner)?.name
        const links = areaIn(runner, 'links')
        links.splice(
          links.findIndex(({ name }) => name === gone),
          1,
        )
      },
    ],
    ['the link of another program', withLink(linkOf('veth1a2b3c4d', 90, { kind: 'veth' }))],
  ])('%s: no finding', (_sentence, change) => {
    expect(runnerFaultsOf(check, allOf(two, change))).toEqual([])
  })
})

test('what depends on a set of addresses that is not read cannot be told', () => {
  for (const [rule, before] of [
    ['-m set --match-set allowed dst -j ACCEPT', '-j REJECT'],
    ['-m set ! --match-set allowed dst -j DROP', '-m comment --comment none'],
  ] as const) {
    const change = allOf(
      withNetworks(networkOf('ci', 20)),
      first('filter', 'FORWARD', before),
      first('filter', 'FORWARD', rule),
    )
    expect(runnerFaultsOf(check, change)[1]).toMatchObject({
      severity: 'note',
      evidence: [expect.anything(), `-A FORWARD ${rule}`, 'set allowed: not read'],
    })
  }
})

test.each([
  ['destinations', (at: number) => `-d 11.${at >> 8}.${at & 255}.9/32 -p tcp -m mark --mark 0x1 -j ACCEPT`],
  ['sources', (at: number) => `-s 11.${at >> 8}.${at & 255}.9/32 -j DROP`],
  ['ports', (at: number) => `-p tcp -m tcp --dport ${1 + at} -m mark --mark 0x1 -j ACCEPT`],
])('30,000 rules with as many %s, which stop 20 networks, are followed in less than 2 s', (_what, ruleOf) => {
  const named = Array.from(
    { length: 300 },
    (_, at) => `-d 140.82.112.${at % 250}/32 -m mark --mark 0x1 -j ACCEPT`,
  )
  const rules = Array.from({ length: 30_000 }, (_, at) => ruleOf(at))
  const change = allOf(
    withNetworks(...Array.from({ length: 20 }, (_, at) => networkOf(`ci${at}`, 20 + at))),
    (runner) => chainIn(runner, 'filter', 'FORWARD').rules.unshift(...rules, ...named, '-j REJECT'),
  )
  // Processor time, as other tests run beside this one.
  const started = process.cpuUsage()
  expect(runnerFaultsOf(check, change)).toHaveLength(21)
  const { user, system } = process.cpuUsage(started)
  expect((user + system) / 1000).toBeLessThan(2000)
})
