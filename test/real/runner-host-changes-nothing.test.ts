import { afterAll, beforeAll, expect, test } from 'vitest'
import { hostState } from '../support/host-state.ts'
import { inspectHost, seenValue } from '../support/inspect-host.ts'
import { suiteNeeds } from '../support/need.ts'
import { makeNetworkNamespace, type NetworkNamespace } from '../support/network-namespace.ts'
import { changesIn, programsIn, traceCalls, tracePrograms } from '../support/syscall-trace.ts'
import { toolPrograms } from '../support/tool-image.ts'

const suite = suiteNeeds([...toolPrograms, ...tracePrograms, 'nsenter', 'stat', 'setpriv', 'dmesg'])

suite('the system calls of an observation of the host', () => {
  let namespace: NetworkNamespace
  beforeAll(async () => {
    namespace = await makeNetworkNamespace()
    const sh = (command: string) => namespace.run('sh', ['-c', command])
    await sh('ip link add br-0c0c0c0c0c0c type bridge && ip link set br-0c0c0c0c0c0c up')
    await sh(
      'iptables-nft -N DOCKER-USER && iptables-nft -A FORWARD -j DOCKER-USER && iptables-nft -t nat -A POSTROUTING -s 10.0.0.0/8 ! -o br-0c0c0c0c0c0c -j MASQUERADE',
    )
    await sh(
      'ip6tables-nft -A FORWARD -i br-0c0c0c0c0c0c -j ACCEPT && iptables-legacy -A INPUT -p tcp --dport 22 -j ACCEPT',
    )
    await sh(
      `nft 'table ip docker-bridges { map m { type ifname : verdict; elements = { "br-0c0c0c0c0c0c" : accept }; }; chain c { type filter hook forward priority filter; counter; }; }'`,
    )
  }, 60_000)
  afterAll(() => namespace?.remove())

  test('only read, and never write', async () => {
    const before = await hostState(namespace)
    const { result, trace } = await traceCalls((strace) => inspectHost(namespace, { windowMs: 4000 }, strace))
    expect(seenValue(result.rules).unread).toEqual([])
    expect(seenValue(result.rules).samples?.taken).toBeGreaterThan(0)
    expect(
      seenValue(result.rules).tables.map(({ backend, family, name }) => `${backend} ${family} ${name}`),
    ).toEqual([
      ...['nft ip filter', 'nft ip nat', 'nft ip6 filter', 'native ip docker-bridges', 'legacy ip filter'],
    ])
    expect(programsIn(trace)).toEqual([
      ...[
        'ip',
        'ip6tables-nft-save',
        'iptables-legacy-save',
        'iptables-nft-save',
        'nft',
        'node',
        'ss',
        'stat',
      ],
    ])
    expect(trace).toMatch(/NETLINK.*nlmsg_type=0xa(?:07|<<8\|0x7)/)
    expect(changesIn(trace)).toEqual([])
    expect(await hostState(namespace)).toBe(before)
  }, 60_000)

  test.each([
    ['a rule of iptables-nft', 'iptables-nft -A DOCKER-USER -j RETURN'],
    ['a rule of iptables-legacy', 'iptables-legacy -A INPUT -j ACCEPT'],
    [
      'a list of iptables-legacy, with the table that it loads',
      'iptables-legacy-save > /dev/null; iptables-legacy -t mangle -P INPUT ACCEPT',
    ],
    ['a table of nft', 'nft add table inet added'],
    [
      'counters that are reset',
      'nft reset rules 2> /dev/null || nft reset counters; nft flush chain ip docker-bridges c',
    ],
    ['a link', 'ip link add br-0d0d0d0d0d0d type bridge'],
    ['an address', 'ip addr add 10.98.0.1/24 dev br-0c0c0c0c0c0c'],
    ['a file', 'echo > /tmp/regguard-trace-written; rm /tmp/regguard-trace-written'],
    // Counts although it was refused.
    [
      'the kernel’s console',
      'setpriv --reuid=1000 --clear-groups --bounding-set=-all dmesg --console-off || true',
    ],
  ])('the trace shows %s as a change', async (_, command) => {
    const { trace } = await traceCalls((strace) => {
      const [program = '', ...args] = strace
      return namespace.run(program, [...args, 'sh', '-c', command])
    })
    expect(changesIn(trace)).not.toEqual([])
  })

  test.each([
    ['a setting', 'echo 2 > /proc/sys/net/ipv4/conf/br-0c0c0c0c0c0c/rp_filter'],
    ['a limit of conntrack', 'echo 90 > /proc/sys/net/netfilter/nf_conntrack_tcp_timeout_close_wait'],
    ['a rule of routing', 'ip rule add from 10.97.0.0/24 lookup 97 priority 97'],
    ['a route of another table', 'ip route add blackhole 10.97.0.0/24 table 97'],
    ['a neighbour', 'ip neighbour add 10.98.0.9 lladdr 02:00:00:00:00:09 dev br-0c0c0c0c0c0c nud permanent'],
    ['the MTU of a link', 'ip link set br-0c0c0c0c0c0c mtu 1400'],
    ['a set of nft', `nft 'add set ip docker-bridges banned { type ipv4_addr; }'`],
    ['a table of iptables-legacy', 'ip6tables-legacy -t mangle -P INPUT ACCEPT'],
  ])('the state that is compared shows %s', async (_, command) => {
    const before = await hostState(namespace)
    await namespace.run('sh', ['-c', command])
    expect(await hostState(namespace)).not.toBe(before)
  })

  test('reads are not changes', async () => {
    const { trace } = await traceCalls(([program = '', ...args]) =>
      namespace.run(program, [
        ...args,
        'sh',
        '-c',
        'ip -j link; ip route show cache; ss -ltn; nft list tables; dmesg --raw --syslog',
      ]),
    )
    expect(changesIn(trace)).toEqual([])
  })
})
