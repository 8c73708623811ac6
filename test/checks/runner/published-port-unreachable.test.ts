import { describe, expect, test } from 'vitest'
import check from '../../../src/checks/runner/published-port-unreachable.ts'
import type { NetworkFact, PublishedFact, RunnerFact } from '../../../src/facts/runner.ts'
import { tablesIn } from '../../support/packet-host.ts'
import { routeOf, routingFor, ruleOf } from '../../support/routing.ts'
import {
  allOf,
  areaIn,
  bridgeOf,
  chainIn,
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
const web: PublishedFact = {
  ...{ container: 'web', protocol: 'tcp', address: '0.0.0.0', port: 8080, containerPort: 80 },
  addresses: ['172.18.0.2'],
}

/** A published port with its rules of Docker 20.10 and its docker-proxy. */
const published =
  (change: Partial<PublishedFact> = {}, { proxy = true } = {}): RunnerChange =>
  (runner) => {
    const port = { ...web, ...change }
    const [to = ''] = port.addresses
    runner.published = [...(runner.published ?? []), port]
    runner.daemons = [{ command: 'dockerd', snap: false, writesRules: true }]
    runner.proxies = [
      ...(runner.proxies ?? []),
      ...(proxy
        ? [{ protocol: 'tcp', address: port.address, port: port.port, container: to, containerPort: 80 }]
        : []),
    ]
    const own = port.address === '0.0.0.0' ? '' : `-d ${port.address}/32 `
    chainIn(runner, 'filter', 'DOCKER').rules.push(
      `-d ${to}/32 ! -i ${bridge} -o ${bridge} -p tcp -m tcp --dport 80 -j ACCEPT`,
    )
    chainIn(runner, 'nat', 'DOCKER').rules.push(
      `${own}${proxy ? `! -i ${bridge} ` : ''}-p tcp -m tcp --dport ${port.port} -j DNAT --to-destination ${to}:80`,
    )
    if (!proxy) {
      chainIn(runner, 'nat', 'OUTPUT').rules = ['-m addrtype --dst-type LOCAL -j DOCKER']
      chainIn(runner, 'nat', 'POSTROUTING').rules.push(
        `-o ${bridge} -m addrtype --src-type LOCAL -j MASQUERADE`,
      )
      chainIn(runner, 'nat', 'DOCKER').rules = chainIn(runner, 'nat', 'DOCKER').rules.filter(
        (rule) => !rule.endsWith('-j RETURN'),
      )
    }
  }

/** Before all other rules. */
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
const withSysctl = (name: string, value: string): RunnerChange =>
  withRouting(({ sysctls }) => {
    sysctls[name] = value
  })

const faultsOf = (...changes: RunnerChange[]) => runnerFaultsOf(check, allOf(published(), ...changes))

describe('other hosts', () => {
  test('are dropped by a rule before those of Docker', () => {
    const faults = faultsOf(first('filter', 'FORWARD', '-p tcp -m tcp --dport 80 -j DROP'))
    expect(faults).toMatchObject([
      {
        subject: '8080',
        severity: 'error',
        message: 'web: packets from other hosts are dropped at the forward hook',
        expected:
          'a new connection from other hosts to port 8080 reaches 172.18.0.2 port 80, and is answered',
        evidence: [
          'hook forward, priority 0: iptables-nft table filter, chain FORWARD',
          '-A FORWARD -p tcp -m tcp --dport 80 -j DROP',
        ],
      },
    ])
    expect(faults[0]?.advice).toContain(
      `iptables-nft -t filter -I FORWARD -o ${bridge} -m conntrack --ctstate DNAT -j ACCEPT” and “iptables-nft -t filter -I FORWARD -i ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    )
  })

  test('are dropped by the policy where the rule of the port is gone', () => {
    const change: RunnerChange = (runner) => {
      chainIn(runner, 'filter', 'DOCKER').rules = []
    }
    expect(faultsOf(change)).toMatchObject([
      {
        severity: 'error',
        evidence: [expect.anything(), 'policy DROP of chain FORWARD'.replace('DROP', 'drop')],
      },
    ])
  })

  test('lose the answers', () => {
    expect(faultsOf(first('filter', 'FORWARD', `-i ${bridge} -o eth0 -j DROP`))).toMatchObject([
      { message: 'web: answers to other hosts are dropped at the forward hook' },
    ])
  })

  test('are led to a container that is gone', () => {
    const stale = '-p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.18.0.9:80'
    expect(faultsOf(first('nat', 'DOCKER', stale))).toMatchObject([
      {
        severity: 'error',
        message: 'web: a rule of the engine leads it to 172.18.0.9, not to 172.18.0.2 port 80',
        evidence: [
          'hook prerouting, priority -100: iptables-nft table nat, chain DOCKER',
          `-A DOCKER ${stale}`,
        ],
        advice: expect.stringContaining('restart Docker'),
      },
    ])
  })

  test('are led nowhere, without a rule of NAT and docker-proxy', () => {
    const change: RunnerChange = (runner) => {
      runner.proxies = []
      chainIn(runner, 'nat', 'DOCKER').rules = []
    }
    expect(faultsOf(change)).toMatchObject([
      { message: 'web: no rule leads it to 172.18.0.2 port 80, and no docker-proxy listens' },
    ])
  })

  test('meet the firewall of the host itself where the rule of NAT is gone', () => {
    const change: RunnerChange = (runner) => {
      chainIn(runner, 'nat', 'DOCKER').rules = []
      chainIn(runner, 'filter', 'INPUT').rules.push('-i eth0 -j DROP')
    }
    expect(faultsOf(change)).toMatchObject([
      {
        severity: 'error',
        message: 'web: no rule leads it to 172.18.0.2 port 80, and what is for the host itself is dropped',
        evidence: [expect.anything(), '-A INPUT -i eth0 -j DROP'],
      },
    ])
  })

  test('are kept out by a firewall: a warning', () => {
    const faults = faultsOf(first('filter', 'FORWARD', `-i eth0 -o ${bridge} -j DROP`))
    expect(faults).toMatchObject([
      { severity: 'warning', title: expect.stringMatching(/^Published port closed/) },
    ])
    expect(faults[0]?.advice).toContain('-p 127.0.0.1:8080:80')
  })

  test.each<[rule: string, severity: string]>([
    [`! -i ${bridge} -o ${bridge} -j DROP`, 'error'],
    ['! -i br-+ -j DROP', 'error'],
    [`! -s 172.18.0.0/16 -o ${bridge} -j DROP`, 'error'],
    ['! -s 172.16.0.0/12 -d 172.16.0.0/12 -j REJECT', 'error'],
    [`! -i ${bridge} ! -s 10.0.0.0/8 -j DROP`, 'warning'],
    ['! -i wg0 -j DROP', 'warning'],
    ['-i eth0 -j DROP', 'warning'],
    [`-o ${bridge} -m iprange --src-range 1.0.0.0-223.255.255.255 -j DROP`, 'warning'],
    // An answer, which nobody drops to keep hosts out.
    [`-i ${bridge} -o eth0 -j DROP`, 'error'],
    ['-s 172.18.0.2/32 -o eth0 -j DROP', 'error'],
  ])('%s: %s', (rule, severity) => {
    expect(faultsOf(first('filter', 'FORWARD', rule))).toMatchObject([{ severity }])
  })

  test.each<[rule: string, severity: string]>([
    [`iifname != "${bridge}" oifname "${bridge}" drop`, 'error'],
    [`iifname != { "docker0", "${bridge}" } tcp dport 80 drop`, 'error'],
    [`iifname { "eth0", "eth1" } oifname "${bridge}" drop`, 'warning'],
    ['ip saddr != @trusted drop', 'note'],
    ['ip saddr != 10.0.0.0/8 tcp dport 80 drop', 'warning'],
  ])('%s of nft: %s', (rule, severity) => {
    const text = `table inet guard {\n\tchain c {\n\t\ttype filter hook forward priority -5; policy accept;\n\t\t${rule}\n\t}\n}\n`
    expect(faultsOf(withTables(...tablesIn(text)))).toMatchObject([{ severity }])
  })

  test.each<[string, RunnerChange]>([
    ['nobody has it', () => {}],
    [
      'also without docker-proxy',
      (runner) => {
        runner.proxies = []
      },
    ],
  ])('a port at an address that the host lost: %s', (_sentence, change) => {
    const at = published({ address: '10.0.0.5' })
    expect(runnerFaultsOf(check, allOf(at, change))).toMatchObject([
      {
        subject: '10.0.0.5:8080',
        severity: 'error',
        message: 'web: it is published at 10.0.0.5, which this host does not have',
        evidence: [],
        advice: expect.stringContaining('-p 8080:80'),
      },
    ])
  })

  test('a rule that cannot be judged is a note', () => {
    const rule = '-m set --match-set blocked src -j DROP'
    expect(faultsOf(first('filter', 'FORWARD', rule))).toMatchObject([
      { severity: 'note', message: 'web: whether packets from other hosts get through cannot be told' },
    ])
  })

  test('a VPN has the route to the container', () => {
    const change = allOf(
      withRouting(({ rules, routes }) => {
        rules.push(ruleOf(5270, '52'))
        routes.push(routeOf('172.18.0.0/16', 'wg0', { table: '52' }))
      }),
      withLink(linkOf('wg0', 70, { kind: 'wireguard' })),
      withRules('filter', 'FORWARD', '-o wg0 -j ACCEPT'),
    )
    expect(faultsOf(change)).toMatchObject([
      {
        message: `web: packets to 172.18.0.2 port 80 leave by wg0 instead of ${bridge}`,
        evidence: ['ip rule: rule 5270: from all lookup 52', 'ip route: 172.18.0.0/16 dev wg0 table 52'],
      },
    ])
  })
})

describe('where the program that owns the rule would undo another one, the advice has its own commands', () => {
  const guard = (table: string, chain: string, hook = 'forward') =>
    tablesIn(
      `table inet ${table} {\n\tchain base {\n\t\ttype filter hook ${hook} priority filter + 10; policy accept;\n\t\tjump ${chain}\n\t}\n\n\tchain ${chain} {\n\t\ttcp dport 80 drop\n\t}\n}\n`,
    )
  const withChain =
    (name: string, { policy, hook = 'FORWARD' }: { policy?: true; hook?: string } = {}): RunnerChange =>
    (runner) => {
      const filter = areaIn(runner, 'rules').tables.find((one) => one.name === 'filter')
      filter?.chains.push({ name, rules: ['-p tcp -m tcp --dport 80 -j DROP'] })
      if (!policy) chainIn(runner, 'filter', hook).rules.unshift(`-j ${name}`)
      // The policy is reached where the rule of the port is gone.
      else chainIn(runner, 'filter', 'DOCKER').rules = []
    }

  test.each<[string, RunnerChange, string]>([
    [
      'firewalld, forwarded',
      withTables(...guard('firewalld', 'filter_FWD_public')),
      `now: “firewall-cmd --zone=docker --change-interface=${bridge}”, and permanently: “firewall-cmd --permanent --zone=docker --change-interface=${bridge}”`,
    ],
    [
      'firewalld, sent by this host',
      withTables(...guard('firewalld', 'filter_OUT_policy_my-guard_deny', 'output')),
      "now: “firewall-cmd --policy=my-guard --add-rich-rule='rule priority=-1 family=ipv4 destination address=172.18.0.0/16 accept'”",
    ],
    [
      'firewalld, elsewhere',
      withTables(...guard('firewalld', 'filter_PRE_x', 'prerouting')),
      'Let firewalld accept',
    ],
    ['kube-proxy', withTables(...guard('kube-proxy', 'filter-forward')), 'Let kube-proxy accept'],
    ['Calico of nft', withTables(...guard('calico', 'filter-cali-FORWARD')), 'Let Calico accept'],
    ['libvirt of nft', withTables(...guard('libvirt_network', 'guest_cross')), 'Let libvirt accept'],
    ['Docker of nft', withTables(...guard('docker-bridges', 'filter-forward')), 'restart Docker'],
    ['Calico', withChain('cali-FORWARD'), 'Let Calico accept'],
    ['kube-router', withChain('KUBE-ROUTER-FORWARD'), 'Let kube-router accept'],
    ['CSF', withChain('LOCALINPUT'), 'Let CSF accept'],
    ['ufw, forwarded', withChain('ufw-user-forward'), '“ufw route allow proto tcp to 172.18.0.0/16 port 80”'],
    [
      'the policy of ufw',
      withChain('ufw-user-forward', { policy: true }),
      '“ufw route allow proto tcp to 172.18.0.0/16 port 80”',
    ],
    [
      'ufw, sent by this host',
      withChain('ufw-user-output', { hook: 'OUTPUT' }),
      '“ufw allow out proto tcp to 172.18.0.0/16 port 80”',
    ],
    ['firewalld of iptables', withChain('FWDI_public'), '--zone=docker --change-interface'],
  ])('%s', (_sentence, change, advice) => {
    const [fault] = faultsOf(change)
    expect(fault?.advice).toContain(advice)
    expect(fault?.advice).not.toMatch(/insert|-I /)
  })

  test.each<[string, RunnerChange, string]>([
    [
      'a table of nobody known',
      withTables(...guard('guard', 'mine')),
      '“nft insert rule inet guard base oifname',
    ],
    ['Tailscale', withChain('ts-forward'), '-t filter -I FORWARD -o'],
    [
      'a rule of nobody known',
      first('filter', 'FORWARD', '-p tcp -m tcp --dport 80 -j DROP'),
      '-t filter -I FORWARD -o',
    ],
  ])('%s: a rule that is inserted stays', (_sentence, change, advice) => {
    expect(faultsOf(change)[0]?.advice).toContain(advice)
  })
})

describe('this host itself', () => {
  test('is kept from a port that other hosts reach', () => {
    expect(faultsOf(first('filter', 'OUTPUT', '-p tcp -m tcp --dport 80 -j REJECT'))).toMatchObject([
      {
        severity: 'error',
        title: expect.stringContaining('programs on this host itself'),
        message: 'web: packets from this host are rejected at the output hook',
        advice: expect.stringContaining('iptables-nft -t filter -I OUTPUT -d 172.18.0.1/16 -j ACCEPT'),
      },
    ])
  })

  test('what it depends on whose program it is cannot be told', () => {
    const rule = '-p tcp -m owner --uid-owner 1000-2000 -j REJECT'
    expect(faultsOf(first('filter', 'OUTPUT', rule))).toMatchObject([
      {
        severity: 'note',
        message: 'web: whether packets from this host get through cannot be told',
        evidence: [expect.anything(), `-A OUTPUT ${rule}`],
        advice: expect.stringContaining('counters of the rule'),
      },
    ])
  })

  test('nor where a rule of routing depends on that', () => {
    const change = withRouting(({ rules, routes }) => {
      rules.push(ruleOf(100, '52', { uids: [1000, 2000] }))
      routes.push(routeOf('172.18.0.0/16', 'eth0', { table: '52' }))
    })
    const at = published({ address: '192.0.2.20' }, { proxy: false })
    expect(runnerFaultsOf(check, allOf(at, change))).toMatchObject([
      {
        severity: 'note',
        evidence: ['ip rule: rule 100: from all uidrange 1000-2000 lookup 52'],
        advice: expect.stringContaining('“ip route get 172.18.0.2 uid 1000”'),
      },
    ])
  })

  test('does not get the answers of a port at 127.0.0.1', () => {
    const change = allOf(
      published({ address: '127.0.0.1' }),
      first('filter', 'INPUT', `-i ${bridge} -j DROP`),
    )
    expect(runnerFaultsOf(check, change)).toMatchObject([
      { subject: '127.0.0.1:8080', message: 'web: answers to this host are dropped at the input hook' },
    ])
  })

  test('without docker-proxy, needs route_localnet for 127.0.0.1', () => {
    const at = published({ address: '127.0.0.1' }, { proxy: false })
    const localnet = `net.ipv4.conf.${bridge}.route_localnet`
    const off = allOf(withSysctl(localnet, '0'), (runner: RunnerFact) => {
      const { routing } = areaIn(runner, 'routes')
      if (routing) routing.sysctls['net.ipv4.conf.all.route_localnet'] = '0'
    })
    expect(runnerFaultsOf(check, allOf(at, off))).toMatchObject([
      { message: `web: packets from this host are not forwarded: ${localnet} is 0`, severity: 'error' },
    ])
    expect(runnerFaultsOf(check, allOf(at, withSysctl(localnet, '1')))).toEqual([])
  })
})

describe('containers at the same bridge', () => {
  const twoContainers = withLink(linkOf('veth2', 71, { kind: 'veth', master: bridge }))
  const off = withSysctl('net.bridge.bridge-nf-call-iptables', '0')

  test('without docker-proxy, need br_netfilter', () => {
    const change = allOf(published({}, { proxy: false }), twoContainers)
    expect(runnerFaultsOf(check, allOf(change, off))).toMatchObject([
      { severity: 'warning', evidence: ['net.bridge.bridge-nf-call-iptables is not 1'] },
    ])
    expect(runnerFaultsOf(check, change)).toEqual([])
  })

  test('reach docker-proxy', () => {
    expect(runnerFaultsOf(check, allOf(published(), twoContainers, off))).toEqual([])
  })
})

describe('a container that is also in another network', () => {
  const networks = (change: Partial<NetworkFact> = {}) =>
    withNetworks(networkOf(woodpeckerNetwork), networkOf('inner', 29, { internal: true, ...change }))
  const alsoIn = (address: string): RunnerChange =>
    allOf(published(), (runner) => {
      runner.published = [{ ...web, addresses: [address, ...web.addresses] }]
    })

  test.each<[string, RunnerChange]>([
    ['an internal one', allOf(networks(), alsoIn('172.29.0.2'))],
    ['a routed one', allOf(networks({ internal: false, masquerade: false }), alsoIn('172.29.0.2'))],
    ['one without a bridge here, as overlay and macvlan', alsoIn('10.0.5.3')],
  ])('%s: the port is followed to the others', (_sentence, change) => {
    expect(runnerFaultsOf(check, change)).toEqual([])
    const drop = first('filter', 'FORWARD', '-p tcp -m tcp --dport 80 -j DROP')
    expect(runnerFaultsOf(check, allOf(change, drop))).toMatchObject([
      {
        message: 'web: packets from other hosts are dropped at the forward hook',
        expected: expect.stringContaining('reaches 172.18.0.2 port 80,'),
      },
    ])
  })

  test('led to it there: it is the container, which is not followed', () => {
    const change = allOf(networks({ internal: false, masquerade: false }), alsoIn('172.29.0.2'))
    const led = '-p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.29.0.2:80'
    expect(runnerFaultsOf(check, allOf(change, first('nat', 'DOCKER', led)))).toEqual([])
  })

  test('without an engine, internal bridges are not known as such', () => {
    const change = allOf(networks(), alsoIn('172.29.0.2'), without('engine', 'networks'), (runner) => {
      delete runner.published
    })
    expect(runnerFaultsOf(check, change)).toEqual([])
  })
})

test('without an engine, proxies and rules show the ports', () => {
  const change = allOf(
    published(),
    published({ port: 9090 }, { proxy: false }),
    first('filter', 'FORWARD', '-p tcp -m tcp --dport 80 -j DROP'),
    without('engine', 'networks'),
    (runner) => {
      delete runner.published
    },
  )
  expect(runnerFaultsOf(check, change).map(({ subject }) => subject)).toEqual(['8080', '9090'])
})

test('rules of Docker’s nftables mode show ports, too', () => {
  const text = `table ip docker-bridges {
	chain filter-FORWARD {
		type filter hook forward priority filter; policy accept;
		oifname "${bridge}" tcp dport 80 drop
	}
	chain nat-prerouting-and-output {
		fib daddr type local tcp dport 8080 counter dnat ip to 172.18.0.2:80 comment "DNAT"
	}
	chain nat-PREROUTING {
		type nat hook prerouting priority dstnat; policy accept;
		fib daddr type local counter jump nat-prerouting-and-output
	}
}
`
  const change = allOf(without('engine', 'networks'), (runner) => {
    runner.rules = seenArea(rulesOf(tablesIn(text)))
  })
  expect(runnerFaultsOf(check, change)).toMatchObject([
    { subject: '8080', advice: expect.stringContaining('restart Docker') },
  ])
})

test('after a second reading, only what both show counts', () => {
  const change: RunnerChange = (runner) => {
    const { networks, links, rules } = healthyRunner()
    chainIn(runner, 'filter', 'FORWARD').rules.unshift('-j DROP')
    runner.again = { networks, links, rules, published: [], proxies: [] }
  }
  expect(faultsOf(change)).toEqual([])
})

test.each<QuietRunner>([
  ['a port that is reached', published()],
  ['one without docker-proxy', published({}, { proxy: false })],
  [
    'a container of two networks, of which the second has the port',
    allOf(published(), (runner) => {
      runner.published = [{ ...web, addresses: ['172.19.0.2', '172.18.0.2'] }]
    }),
  ],
  [
    'docker-proxy, which is root’s, and a firewall that lets only root connect to containers',
    allOf(
      published(),
      first('filter', 'OUTPUT', `-o ${bridge} -j REJECT`),
      first('filter', 'OUTPUT', '-m owner --uid-owner 0 -j ACCEPT'),
    ),
  ],
  ['one at 127.0.0.1', published({ address: '127.0.0.1' })],
  ['one at an address of the host', published({ address: '192.0.2.20' })],
  [
    'one at an address that moves between hosts',
    allOf(published({ address: '10.0.0.5' }), withSysctl('net.ipv4.ip_nonlocal_bind', '1')),
  ],
  [
    'one at an address that the host routes, and a rule that leads it on',
    allOf(
      published({ address: '10.0.0.5' }),
      first(
        'nat',
        'PREROUTING',
        '-d 10.0.0.5/32 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.18.0.2:80',
      ),
    ),
  ],
  [
    'one at an address in a VRF',
    allOf(
      published({ address: '10.0.0.5' }),
      withLink(linkOf('eth1', 70, { master: 'vrf1', addresses: ['10.0.0.5/24'] })),
      withLink(linkOf('vrf1', 71, { kind: 'vrf' })),
      withRouting(({ routes }) => {
        routes.splice(0, routes.length, ...routes.filter(({ device }) => device !== 'eth1'))
      }),
    ),
  ],
  ['IPv6 only', allOf(published({ address: '::' }), first('filter', 'FORWARD', '-p tcp -j DROP'))],
  ['UDP', allOf(published({ protocol: 'udp' }), first('filter', 'FORWARD', '-j DROP'))],
  [
    'a container whose networks are not at bridges of this host',
    allOf(published({ addresses: ['10.0.5.3'] }), first('filter', 'FORWARD', '-j DROP')),
  ],
  [
    'operators who keep others out in DOCKER-USER',
    allOf(published(), first('filter', 'DOCKER-USER', '-i eth0 -j DROP')),
  ],
  [
    'Docker with iptables: false, and a firewall that closes the port of docker-proxy',
    allOf(published(), (runner) => {
      runner.daemons = [{ command: 'dockerd', snap: false, writesRules: false }]
      runner.rules = seenArea(
        rulesOf(
          tablesIn(
            '*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\nCOMMIT\n',
          ),
        ),
      )
    }),
  ],
  [
    'processes that cannot be seen',
    allOf(published(), (runner) => {
      delete runner.proxies
      delete runner.daemons
      chainIn(runner, 'nat', 'DOCKER').rules = []
    }),
  ],
  [
    'an operator’s rule that leads the port elsewhere',
    allOf(
      published(),
      first('nat', 'PREROUTING', '-p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.0.2.9:80'),
    ),
  ],
  [
    'a port that only hosts of a VPN reach',
    allOf(
      published(),
      withLink(linkOf('wg0', 70, { kind: 'wireguard', addresses: ['10.8.0.1/24'] })),
      first('filter', 'FORWARD', `! -i wg0 -o ${bridge} -m conntrack --ctstate NEW -j DROP`),
    ),
  ],
  [
    'an internal network',
    allOf(withNetworks(networkOf('inner', 18, { internal: true })), (runner) => {
      runner.published = [web]
    }),
  ],
  [
    'a bridge whose rules change',
    allOf(published(), first('filter', 'FORWARD', '-j DROP'), (runner) => {
      areaIn(runner, 'rules').passing = [bridge]
    }),
  ],
  [
    'Podman’s rules',
    allOf(
      (runner) => {
        runner.published = [web]
        Object.assign(areaIn(runner, 'engine'), { flavour: 'podman' })
      },
      withTables(
        ...tablesIn(`*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:NETAVARK-DN-1D8721804F16F - [0:0]
:NETAVARK-HOSTPORT-DNAT - [0:0]
:NETAVARK-HOSTPORT-MASQ - [0:0]
:NETAVARK-HOSTPORT-SETMARK - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j NETAVARK-HOSTPORT-DNAT
-A POSTROUTING -j NETAVARK-HOSTPORT-MASQ
-A OUTPUT -m addrtype --dst-type LOCAL -j NETAVARK-HOSTPORT-DNAT
-A NETAVARK-DN-1D8721804F16F -s 172.18.0.0/16 -p tcp -m tcp --dport 8080 -j NETAVARK-HOSTPORT-SETMARK
-A NETAVARK-DN-1D8721804F16F -s 127.0.0.1/32 -p tcp -m tcp --dport 8080 -j NETAVARK-HOSTPORT-SETMARK
-A NETAVARK-DN-1D8721804F16F -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.18.0.2:80
-A NETAVARK-HOSTPORT-DNAT -p tcp -m tcp --dport 8080 -j NETAVARK-DN-1D8721804F16F
-A NETAVARK-HOSTPORT-MASQ -m mark --mark 0x2000/0x2000 -j MASQUERADE
-A NETAVARK-HOSTPORT-SETMARK -j MARK --set-xmark 0x2000/0x2000
COMMIT
`),
      ),
      first('filter', 'FORWARD', `-o ${bridge} -j ACCEPT`),
    ),
  ],
  ['rules that were not observed', allOf(published(), without('rules'))],
  ['routes that were not observed', allOf(published(), without('routes'))],
])('%s: no finding', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
