import { describe, expect, test } from 'vitest'
import type { Way } from '../../../../src/facts/queries/packet/follow.ts'
import type { Host } from '../../../../src/facts/queries/packet/host.ts'
import { followSent } from '../../../../src/facts/queries/packet/sent.ts'
import { answerWay, bridgedWay, type Opening, openingWay } from '../../../../src/facts/queries/packet/ways.ts'
import { addressOf, hostWith } from '../../../support/packet-host.ts'
import { recorded } from '../../../support/recorded-rules.ts'
import { routeOf, ruleOf } from '../../../support/routing.ts'

const out: Opening & { port: string } = {
  family: 'ip',
  device: 'docker0',
  port: 'veth02',
  saddr: addressOf('172.17.0.2'),
  daddr: addressOf('198.51.100.1'),
  sport: 40_000n,
  dport: 443n,
}

/** Both ways of a connection from a container to the Internet. */
function egress(host: Host, opening = out): { there: Way; back?: Way } {
  const there = openingWay(host, opening)
  return there.verdict === 'passes' ? { there, back: answerWay(host, there) } : { there }
}

const between = (host: Host, to: string) => openingWay(host, { ...out, daddr: addressOf(to) })

/** The verdict and what it depends on, in short. */
function short(way: Way | undefined): unknown {
  if (way?.verdict !== 'dropped' && way?.verdict !== 'unknown') return way?.verdict
  const { stop } = way
  if (stop.kind !== 'rule') return { [way.verdict]: { ...stop, towards: undefined } }
  const { base, chain, rule } = stop.at
  return { [way.verdict]: [base.hook, base.table.name, chain, rule ?? `policy ${base.policy}`] }
}

const passes = { there: 'passes', back: 'passes' }
const shortOf = ({ there, back }: ReturnType<typeof egress>) => ({
  there: short(there),
  ...(back ? { back: short(back) } : {}),
})

const filter = (...rules: string[]) =>
  `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:USER - [0:0]\n${rules.map((rule) => `-A ${rule}`).join('\n')}\nCOMMIT\n`
const dropping = (...rules: string[]) => filter(...rules).replace(':FORWARD ACCEPT', ':FORWARD DROP')
const nat = `*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE\nCOMMIT\n`

describe('rules of iptables', () => {
  test('a container gets out and back, with the address of the uplink', () => {
    const ways = egress(hostWith(nat))
    expect(shortOf(ways)).toEqual(passes)
    expect(ways.there).toMatchObject({ packet: { saddr: addressOf('192.0.2.20'), oif: 'eth0' } })
    expect(ways.back).toMatchObject({ packet: { daddr: out.saddr, oif: 'docker0' } })
  })

  test.each<[name: string, rules: string, there: unknown]>([
    [
      'a rule that rejects',
      filter('FORWARD -j REJECT --reject-with icmp-host-prohibited'),
      { dropped: ['forward', 'filter', 'FORWARD', '-j REJECT --reject-with icmp-host-prohibited'] },
    ],
    ['a policy', dropping(), { dropped: ['forward', 'filter', 'FORWARD', 'policy drop'] }],
    [
      'a rule in a chain',
      filter('FORWARD -i docker0 -j USER', 'USER -p tcp -m tcp --dport 443 -j DROP'),
      { dropped: ['forward', 'filter', 'USER', '-p tcp -m tcp --dport 443 -j DROP'] },
    ],
    ['a chain that returns', filter('FORWARD -j USER', 'USER -j RETURN', 'USER -j DROP'), 'passes'],
    [
      'a chain that ends a goto',
      dropping('FORWARD -g USER', 'FORWARD -j ACCEPT'),
      {
        dropped: ['forward', 'filter', 'FORWARD', 'policy drop'],
      },
    ],
    [
      'a match that is not known',
      filter('FORWARD -m time --timestart 08:00 -j DROP'),
      { unknown: ['forward', 'filter', 'FORWARD', '-m time --timestart 08:00 -j DROP'] },
    ],
    [
      'an unknown match that another one excludes',
      filter('FORWARD -i eth9 -m time --timestart 08:00 -j DROP'),
      'passes',
    ],
    [
      'an unknown match whose verdict comes anyway',
      filter('FORWARD -m limit --limit 5/sec -j ACCEPT'),
      'passes',
    ],
    [
      'a limit before the policy',
      dropping('FORWARD -m limit --limit 5/sec -j ACCEPT'),
      { unknown: ['forward', 'filter', 'FORWARD', '-m limit --limit 5/sec -j ACCEPT'] },
    ],
    [
      'an unknown jump to what accepts anyway',
      filter('FORWARD -m time --weekdays Mon -j USER', 'USER -j ACCEPT'),
      'passes',
    ],
    [
      'an unknown return before a rule',
      filter('FORWARD -j USER', 'USER -m time --weekdays Mon -j RETURN', 'USER -j DROP'),
      { unknown: ['forward', 'filter', 'USER', '-m time --weekdays Mon -j RETURN'] },
    ],
    [
      'a target that is not known',
      filter('FORWARD -j MADEUP'),
      { unknown: ['forward', 'filter', 'FORWARD', '-j MADEUP'] },
    ],
    [
      'an interface with a wildcard',
      filter('FORWARD -i docker+ -o eth+ -j DROP'),
      {
        dropped: ['forward', 'filter', 'FORWARD', '-i docker+ -o eth+ -j DROP'],
      },
    ],
    ['a negated interface', filter('FORWARD ! -i docker0 -j DROP'), 'passes'],
    [
      'an address',
      filter('FORWARD -s 172.18.0.0/16 -j DROP', 'FORWARD ! -d 198.51.100.0/24 -j DROP'),
      'passes',
    ],
    [
      'a list of ports',
      filter('FORWARD -p tcp -m multiport --dports 80,440:445 -j DROP'),
      {
        dropped: ['forward', 'filter', 'FORWARD', '-p tcp -m multiport --dports 80,440:445 -j DROP'],
      },
    ],
    ['another protocol', filter('FORWARD -p udp -j DROP', 'FORWARD ! -p tcp -j DROP'), 'passes'],
    [
      'a comment that looks like a rule',
      filter('FORWARD -m comment --comment "-j DROP" -j ACCEPT'),
      'passes',
    ],
    [
      'a mark that another table sets',
      `*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i docker0 -j MARK --set-xmark 0x10/0x10\nCOMMIT\n${filter('FORWARD -m mark --mark 0x10/0xf0 -j DROP')}`,
      { dropped: ['forward', 'filter', 'FORWARD', '-m mark --mark 0x10/0xf0 -j DROP'] },
    ],
    [
      'a mark that may be set',
      `*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m statistic --mode random --probability 0.5 -j MARK --set-xmark 0x1/0xffffffff\nCOMMIT\n${filter('FORWARD -m mark --mark 0x1 -j DROP')}`,
      { unknown: ['forward', 'filter', 'FORWARD', '-m mark --mark 0x1 -j DROP'] },
    ],
    [
      'a connection that is not tracked',
      `*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i docker0 -j CT --notrack\nCOMMIT\n${filter('FORWARD -m conntrack --ctstate UNTRACKED -j DROP')}`,
      { dropped: ['forward', 'filter', 'FORWARD', '-m conntrack --ctstate UNTRACKED -j DROP'] },
    ],
    ['a local address', filter('FORWARD -m addrtype --dst-type LOCAL -j DROP'), 'passes'],
    ['frames of a bridge only', filter('FORWARD -m physdev --physdev-is-bridged -j DROP'), 'passes'],
    [
      'the beginning of a connection',
      filter('FORWARD -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j DROP'),
      {
        dropped: ['forward', 'filter', 'FORWARD', '-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j DROP'],
      },
    ],
  ])('%s', (_name, rules, there) => expect(short(egress(hostWith(rules)).there)).toEqual(there))

  test('an answer needs what lets it back', () => {
    const rule = '-i eth0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'
    expect(shortOf(egress(hostWith([nat, dropping('FORWARD -i docker0 -j ACCEPT')])))).toEqual({
      there: 'passes',
      back: { dropped: ['forward', 'filter', 'FORWARD', 'policy drop'] },
    })
    expect(
      shortOf(egress(hostWith([nat, dropping('FORWARD -i docker0 -j ACCEPT', `FORWARD ${rule}`)]))),
    ).toEqual(passes)
  })

  test('an answer to a connection that is not tracked is invalid', () => {
    const raw = '*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i docker0 -j CT --notrack\nCOMMIT\n'
    const rule = '-m conntrack --ctstate INVALID -j DROP'
    expect(shortOf(egress(hostWith([raw, filter(`FORWARD ${rule}`)])))).toEqual({
      there: 'passes',
      back: { dropped: ['forward', 'filter', 'FORWARD', rule] },
    })
  })

  test('a published port leads to the container, and its answer back', () => {
    const published = nat.replace(
      '-A POSTROUTING',
      '-A PREROUTING ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80\n-A POSTROUTING',
    )
    const host = hostWith([
      published,
      dropping(
        'FORWARD -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT',
        'FORWARD -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT',
        'FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      ),
    ])
    const there = openingWay(host, {
      ...{ family: 'ip', device: 'eth0', saddr: addressOf('198.51.100.9'), daddr: addressOf('192.0.2.20') },
      ...{ sport: 40_000n, dport: 8080n },
    })
    expect(there).toMatchObject({ verdict: 'passes', packet: { daddr: addressOf('172.17.0.2'), dport: 80n } })
    const back = there.verdict === 'passes' ? answerWay(host, there, { port: 'veth02' }) : undefined
    expect(back).toMatchObject({
      verdict: 'passes',
      packet: { saddr: addressOf('192.0.2.20'), sport: 8080n, daddr: addressOf('198.51.100.9'), oif: 'eth0' },
    })
  })
})

describe('rules of nft', () => {
  const chain = (header: string, ...rules: string[]) =>
    `table inet t {\n\tset web {\n\t\ttype inet_service\n\t\telements = { 80, 443 }\n\t}\n\n\tmap ways {\n\t\ttype ifname : verdict\n\t\tflags interval\n\t\telements = { "docker*" : jump inner,\n\t\t\t     "eth0" : accept }\n\t}\n\n\tchain inner {\n\t\ttcp dport 443 drop\n\t}\n\n\tchain c {\n\t\t${header}\n${rules.map((rule) => `\t\t${rule}\n`).join('')}\t}\n}\n`
  const forward = 'type filter hook forward priority filter; policy accept;'
  const droppedBy = (rule: string, name = 'c', hook = 'forward') => ({ dropped: [hook, 't', name, rule] })

  test.each<[rule: string, there: unknown]>([
    ['iifname "docker0" drop', droppedBy('iifname "docker0" drop')],
    ['iifname "docker*" drop', droppedBy('iifname "docker*" drop')],
    ['iifname { "eth0", "docker*" } drop', droppedBy('iifname { "eth0", "docker*" } drop')],
    ['iifname != "docker0" drop', 'passes'],
    ['iifname vmap @ways', droppedBy('tcp dport 443 drop', 'inner')],
    ['oifname vmap @ways', 'passes'],
    ['oifname vmap @none', { unknown: ['forward', 't', 'c', 'oifname vmap @none'] }],
    ['tcp dport @web reject with tcp reset', droppedBy('tcp dport @web reject with tcp reset')],
    [
      'tcp dport { 80-90, 443 } counter drop comment "a } b"',
      droppedBy('tcp dport { 80-90, 443 } counter drop comment "a } b"'),
    ],
    ['udp dport 443 drop', 'passes'],
    ['tcp dport != 443 drop', 'passes'],
    ['meta l4proto { tcp, udp } th dport 443 drop', droppedBy('meta l4proto { tcp, udp } th dport 443 drop')],
    [
      'ip saddr 172.17.0.0/16 ip daddr != 10.0.0.0/8 drop',
      droppedBy('ip saddr 172.17.0.0/16 ip daddr != 10.0.0.0/8 drop'),
    ],
    ['ip saddr 172.17.0.1-172.17.0.9 drop', droppedBy('ip saddr 172.17.0.1-172.17.0.9 drop')],
    ['ip6 saddr != fd00::/8 drop', 'passes'],
    ['meta nfproto ipv6 fib saddr . mark . iif oif missing drop', 'passes'],
    ['fib saddr . mark . iif oif missing drop', 'passes'],
    ['fib saddr . iif oif exists drop', droppedBy('fib saddr . iif oif exists drop')],
    ['fib saddr . iif oif != 0 drop', droppedBy('fib saddr . iif oif != 0 drop')],
    ['fib saddr oif "lo" drop', { unknown: ['forward', 't', 'c', 'fib saddr oif "lo" drop'] }],
    ['meta skuid 0 drop', 'passes'],
    ['meta skuid != 1000 drop', 'passes'],
    ['meta cgroup 5 drop', 'passes'],
    ['meta ipsec exists drop', 'passes'],
    ['meta ipsec missing drop', droppedBy('meta ipsec missing drop')],
    ['rt ipsec exists drop', { unknown: ['forward', 't', 'c', 'rt ipsec exists drop'] }],
    [
      'tcp dport 443 synproxy mss 1460 wscale 7 timestamp sack-perm',
      { unknown: ['forward', 't', 'c', 'tcp dport 443 synproxy mss 1460 wscale 7 timestamp sack-perm'] },
    ],
    ['tcp dport 80 synproxy mss 1460 wscale 7 timestamp sack-perm', 'passes'],
    ['meta l4proto tcp flow add @f', 'passes'],
    ['fib daddr type local drop', 'passes'],
    ['ct state invalid,untracked drop', 'passes'],
    ['ct state { new, related } drop', droppedBy('ct state { new, related } drop')],
    [
      'ct state vmap { established : accept, new : drop }',
      droppedBy('ct state vmap { established : accept, new : drop }'),
    ],
    ['ct state != established,related drop', droppedBy('ct state != established,related drop')],
    ['ct status dnat drop', 'passes'],
    ['ct direction reply drop', 'passes'],
    ['ct original ip daddr 198.51.100.0/24 drop', droppedBy('ct original ip daddr 198.51.100.0/24 drop')],
    ['meta mark & 0x000000ff != 0x00000000 drop', 'passes'],
    ['tcp flags syn / fin,syn,rst,ack drop', droppedBy('tcp flags syn / fin,syn,rst,ack drop')],
    ['tcp flags & (syn | ack) == syn drop', droppedBy('tcp flags & (syn | ack) == syn drop')],
    [
      'tcp flags syn tcp option maxseg size set rt mtu drop',
      droppedBy('tcp flags syn tcp option maxseg size set rt mtu drop'),
    ],
    ['limit rate 5/second accept', 'passes'],
    ['limit rate over 5/second drop', { unknown: ['forward', 't', 'c', 'limit rate over 5/second drop'] }],
    [
      'iifname . oifname . ip saddr vmap { "docker0" . "eth0" . 172.17.0.2 : drop }',
      droppedBy('iifname . oifname . ip saddr vmap { "docker0" . "eth0" . 172.17.0.2 : drop }'),
    ],
    ['log prefix "drop it" level info accept', 'passes'],
    ['log prefix "x" flags all accept', 'passes'],
    ['log flags skuid accept', 'passes'],
    ['log flags tcp sequence,options flags ip options accept', 'passes'],
    ['goto inner', droppedBy('tcp dport 443 drop', 'inner')],
    ['meta pkttype { broadcast, multicast } drop', 'passes'],
    ['queue to 3', { unknown: ['forward', 't', 'c', 'queue to 3'] }],
  ])('%s', (rule, there) => expect(short(egress(hostWith(chain(forward, rule))).there)).toEqual(there))

  test('a mark that is set and read in the order of priorities', () => {
    const rules = (set: string, read: string) => [
      chain(
        `type filter hook forward priority ${set}; policy accept;`,
        'meta mark set meta mark | 0x00000004',
      ),
      chain(
        `type filter hook forward priority ${read}; policy accept;`,
        'meta mark & 0x0000000c == 0x00000004 drop',
      ).replaceAll('inet t', 'ip t'),
    ]
    expect(short(egress(hostWith(rules('-10', '10'))).there)).toEqual(
      droppedBy('meta mark & 0x0000000c == 0x00000004 drop'),
    )
    expect(short(egress(hostWith(rules('10', '-10'))).there)).toBe('passes')
    expect(short(egress(hostWith(rules('10', '10'))).there)).toEqual({
      unknown: ['forward', 't', 'c', 'meta mark & 0x0000000c == 0x00000004 drop'],
    })
  })

  test('accept ends only its own chain', () => {
    const rules = [
      chain('type filter hook forward priority -10; policy accept;', 'accept'),
      chain('type filter hook forward priority 10; policy drop;').replaceAll('inet t', 'ip t'),
    ]
    expect(short(egress(hostWith(rules)).there)).toEqual(droppedBy('policy drop'))
  })

  test.each([
    ['netdev', 'type filter hook ingress device "veth02" priority 0; policy drop;', 'ingress'],
    ['netdev', 'type filter hook egress device "eth0" priority 0; policy drop;', 'egress'],
    ['bridge', 'type filter hook input priority 0; policy drop;', 'input'],
  ])('a chain of the family %s', (family, header, hook) =>
    expect(short(egress(hostWith(chain(header).replace('inet t', `${family} t`))).there)).toEqual(
      droppedBy('policy drop', 'c', hook),
    ),
  )
})

describe('what depends on more than the packet', () => {
  const first = (table: string, chain: string, rule: string) =>
    `*${table}\n:${chain} ACCEPT [0:0]\n-A ${chain} ${rule}\nCOMMIT\n`
  const raw = (rule: string) => first('raw', 'PREROUTING', `${rule} -j DROP`)
  const inRaw = (rule: string) => ({ dropped: ['prerouting', 'raw', 'PREROUTING', `${rule} -j DROP`] })
  const asymmetric = ({ routing }: { routing: { rules: unknown[]; routes: unknown[] } }) => {
    routing.rules.push(ruleOf(10, '52', { to: '172.17.0.0/16' }))
    routing.routes.push(routeOf('172.17.0.0/16', 'eth0', { table: '52' }))
  }

  test.each<[rule: string, there: unknown, there2: unknown]>([
    ['-m rpfilter', inRaw('-m rpfilter'), 'passes'],
    ['-m rpfilter --invert', 'passes', inRaw('-m rpfilter --invert')],
    ['-m rpfilter --validmark --invert', 'passes', inRaw('-m rpfilter --validmark --invert')],
    ['-m rpfilter --loose --invert', 'passes', 'passes'],
    ['-i eth9 -m rpfilter', 'passes', 'passes'],
  ])('%s, with a route back and with one that leads elsewhere', (rule, there, elsewhere) => {
    const way = (host: Host) => short(openingWay(host, { ...out, daddr: addressOf('192.0.2.20') }))
    expect(way(hostWith(raw(rule)))).toEqual(there)
    expect(way(hostWith(raw(rule), asymmetric))).toEqual(elsewhere)
  })

  test.each<[rule: string, ipsec: boolean | undefined, there: unknown]>([
    ['FORWARD -m policy --dir in --pol ipsec --proto esp -j DROP', undefined, 'passes'],
    ['FORWARD -m policy --dir in --pol none -j DROP', undefined, 'dropped'],
    ['FORWARD -m policy --dir out --pol ipsec -j DROP', undefined, 'unknown'],
    ['FORWARD -m policy --dir out --pol ipsec -j DROP', true, 'unknown'],
    ['FORWARD -m policy --dir out --pol ipsec -j DROP', false, 'passes'],
    ['FORWARD -m policy --dir out --pol none -j DROP', false, 'dropped'],
    ['FORWARD -m owner --uid-owner 0 -j DROP', undefined, 'passes'],
    ['FORWARD -m owner ! --uid-owner 1000-2000 -j DROP', undefined, 'dropped'],
    ['FORWARD -m cgroup ! --cgroup 5 -j DROP', undefined, 'passes'],
  ])('%s (IPsec: %s)', (rule, ipsec, there) => {
    const host = hostWith(filter(rule), ({ routing }) => {
      if (ipsec !== undefined) routing.ipsec = ipsec
    })
    expect(egress(host).there.verdict).toBe(there)
  })

  test.each<[target: string, sport: bigint | undefined]>([
    ['SNAT --to-source 192.0.2.20:1024-65535', 40_000n],
    ['SNAT --to-source 192.0.2.20:1024-2048 --random', 1024n],
    ['MASQUERADE --to-ports 1024-65535', 40_000n],
    ['SNAT --to-source 192.0.2.20-192.0.2.29', undefined],
  ])('-j %s', (target, sport) => {
    const { there } = egress(hostWith(first('nat', 'POSTROUTING', `-p tcp -j ${target}`)))
    expect(there.verdict).toBe(sport === undefined ? 'unknown' : 'passes')
    if (sport !== undefined) expect(there.packet).toMatchObject({ saddr: addressOf('192.0.2.20'), sport })
  })

  test.each<[target: string, dport: bigint | undefined]>([
    ['DNAT --to-destination 172.18.0.2:400-500', 443n],
    ['DNAT --to-destination 172.18.0.2:8000-8010', 8000n],
    ['DNAT --to-destination 172.18.0.2:8000-8010 --random', undefined],
    ['DNAT --to-destination 172.18.0.2:8000-8010/400', undefined],
    ['REDIRECT --to-ports 8000-8010', 8000n],
    ['REDIRECT --to-ports 400-500', 443n],
  ])('-j %s', (target, dport) => {
    const { there } = egress(hostWith(first('nat', 'PREROUTING', `-p tcp -j ${target}`)))
    expect(there.verdict).toBe(dport === undefined ? 'unknown' : 'passes')
    if (dport !== undefined) expect(there.packet).toMatchObject({ dport })
  })

  test.each<[rule: string, there: unknown]>([
    ['tcp dport 443 fwd to "eth1"', 'unknown'],
    ['tcp dport 80 fwd to "eth1"', 'passes'],
    ['tcp dport 443 dup to "eth1" drop', 'dropped'],
    ['tcp dport 443 dup to "eth1"', 'passes'],
  ])('%s at a device', (rule, there) => {
    const text = `table netdev t {\n\tchain c {\n\t\ttype filter hook ingress device "veth02" priority 0; policy accept;\n\t\t${rule}\n\t}\n}\n`
    expect(egress(hostWith(text)).there.verdict).toBe(there)
  })

  test('a proxy of this host gets the packet', () => {
    const text = `table inet t {\n\tchain c {\n\t\ttype filter hook prerouting priority mangle; policy accept;\n\t\ttcp dport 443 tproxy ip to 127.0.0.1:80 meta mark set 0x00000001 accept\n\t}\n}\n`
    expect(egress(hostWith(text)).there.verdict).toBe('unknown')
  })
})

describe('a program of this host', () => {
  const sendingTo = (host: Host, owner?: { uid?: bigint }) =>
    followSent(host, {
      ...{ family: 'ip', daddr: addressOf('172.17.0.2'), sport: 40_000n, dport: 80n },
      ...(owner ? { owner } : {}),
    }).verdict

  test.each<[rule: string, root: unknown, unknown: unknown]>([
    ['-m owner --uid-owner 0 -j DROP', 'dropped', 'unknown'],
    ['-m owner --uid-owner 1000-2000 -j DROP', 'passes', 'unknown'],
    ['-m owner ! --uid-owner 0 -j DROP', 'passes', 'unknown'],
    ['-m owner --gid-owner 5 --suppl-groups -j DROP', 'unknown', 'unknown'],
    ['-m owner --socket-exists -j DROP', 'dropped', 'dropped'],
    ['-m owner ! --socket-exists -j DROP', 'passes', 'passes'],
    ['-m cgroup --path user.slice -j DROP', 'unknown', 'unknown'],
  ])('%s', (rule, root, unknown) => {
    const host = hostWith(filter(`OUTPUT ${rule}`))
    expect([sendingTo(host, { uid: 0n }), sendingTo(host)]).toEqual([root, unknown])
  })

  test('has no packet to be known by once it comes in again by the loopback interface', () => {
    const host = hostWith(filter('INPUT -m owner --socket-exists -j DROP'))
    const there = followSent(host, {
      ...{ family: 'ip', daddr: addressOf('127.0.0.1'), sport: 40_000n, dport: 80n },
    })
    expect(there.verdict).toBe('passes')
    // The answer belongs to its socket again.
    expect(there.verdict === 'passes' && answerWay(host, there).verdict).toBe('dropped')
  })
})

describe('what is not a rule', () => {
  test('forwarding that is off', () => {
    const host = hostWith(nat, ({ routing }) => {
      routing.sysctls['net.ipv4.ip_forward'] = '0'
    })
    expect(short(egress(host).there)).toEqual({
      dropped: { kind: 'sysctl', name: 'net.ipv4.ip_forward', value: '0' },
    })
  })

  test('forwarding that is off for the uplink alone: no answer', () => {
    const host = hostWith(nat, ({ routing }) => {
      routing.sysctls['net.ipv4.conf.eth0.forwarding'] = '0'
    })
    expect(shortOf(egress(host))).toEqual({
      there: 'passes',
      back: { dropped: { kind: 'sysctl', name: 'net.ipv4.conf.eth0.forwarding', value: '0' } },
    })
  })

  test('a bridge that is down, a port of another bridge', () => {
    const down = hostWith(nat, ({ links }) => void Object.assign(links[2] ?? {}, { up: false }))
    expect(short(egress(down).there)).toEqual({ dropped: { kind: 'link', name: 'docker0', why: 'down' } })
    const detached = hostWith(nat, ({ links }) => {
      const port = links.find(({ name }) => name === 'veth02')
      Object.assign(port ?? {}, { master: 'br-a' })
    })
    expect(short(egress(detached).there)).toEqual({
      dropped: { kind: 'link', name: 'veth02', why: 'detached' },
    })
  })

  test('a route in a policy table that takes the way back', () => {
    const host = hostWith(nat, ({ routing }) => {
      routing.rules.push(ruleOf(5270, '52'))
      routing.routes.push(routeOf('172.17.0.0/16', 'eth0', { table: '52' }))
    })
    const { there, back } = egress(host)
    expect(there.verdict).toBe('passes')
    expect(back).toMatchObject({ verdict: 'passes', route: { table: '52', device: 'eth0' } })
  })

  test.each([
    ['1', { there: { dropped: expect.objectContaining({ kind: 'route', reverse: true }) } }],
    ['0', passes],
    ['2', passes],
  ])('rp_filter %s, where the way back to the container leads elsewhere', (value, ways) => {
    const host = hostWith('', ({ routing }) => {
      routing.sysctls['net.ipv4.conf.docker0.rp_filter'] = value
      routing.routes.push(routeOf('172.17.0.0/24', 'br-a'))
    })
    expect(shortOf(egress(host))).toEqual(ways)
  })

  test('no route, and one that refuses', () => {
    const none = hostWith(nat, ({ routing }) => {
      routing.routes = routing.routes.filter(({ destination }) => destination !== 'default')
    })
    expect(short(egress(none).there)).toEqual({ dropped: { kind: 'route', reverse: false } })
    const refused = hostWith(nat, ({ routing }) => {
      routing.routes.push(routeOf('198.51.100.0/24', 'lo', { type: 'unreachable' }))
    })
    expect(short(egress(refused).there)).toMatchObject({
      dropped: { kind: 'route', route: { type: 'unreachable' } },
    })
  })
})

describe('frames between two containers of one network', () => {
  const inner = { ...out, daddr: addressOf('172.17.0.3'), to: 'veth03' }
  const rule = filter('FORWARD -i docker0 -o docker0 -j DROP')
  const ways = (value: string, rules = rule) =>
    short(
      bridgedWay(
        hostWith(rules, ({ routing }) => {
          routing.sysctls['net.bridge.bridge-nf-call-iptables'] = value
        }),
        inner,
      ),
    )

  test('meet the rules of IP only with br_netfilter', () => {
    expect(ways('0')).toBe('passes')
    expect(ways('1')).toEqual({ dropped: ['forward', 'filter', 'FORWARD', '-i docker0 -o docker0 -j DROP'] })
  })

  test('are told from others by physdev', () => {
    const bridged = filter(
      'FORWARD -m physdev --physdev-in veth02 --physdev-out veth03 --physdev-is-bridged -j DROP',
    )
    expect(ways('1', bridged)).toMatchObject({ dropped: ['forward', 'filter', 'FORWARD', expect.anything()] })
    expect(ways('1', filter('FORWARD -m physdev ! --physdev-is-bridged -j ACCEPT'))).toBe('passes')
  })
})

describe.each([
  ['Docker 20.10', 'docker-20.10.24-kinds.rules'],
  ['Docker 28.5.2', 'docker-28.5.2-portmap.rules'],
  ['Docker 29', 'docker-29-portmap.rules'],
  ['Docker 29 with nftables', 'docker-29-portmap.nft'],
])('%s as it wrote its rules', (name, file) => {
  test('lets a container out and back', async () => {
    const host = hostWith(await recorded(file))
    expect(shortOf(egress(host))).toEqual(passes)
  })

  test('keeps networks apart', async () => {
    if (name === 'Docker 20.10') return
    const host = hostWith(await recorded(file), ({ links, routing }) => {
      links.push({ name: 'bridge1', kind: 'bridge', up: true, addresses: ['192.0.2.1/24'] })
      routing.routes = routing.routes.filter(({ destination }) => destination !== '192.0.2.0/24')
      routing.routes.push(routeOf('192.0.2.0/24', 'bridge1'))
    })
    expect(short(between(host, '192.0.2.2'))).toMatchObject({ dropped: expect.anything() })
  })
})

test('an answer through ipset, as with Docker 28.0.0, is not known', async () => {
  const host = hostWith(await recorded('docker-28.0.0-portmap.rules'))
  expect(shortOf(egress(host))).toEqual({
    there: 'passes',
    back: {
      unknown: ['forward', 'filter', 'FORWARD', '-m set --match-set docker-ext-bridges-v4 dst -j DOCKER'],
    },
  })
})

test('30,000 rules are followed in less than 2 s', () => {
  const rules = Array.from({ length: 30_000 }, (_, at) => {
    const address = `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}/32`
    return `FORWARD -s ${address} ! -i docker0 -p tcp -m tcp --dport ${1 + (at % 60_000)} -m comment --comment "rule ${at}" -j DROP`
  })
  const text = filter(...rules)
  // Processor time, as other tests run beside this one.
  const started = process.cpuUsage()
  expect(shortOf(egress(hostWith([nat, text])))).toEqual(passes)
  const { user, system } = process.cpuUsage(started)
  expect((user + system) / 1000).toBeLessThan(2000)
})
