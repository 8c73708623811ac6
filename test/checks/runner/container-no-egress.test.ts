import { describe, expect, test } from 'vitest'
import check from '../../../src/checks/runner/container-no-egress.ts'
import { seemsCutOff } from '../../../src/facts/queries/packet/egress.ts'
import type { NetworkFact, TableFact } from '../../../src/facts/runner.ts'
import { tablesIn } from '../../support/packet-host.ts'
import { recorded } from '../../support/recorded-rules.ts'
import { routeOf, routingFor, ruleOf } from '../../support/routing.ts'
import {
  allOf,
  areaIn,
  bridgeOf,
  chainIn,
  composeNetwork,
  healthyRunner,
  linkOf,
  networkOf,
  type QuietRunner,
  type RunnerChange,
  rulesOf,
  runnerFaultsOf,
  seenArea,
  withLink,
  withNetworks,
  without,
  withRules,
  withTables,
  woodpeckerNetwork,
} from '../../support/runner-facts.ts'

const bridge = bridgeOf(woodpeckerNetwork)

/** A rule before all others. */
const first =
  (table: string, chain: string, rule: string): RunnerChange =>
  (runner) => {
    chainIn(runner, table, chain).rules.unshift(rule)
  }

const withRouting =
  (change: (routing: ReturnType<typeof routingFor>) => void): RunnerChange =>
  (runner) => {
    const routing = routingFor(areaIn(runner, 'links'))
    change(routing)
    areaIn(runner, 'routes').routing = routing
  }

const onLink =
  (name: string, change: object): RunnerChange =>
  (runner) => {
    const link = areaIn(runner, 'links').find((one) => one.name === name)
    Object.assign(link ?? {}, change)
  }

const guests = (name: string, address: string): RunnerChange =>
  allOf(
    withLink(linkOf(name, 80, { kind: 'bridge', addresses: [address] })),
    withLink(linkOf('vethguest', 81, { kind: 'veth', master: name })),
  )

const withPodman: RunnerChange = (runner) => {
  Object.assign(areaIn(runner, 'engine'), { flavour: 'podman' })
}

/** As libvirt writes for a network without `forward`. */
const libvirtRejects: RunnerChange = (runner) => {
  const table = areaIn(runner, 'rules').tables.find(
    ({ name, family }) => name === 'filter' && family === 'ip',
  )
  table?.chains.push({
    name: 'LIBVIRT_FWO',
    rules: ['-i virbr1 -j REJECT --reject-with icmp-port-unreachable'],
  })
  chainIn(runner, 'filter', 'FORWARD').rules.unshift('-j LIBVIRT_FWO')
}

const tables = (...found: TableFact[]): RunnerChange => withTables(...found)

describe('a rule of the host', () => {
  test('that rejects what Docker accepts is named with hook, table and chain', () => {
    const rule = '-j REJECT --reject-with icmp-host-prohibited'
    const faults = runnerFaultsOf(check, first('filter', 'FORWARD', rule))
    expect(faults.map(({ subject }) => subject)).toEqual(['bridge', woodpeckerNetwork, composeNetwork])
    expect(faults[1]).toMatchObject({
      severity: 'error',
      message: `${bridge}: packets to other hosts are rejected at the forward hook`,
      expected: 'a new connection from 172.18.0.2 leaves by eth0, and its answer comes back',
      evidence: ['hook forward, priority 0: iptables-nft table filter, chain FORWARD', `-A FORWARD ${rule}`],
    })
    expect(faults[1]?.advice).toContain(`iptables-nft -t filter -I FORWARD -i ${bridge} -o eth0 -j ACCEPT`)
    expect(faults[1]?.advice).toContain(`Do the same for docker0, ${bridgeOf(composeNetwork)}.`)
    expect(new Set(faults.map(({ cause }) => cause)).size).toBe(1)
  })

  test('of firewalld, for a bridge outside its zones', () => {
    const firewalld = tablesIn(
      'table inet firewalld {\n\tchain filter_FORWARD {\n\t\ttype filter hook forward priority filter + 10; policy accept;\n\t\tct state { established, related } accept\n\t\tct status dnat accept\n\t\tiifname "docker0" accept\n\t\treject with icmpx admin-prohibited\n\t}\n}\n',
    )
    const faults = runnerFaultsOf(check, tables(...firewalld))
    expect(faults.map(({ subject }) => subject)).toEqual([woodpeckerNetwork, composeNetwork])
    expect(faults[0]).toMatchObject({
      evidence: [
        'hook forward, priority 10: nft table inet firewalld, chain filter_FORWARD',
        'reject with icmpx admin-prohibited',
      ],
      advice: expect.stringContaining(`firewall-cmd --permanent --zone=docker --change-interface=${bridge}`),
    })
  })

  test.each<[bridge: string, change: RunnerChange, command: string, not: string]>([
    [
      'lxcbr0',
      guests('lxcbr0', '10.0.3.1/24'),
      'firewall-cmd --permanent --zone=trusted --change-interface=lxcbr0',
      'zone=docker',
    ],
    [
      'virbr7',
      guests('virbr7', '10.0.3.1/24'),
      'firewall-cmd --permanent --zone=libvirt --change-interface=virbr7',
      'zone=docker',
    ],
    [bridge, withPodman, 'podman network reload --all', 'firewall-cmd'],
  ])('of firewalld, for the bridge %s of another program than Docker', (name, change, command, not) => {
    const firewalld = tablesIn(
      'table inet firewalld {\n\tchain filter_FORWARD {\n\t\ttype filter hook forward priority filter + 10; policy accept;\n\t\tct state { established, related } accept\n\t\treject with icmpx admin-prohibited\n\t}\n}\n',
    )
    const accepted = first('filter', 'FORWARD', `-i ${name} -j ACCEPT`)
    const faults = runnerFaultsOf(check, allOf(change, accepted, tables(...firewalld)))
    const advice = faults.find(({ message }) => message?.startsWith(`${name}:`))?.advice
    expect(advice).toContain(command)
    expect(advice).not.toContain(not)
  })

  test('of firewalld, in the chain of a zone', () => {
    const firewalld = tablesIn(
      'table inet firewalld {\n\tchain filter_FORWARD {\n\t\ttype filter hook forward priority filter + 10; policy accept;\n\t\tct state { established, related } accept\n\t\tgoto filter_FWD_public\n\t}\n\n\tchain filter_FWD_public {\n\t\treject with icmpx admin-prohibited\n\t}\n}\n',
    )
    expect(runnerFaultsOf(check, tables(...firewalld))[0]?.evidence).toEqual([
      'hook forward, priority 10: nft table inet firewalld, chain filter_FWD_public',
      'reject with icmpx admin-prohibited',
      'zone public of firewalld',
    ])
  })

  test('that drops the answer', () => {
    const change = first('filter', 'FORWARD', `-i eth0 -o ${bridge} -j DROP`)
    expect(runnerFaultsOf(check, change)).toMatchObject([
      { message: `${bridge}: answers from other hosts are dropped at the forward hook` },
    ])
  })

  test('in another table or another backend', () => {
    const mangle = first('mangle', 'POSTROUTING', `-s 172.18.0.0/16 -o eth0 -j DROP`)
    const withMangle = allOf((runner) => {
      areaIn(runner, 'rules').tables.push({
        backend: 'legacy',
        family: 'ip',
        name: 'mangle',
        chains: [{ name: 'POSTROUTING', hook: 'POSTROUTING', policy: 'ACCEPT', rules: [] }],
      })
    }, mangle)
    expect(runnerFaultsOf(check, withMangle)).toMatchObject([
      {
        message: `${bridge}: packets to other hosts are dropped at the postrouting hook`,
        evidence: [
          'hook postrouting, priority -150: iptables-legacy table mangle, chain POSTROUTING',
          '-A POSTROUTING -s 172.18.0.0/16 -o eth0 -j DROP',
        ],
      },
    ])
  })

  test('that cannot be judged is told, and is not an error', () => {
    const rule = '-m set --match-set blocked src -j DROP'
    expect(runnerFaultsOf(check, first('filter', 'FORWARD', rule))[0]).toMatchObject({
      severity: 'note',
      message: 'docker0: whether packets to other hosts get through cannot be told',
      evidence: [expect.anything(), `-A FORWARD ${rule}`, 'set blocked: not read'],
    })
  })

  test.each(['lxcbr0', 'cni-podman0', 'virbr7', 'br0'])('Docker’s policy for the guests of %s', (name) => {
    expect(runnerFaultsOf(check, guests(name, '10.0.3.1/24'))).toMatchObject([
      {
        subject: name,
        severity: 'error',
        evidence: [
          'hook forward, priority 0: iptables-nft table filter, chain FORWARD',
          'policy drop of chain FORWARD',
        ],
      },
    ])
  })
})

describe('what is not a rule', () => {
  test('forwarding that is off', () => {
    const change = withRouting(({ sysctls }) => {
      sysctls['net.ipv4.ip_forward'] = '0'
    })
    expect(runnerFaultsOf(check, change)[0]).toMatchObject({
      message: 'docker0: packets to other hosts are not forwarded: net.ipv4.ip_forward is 0',
      advice: expect.stringContaining('sysctl -w net.ipv4.ip_forward=1'),
    })
  })

  test('forwarding that is off for an interface with a dot in its name', () => {
    const off = withRouting(({ sysctls }) => {
      sysctls['net.ipv4.conf.br.7.forwarding'] = '0'
    })
    expect(runnerFaultsOf(check, allOf(guests('br.7', '10.0.5.1/24'), off))[0]?.advice).toContain(
      '“sysctl -w net.ipv4.conf.br/7.forwarding=1”',
    )
  })

  test('a rule of a VPN that refuses what does not go through it', () => {
    const change = withRouting(({ rules }) => {
      const { table: _, ...refusing } = ruleOf(100, 'main', { from: '172.17.0.0/16' })
      rules.push({ ...refusing, action: 'unreachable' })
    })
    expect(runnerFaultsOf(check, change)[0]?.advice).toMatch(
      /^The rule with priority 100 refuses these packets.* If that is not meant for containers, exclude them: “ip rule add from 172\.17\.0\.0\/16 lookup main priority 99”/,
    )
  })

  test('a bridge that is down', () => {
    expect(runnerFaultsOf(check, onLink(bridge, { up: false }))).toMatchObject([
      { message: `${bridge}: ${bridge} is down`, advice: `Bring it up: “ip link set ${bridge} up”.` },
    ])
  })

  test('a bridge without its address', () => {
    expect(runnerFaultsOf(check, onLink(bridge, { addresses: ['fe80::1/64'] }))).toMatchObject([
      {
        message: `${bridge}: ${bridge} does not have its address 172.18.0.1/16`,
        advice: expect.stringContaining(`ip address add 172.18.0.1/16 dev ${bridge}`),
      },
    ])
  })

  test('the route of a VPN in a policy table that takes the answer', () => {
    const change = withRouting(({ rules, routes }) => {
      rules.push(ruleOf(5270, '52'))
      routes.push(routeOf('172.18.0.0/16', 'wg0', { table: '52' }))
    })
    const vpn = withLink(linkOf('wg0', 70, { kind: 'wireguard' }))
    expect(runnerFaultsOf(check, allOf(change, vpn))).toMatchObject([
      {
        message: `${bridge}: answers from other hosts leave by wg0 instead of ${bridge}`,
        evidence: ['ip rule: rule 5270: from all lookup 52', 'ip route: 172.18.0.0/16 dev wg0 table 52'],
        advice: expect.stringContaining('ip rule add to 172.18.0.0/16 lookup main priority 5269'),
      },
    ])
  })

  test('the same route with rp_filter drops the packet itself', () => {
    const change = withRouting(({ rules, routes, sysctls }) => {
      rules.push(ruleOf(5270, '52'))
      routes.push(routeOf('172.18.0.0/16', 'wg0', { table: '52' }))
      sysctls['net.ipv4.conf.all.rp_filter'] = '1'
    })
    expect(runnerFaultsOf(check, change)[0]?.message).toBe(
      `${bridge}: packets to other hosts are dropped by rp_filter: the route back to 172.18.0.2 leads elsewhere`,
    )
  })

  test('a network whose packets nothing masquerades, although Docker writes rules', () => {
    const change: RunnerChange = (runner) => {
      const chain = chainIn(runner, 'nat', 'POSTROUTING')
      chain.rules = chain.rules.filter((rule) => !rule.includes(bridge))
    }
    expect(runnerFaultsOf(check, change)).toMatchObject([
      {
        message: `${bridge}: packets leave by eth0 with an address of the network: no rule masquerades them`,
        advice: expect.stringContaining('systemctl restart docker'),
      },
    ])
  })

  test.each([
    [
      'nat',
      'POSTROUTING',
      '-s 172.18.0.0/16 -j ACCEPT',
      'a rule ends the chains of NAT before they are masqueraded',
      `iptables-nft -t nat -I POSTROUTING -s 172.18.0.0/16 ! -o ${bridge} -j MASQUERADE`,
    ],
    [
      'raw',
      'PREROUTING',
      `-i ${bridge} -j NOTRACK`,
      'a rule exempts them from connection tracking, and so from masquerading',
      `iptables-nft -t raw -I PREROUTING -i ${bridge} -j ACCEPT`,
    ],
  ])(
    'a rule of the table %s that keeps packets from the one that masquerades',
    (table, chain, rule, what, command) => {
      const raw: RunnerChange = (runner) => {
        areaIn(runner, 'rules').tables.push({
          ...{ backend: 'nft', family: 'ip', name: 'raw' },
          chains: [{ name: 'PREROUTING', hook: 'PREROUTING', policy: 'ACCEPT', rules: [] }],
        })
      }
      expect(runnerFaultsOf(check, allOf(raw, first(table, chain, rule)))).toMatchObject([
        {
          message: `${bridge}: packets leave by eth0 with an address of the network: ${what}`,
          evidence: [expect.stringContaining(`table ${table}, chain ${chain}`), `-A ${chain} ${rule}`],
          advice: expect.stringContaining(command),
        },
      ])
    },
  )

  test.each<[string, Parameters<typeof withRouting>[0], string]>([
    [
      'the route to the network is gone',
      (routing) => {
        routing.routes = routing.routes.filter(({ destination }) => destination !== '172.18.0.0/16')
      },
      `ip route add 172.18.0.0/16 dev ${bridge} src 172.18.0.1`,
    ],
    [
      'a route that discards',
      ({ routes }) => void routes.push({ ...routeOf('172.18.0.0/24', ''), type: 'blackhole' }),
      'ip route del blackhole 172.18.0.0/24 table main',
    ],
    [
      'a rule that refuses packets from the network',
      ({ rules }) =>
        void rules.push({
          family: 'ip',
          priority: 100,
          from: '172.18.0.0/16',
          negated: false,
          action: 'unreachable',
        }),
      'ip rule add from 172.18.0.0/16 lookup main priority 99',
    ],
    [
      'a table for packets of the bridge that refuses them',
      ({ rules, routes }) => {
        rules.push(ruleOf(90, '78', { iif: bridge }))
        routes.push({ ...routeOf('default', '', { table: '78' }), type: 'unreachable' })
      },
      'ip rule add from 172.18.0.0/16 lookup main priority 89',
    ],
  ])('%s: the command that heals it', (_sentence, change, command) => {
    const vpn = withLink(linkOf('wg0', 70, { kind: 'wireguard' }))
    expect(runnerFaultsOf(check, allOf(withRouting(change), vpn))[0]?.advice).toContain(command)
  })

  test('packets that a mark sends another way, whose answers rp_filter drops', () => {
    const change = withRouting(({ rules, routes, sysctls }) => {
      rules.push(ruleOf(70, '55', { mark: { value: 1, mask: 0xffff_ffff } }))
      routes.push(routeOf('default', 'eth0', { gateway: '192.0.2.1', table: '55' }))
      Object.assign(routes[0] ?? {}, { device: 'wg0' })
      sysctls['net.ipv4.conf.eth0.rp_filter'] = '1'
    })
    const marks: RunnerChange = (runner) => {
      areaIn(runner, 'rules').tables.push({
        ...{ backend: 'nft', family: 'ip', name: 'mangle' },
        chains: [
          {
            ...{ name: 'PREROUTING', hook: 'PREROUTING', policy: 'ACCEPT' },
            rules: [`-i ${bridge} -j MARK --set-xmark 0x1/0xffffffff`],
          },
        ],
      })
    }
    const vpn = withLink(linkOf('wg0', 70, { kind: 'wireguard', addresses: ['10.9.9.1/24'] }))
    expect(runnerFaultsOf(check, allOf(change, marks, vpn))).toMatchObject([
      {
        message: `${bridge}: answers from other hosts are dropped by rp_filter: the route back to 9.9.9.9 leads elsewhere`,
        advice: expect.stringContaining('sysctl -w net.ipv4.conf.eth0.rp_filter=2'),
      },
    ])
  })
})

test('with Docker’s verdict maps, a network whose element is gone is cut off by the policy', async () => {
  const text = (await recorded('docker-29-portmap.nft'))
    .replace(/,\s*"bridge1" : jump filter-forward-out__bridge1/, '')
    .replace(/(hook forward priority filter; policy) accept/, '$1 drop')
  const network: Partial<NetworkFact> = {
    bridge: 'bridge1',
    subnets: ['192.0.2.0/24'],
    gateways: ['192.0.2.1'],
  }
  const change = allOf(withNetworks(networkOf('bridge1', 20, network)), (runner) => {
    runner.rules = seenArea(rulesOf(tablesIn(text)))
    areaIn(runner, 'routes').resolvers = []
    Object.assign(areaIn(runner, 'links').find(({ name }) => name === 'eth0') ?? {}, {
      addresses: ['198.51.100.20/24'],
    })
  })
  expect(runnerFaultsOf(check, change)).toMatchObject([
    {
      subject: 'bridge1',
      evidence: [
        'hook forward, priority 0: nft table ip docker-bridges, chain filter-FORWARD',
        'policy drop of chain filter-FORWARD',
      ],
      advice: expect.stringContaining('restart Docker'),
    },
  ])
})

describe('how bad it is', () => {
  const onlyTo = (destination: string): RunnerChange =>
    first('filter', 'DOCKER-USER', `-i ${bridge} -o eth0 ! -d ${destination} -j DROP`)

  test('a warning where an operator allows some destinations', () => {
    expect(runnerFaultsOf(check, onlyTo('10.0.0.0/8'))).toMatchObject([
      {
        ...{
          subject: woodpeckerNetwork,
          severity: 'warning',
          title: expect.stringMatching(/^Egress limited: /),
        },
        advice: 'If this is not meant, change that rule in the program, or the file, that it is from.',
      },
    ])
  })

  const rejectsAll = (...before: string[]): RunnerChange =>
    allOf(...['-j REJECT', ...before.toReversed()].map((rule) => first('filter', 'FORWARD', rule)))
  const nftRejectsAll = (...before: string[]): RunnerChange =>
    tables(
      ...tablesIn(
        `table inet guard {\n\tset sites {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t\telements = { 140.82.112.0/20 }\n\t}\n\n\tchain ci {\n\t\tip daddr 10.0.0.0/8 accept\n\t}\n\n\tchain crossing {\n\t\ttype filter hook forward priority filter + 5; policy drop;\n\t\tct state established,related accept\n${before.map((rule) => `\t\t${rule}\n`).join('')}\t}\n}\n`,
      ),
    )

  test.each<[sentence: string, change: RunnerChange]>([
    ['a private network', rejectsAll('-d 10.0.0.0/8 -j ACCEPT')],
    ['a private network by the uplink', rejectsAll('-d 10.0.0.0/8 -o eth0 -j ACCEPT')],
    ['multicast', rejectsAll('-d 224.0.0.0/4 -j ACCEPT')],
    ['multicast of these guests', rejectsAll(`-i ${bridge} -d 224.0.0.0/4 -j ACCEPT`)],
    ['a network at another bridge', rejectsAll(`-i virbr0 -d 10.0.0.0/8 -j ACCEPT`)],
    ['everything but a private network', first('filter', 'FORWARD', '! -d 192.168.122.0/24 -j REJECT')],
    ['answers to a network', rejectsAll('-d 140.82.112.0/20 -m conntrack --ctstate ESTABLISHED -j ACCEPT')],
    ['the guests of another address', rejectsAll('-s 10.8.0.0/24 -d 140.82.112.0/20 -j ACCEPT')],
    ['a private network, in nft', nftRejectsAll('ip daddr 10.0.0.0/8 accept')],
    ['multicast, in nft', nftRejectsAll('ip daddr 224.0.0.251 udp dport 5353 accept')],
    ['a private network by a jump for others', nftRejectsAll('iifname "virbr0" jump ci')],
    ['an exception for all containers', rejectsAll('-i docker0 -d 10.0.0.0/8 -j ACCEPT')],
  ])('an error where what is accepted before a rule that rejects everything is %s', (_sentence, change) => {
    expect(runnerFaultsOf(check, change).find(({ subject }) => subject === woodpeckerNetwork)).toMatchObject({
      severity: 'error',
    })
  })

  test.each<[sentence: string, change: RunnerChange]>([
    ['a public network', rejectsAll('-d 140.82.112.0/20 -j ACCEPT')],
    [
      'a public address and a port',
      rejectsAll('-d 140.82.112.3/32 -o eth0 -p tcp -m tcp --dport 22 -j ACCEPT'),
    ],
    [
      'a public network, after many that they drop',
      rejectsAll(
        ...Array.from({ length: 250 }, (_, at) => `-d 198.51.100.${at}/32 -j DROP`),
        '-d 140.82.112.0/20 -j ACCEPT',
      ),
    ],
    ['a private network for these guests', rejectsAll(`-i ${bridge} -d 10.0.0.0/8 -j ACCEPT`)],
    ['a private network for their subnet', rejectsAll(`-s 172.18.0.0/16 -d 10.0.0.0/8 -j ACCEPT`)],
    [
      'a private network for containers',
      allOf(
        first('filter', 'DOCKER-USER', '-j DROP'),
        first('filter', 'DOCKER-USER', '-d 10.0.0.0/8 -j RETURN'),
      ),
    ],
    ['a set of public networks, in nft', nftRejectsAll('ip daddr @sites accept')],
    ['both in one set, in nft', nftRejectsAll(`iifname . ip daddr { "${bridge}" . 10.0.0.0/8 } accept`)],
    ['a chain for these guests, in nft', nftRejectsAll(`iifname "${bridge}" jump ci`)],
    ['a map of chains, in nft', nftRejectsAll(`iifname vmap { "${bridge}" : jump ci }`)],
  ])('a warning where rules allow %s', (_sentence, change) => {
    expect(runnerFaultsOf(check, change).find(({ subject }) => subject === woodpeckerNetwork)).toMatchObject({
      severity: 'warning',
      title: expect.stringMatching(/^Egress limited: /),
    })
  })

  test('no second reading for what is the same in every run', () => {
    for (const [change, again] of [
      [onlyTo('10.0.0.0/8'), false],
      [first('filter', 'FORWARD', '-j DROP'), true],
    ] as const) {
      const runner = healthyRunner()
      allOf(
        change,
        withRouting(() => {}),
      )(runner)
      expect(seemsCutOff(runner)).toBe(again)
    }
  })

  test('a warning where a rule of operators names the network', () => {
    expect(runnerFaultsOf(check, first('filter', 'DOCKER-USER', `-i ${bridge} -j DROP`))).toMatchObject([
      { severity: 'warning', title: expect.stringMatching(/^Egress blocked by an operator: /) },
    ])
  })

  test('an error where a rule of operators drops everything, or the answers', () => {
    for (const rule of ['-j DROP', '-i eth0 ! -s 192.0.2.1/32 -j DROP'])
      expect(runnerFaultsOf(check, first('filter', 'DOCKER-USER', rule))[0]?.severity).toBe('error')
  })

  const idle = allOf(withNetworks(networkOf('idle', 20, { endpoints: 0 })), (runner) => {
    chainIn(runner, 'filter', 'FORWARD').rules.unshift(`-i ${bridgeOf('idle')} -j DROP`)
  })

  test('a warning for a network that no container uses, while those of others get out', () => {
    expect(runnerFaultsOf(check, idle)).toMatchObject([{ subject: 'idle', severity: 'warning' }])
  })

  test('an error where no container runs, as the next one gets no answer', () => {
    const nothingRuns: RunnerChange = (runner) => {
      for (const network of areaIn(runner, 'networks')) network.endpoints = 0
    }
    expect(runnerFaultsOf(check, allOf(idle, nothingRuns))).toMatchObject([{ severity: 'error' }])
  })

  test('a note for a bridge of another program that nothing uses', () => {
    const unused = withLink(linkOf('lxcbr0', 80, { kind: 'bridge', addresses: ['10.0.3.1/24'] }))
    expect(runnerFaultsOf(check, unused)).toMatchObject([{ subject: 'lxcbr0', severity: 'note' }])
  })
})

test('without a default route, packets to the neighbours of the host are followed', () => {
  const change = withRouting((routing) => {
    routing.routes = routing.routes.filter(({ destination }) => destination !== 'default')
  })
  expect(runnerFaultsOf(check, allOf(change, first('filter', 'FORWARD', '-j DROP')))[0]).toMatchObject({
    severity: 'error',
    expected: 'a new connection from 172.17.0.2 leaves by eth0, and its answer comes back',
  })
})

test('a network is judged 10 s after its creation, or after 2 s where everything was read twice', () => {
  const young = (ageMs: number): RunnerChange =>
    allOf(first('filter', 'FORWARD', '-j DROP'), (runner) => {
      for (const network of areaIn(runner, 'networks')) network.createdAt = runner.at - ageMs
    })
  const twice: RunnerChange = (runner) => {
    const { networks, links, rules } = structuredClone(runner)
    runner.again = { networks, links, rules }
  }
  expect(runnerFaultsOf(check, young(3000))).toEqual([])
  expect(runnerFaultsOf(check, allOf(young(3000), twice)).length).toBeGreaterThan(0)
  const runner = healthyRunner()
  withRouting(() => {})(runner)
  expect(seemsCutOff(runner)).toBe(false)
  young(3000)(runner)
  expect(seemsCutOff(runner)).toBe(true)
})

test('after a second reading, only what both show counts', () => {
  const change: RunnerChange = (runner) => {
    const { networks, links, rules } = healthyRunner()
    chainIn(runner, 'filter', 'FORWARD').rules.unshift('-j DROP')
    runner.again = { networks, links, rules }
  }
  expect(runnerFaultsOf(check, change)).toEqual([])
})

test.each<QuietRunner>([
  ['a healthy runner', () => {}],
  ['a rule for other packets', first('filter', 'FORWARD', '-i eth1 -j DROP')],
  ['a rule for addresses outside', first('filter', 'FORWARD', '-d 10.0.0.0/8 -j DROP')],
  ['an internal network', withNetworks(networkOf('inner', 20, { internal: true }))],
  ...[['2001:db8::20/64'], ['fe80::1/64', '192.0.2.20/24']].map(
    (addresses): QuietRunner => [
      `a host without a default route of IPv4, with ${addresses}`,
      allOf(
        onLink('eth0', { addresses }),
        withRouting((routing) => {
          routing.routes = routing.routes.filter(({ destination }) => destination !== 'default')
        }),
      ),
    ],
  ),
  [
    'a network on a bridge that the uplink is a port of',
    allOf(
      first('filter', 'FORWARD', `-i ${bridge} -j DROP`),
      withLink(linkOf('eth1', 82, { master: bridge })),
    ),
  ],
  ...[{ up: false }, { portState: 'disabled' }].map(
    (left): QuietRunner => [
      `a link that a container left, beside that of one that runs: ${JSON.stringify(left)}`,
      allOf(
        withLink(linkOf('veth0a0a0a0', 83, { kind: 'veth', master: bridge })),
        withLink(linkOf('veth0b0b0b0', 84, { kind: 'veth', master: bridge, ...left })),
        (runner) => {
          for (const network of areaIn(runner, 'networks'))
            if (network.name === woodpeckerNetwork) network.endpoints = 1
        },
      ),
    ],
  ),
  [
    'a network whose containers were not counted',
    allOf(withNetworks(networkOf('many', 20)), (runner) => {
      chainIn(runner, 'filter', 'FORWARD').rules.unshift(`-i ${bridgeOf('many')} -j DROP`)
      delete areaIn(runner, 'networks').find(({ name }) => name === 'many')?.endpoints
    }),
  ],
  ['a network that libvirt isolates', allOf(guests('virbr1', '10.0.4.1/24'), libvirtRejects)],
  [
    'a bridge between guests and a device of the machine',
    allOf(guests('br1', '10.0.5.1/24'), withLink(linkOf('eth1', 82, { master: 'br1' }))),
  ],
  [
    'packets that NAT gives an address which no link has',
    first('nat', 'POSTROUTING', '-o eth0 -j SNAT --to-source 198.51.100.7'),
  ],
  [
    'a network that is being created',
    (runner) => {
      for (const network of areaIn(runner, 'networks')) network.createdAt = runner.at - 1000
      chainIn(runner, 'filter', 'FORWARD').rules.unshift('-j DROP')
    },
  ],
  [
    'a bridge whose rules change',
    allOf(first('filter', 'FORWARD', `-i ${bridge} -j DROP`), (runner) => {
      areaIn(runner, 'rules').passing = [bridge]
    }),
  ],
  [
    'a routed network, whose packets nothing masquerades',
    withNetworks(networkOf('routed', 20, { masquerade: false })),
  ],
  [
    'Docker with iptables: false',
    (runner) => {
      runner.rules = seenArea(rulesOf([]))
    },
  ],
  [
    'guests that an operator accepts',
    allOf(
      guests('lxcbr0', '10.0.3.1/24'),
      withRules('nat', 'POSTROUTING', '-s 10.0.3.0/24 ! -d 10.0.3.0/24 -j MASQUERADE'),
      withRules('filter', 'DOCKER-USER', '-i lxcbr0 -j ACCEPT', '-o lxcbr0 -j ACCEPT'),
      (runner) => {
        const user = chainIn(runner, 'filter', 'DOCKER-USER')
        user.rules = user.rules.filter((rule) => rule !== '-j RETURN')
      },
    ),
  ],
  [
    'a switch that has the uplink as well',
    allOf(
      guests('br0', '198.51.100.2/24'),
      withRouting(({ routes }) => {
        routes[0] = routeOf('default', 'br0', { gateway: '198.51.100.1' })
      }),
      (runner) => {
        runner.networks = seenArea([])
      },
    ),
  ],
  [
    'a switch that leads to other machines in a tunnel',
    allOf(
      guests('vmbr1', '10.0.3.1/24'),
      withLink(linkOf('vx5', 82, { kind: 'vxlan', master: 'vmbr1' })),
      first('filter', 'FORWARD', '-i vmbr1 -j DROP'),
    ),
  ],
  [
    'a host without a default route',
    withRouting((routing) => {
      routing.routes = routing.routes.filter(({ destination }) => destination !== 'default')
    }),
  ],
  [
    'a proxy on the host that takes the connections',
    (runner) => {
      chainIn(runner, 'nat', 'PREROUTING').rules.unshift('-p tcp -j REDIRECT --to-ports 3128')
    },
  ],
  [
    'truncated rules',
    allOf(first('filter', 'FORWARD', '-j DROP'), (runner) => {
      areaIn(runner, 'rules').truncated = true
    }),
  ],
  ['rules that were not observed', without('rules')],
  ['routes that were not observed', without('routes')],
  [
    'an engine in another namespace',
    allOf(first('filter', 'FORWARD', '-j DROP'), (runner) => {
      runner.vantage.hostView = 'here'
      runner.vantage.rootless = true
      runner.links = seenArea([linkOf('lo', 1), linkOf('eth0', 2, { addresses: ['192.0.2.20/24'] })])
    }),
  ],
])('%s: no finding', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
