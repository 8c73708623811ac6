import { describe, expect, test } from 'vitest'
import { readRouting } from '../../../../src/observe/runner/host/routing.ts'
import { fakeHostAccess } from '../../../support/fake-host-access.ts'

// The entries are output of iproute2 6.1.0.
const rules = [
  { priority: 0, src: 'all', table: 'local', protocol: 'kernel' },
  { priority: 5, src: 'all', tos: '0x10', uid_start: 0, uid_end: 5, goto: 32766 },
  { priority: 6, src: 'all', tun_id: 12, table: '52', flow_to: '5' },
  { priority: 7, src: 'all', l3mdev: null },
  { priority: 8, src: 'all', dscp: 'EF', table: '52', suppress_ifgroup: '3', protocol: 'unspec' },
  { priority: 98, src: '9.9.9.9', action: 'unreachable' },
  {
    ...{ priority: 99, not: null, src: 'all', dst: '1.2.3.4', fwmark: '0x5', ipproto: 'tcp', dport: 80 },
    ...{ table: 'main', suppress_prefixlen: 0 },
  },
  {
    ...{
      priority: 32_765,
      src: '10.0.0.0',
      srclen: 8,
      fwmark: '0x1',
      fwmask: '0xff',
      iif: 'br0',
      table: '52',
    },
    ...{ sport_start: 10, sport_end: 20, protocol: 'unspec' },
  },
]
const routes = [
  { type: 'unicast', dst: 'default', gateway: '10.1.0.2', dev: 'br0', protocol: 'boot', flags: [] },
  {
    ...{ type: 'unicast', dst: '8.0.0.0/8', flags: [] },
    nexthops: [
      { gateway: '10.1.0.3', dev: 'br0', weight: 1, flags: [] },
      { gateway: '10.1.0.4', dev: 'br1', weight: 1, flags: [] },
    ],
  },
  { type: 'blackhole', dst: '9.0.0.0/8', flags: [] },
  {
    type: 'unicast',
    dst: '5.5.0.0/16',
    dev: 'lo',
    metrics: [{ mtu: 1300 }],
    metric: 7,
    flags: ['dead', 'linkdown'],
  },
  {
    type: 'local',
    dst: '10.1.0.1',
    dev: 'br0',
    table: 'local',
    scope: 'host',
    prefsrc: '10.1.0.1',
    flags: [],
  },
]

const read = (
  given: { rules?: unknown; routes?: unknown; files?: Record<string, string>; xfrm?: string } = {},
) =>
  readRouting(
    fakeHostAccess({
      files: {
        '/proc/sys/net/ipv4/ip_forward': '1\n',
        '/proc/sys/net/ipv4/conf/br0/rp_filter': '2\n',
        '/proc/sys/net/bridge/bridge-nf-call-iptables': '0\n',
        ...given.files,
      },
      programs: {
        'ip -4 -j -d rule show': JSON.stringify(given.rules ?? rules),
        'ip -4 -j -d route show table all': JSON.stringify(given.routes ?? routes),
        'ip -6 -j -d rule show': { exitCode: 2, stderr: 'RTNETLINK answers: Operation not supported' },
        'ip -6 -j -d route show table all': '',
        ...(given.xfrm === undefined ? {} : { 'ip xfrm policy': given.xfrm }),
      },
    }),
    ['br0'],
  )

describe('rules and routes of all tables', () => {
  test('every selector of a rule, and those that are not known by name', async () => {
    expect((await read())?.rules).toEqual([
      { family: 'ip', priority: 0, negated: false, table: 'local' },
      {
        ...{ family: 'ip', priority: 5, negated: false, goto: 32766 },
        ...{ tos: '0x10', uids: [0, 5] },
      },
      { family: 'ip', priority: 6, negated: false, table: '52', tunnel: 12 },
      { family: 'ip', priority: 7, negated: false, l3mdev: true },
      { family: 'ip', priority: 8, negated: false, table: '52', tos: 'EF', others: ['suppress_ifgroup'] },
      { family: 'ip', priority: 98, negated: false, from: '9.9.9.9', action: 'unreachable' },
      {
        ...{ family: 'ip', priority: 99, negated: true, to: '1.2.3.4', table: 'main', suppress: 0 },
        ...{ mark: { value: 5, mask: 0xffff_ffff }, protocol: 'tcp', dport: [80, 80] },
      },
      {
        ...{ family: 'ip', priority: 32_765, negated: false, from: '10.0.0.0/8', iif: 'br0', table: '52' },
        ...{ mark: { value: 1, mask: 255 }, sport: [10, 20] },
      },
    ])
  })

  test('routes of every kind', async () => {
    const kept = { family: 'ip', table: 'main', metric: 0, dead: false }
    expect((await read())?.routes).toEqual([
      { ...kept, type: 'unicast', destination: 'default', device: 'br0', gateway: '10.1.0.2' },
      {
        ...{ ...kept, type: 'unicast', destination: '8.0.0.0/8', device: 'br0', gateway: '10.1.0.3' },
        alternatives: ['br1'],
      },
      { ...kept, type: 'blackhole', destination: '9.0.0.0/8' },
      {
        ...{ ...kept, type: 'unicast', destination: '5.5.0.0/16', device: 'lo', mtu: 1300 },
        ...{ metric: 7, dead: true },
      },
      {
        ...{ ...kept, type: 'local', table: 'local', destination: '10.1.0.1', device: 'br0' },
        source: '10.1.0.1',
      },
    ])
  })

  // Lines of Linux 6.18.
  const netlink = (...protocols: number[]) =>
    ['sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode']
      .concat(
        protocols.map(
          (one) =>
            `0000000000000000 ${one}   0          00000000 0        0        0     2        0        5        `,
        ),
      )
      .join('\n')

  test.each([
    ['there are none', { files: { '/proc/net/netlink': netlink(0, 6) }, xfrm: '' }, false],
    [
      'there are some',
      { files: { '/proc/net/netlink': netlink(0, 6) }, xfrm: 'src 10.0.0.0/8 dst 10.9.0.0/16\n' },
      true,
    ],
    ['ip cannot list them', { files: { '/proc/net/netlink': netlink(6) } }, undefined],
    [
      'without the module nobody made any, and it is not loaded',
      { files: { '/proc/net/netlink': netlink(0, 16) } },
      false,
    ],
    ['unless by PF_KEY', { files: { '/proc/net/netlink': netlink(0), '/proc/net/pfkey': 'sk' } }, undefined],
    ['the list of sockets cannot be read', {}, undefined],
  ])('policies of IPsec: %s', async (_sentence, given, expected) => {
    expect((await read(given))?.ipsec).toBe(expected)
  })

  test('settings that exist', async () => {
    expect((await read())?.sysctls).toEqual({
      'net.ipv4.ip_forward': '1',
      'net.ipv4.conf.br0.rp_filter': '2',
      'net.bridge.bridge-nf-call-iptables': '0',
    })
  })

  test('an entry that cannot be read makes the lists incomplete', async () => {
    expect(await read()).toMatchObject({ truncated: false })
    expect(await read({ rules: [...rules, { table: 'main' }] })).toMatchObject({ truncated: true })
    expect(await read({ routes: [...routes, { dev: 'eth0' }] })).toMatchObject({ truncated: true })
  })

  test('an ip without JSON output lists nothing', async () => {
    expect(await read({ rules: { not: 'a list' } })).toBeUndefined()
  })
})
