import { describe, expect, test } from 'vitest'
import { parseLearnedMtus } from '../../../../src/observe/runner/host/learned-mtus.ts'
import { parseResolvConf } from '../../../../src/observe/runner/host/resolv-conf.ts'
import {
  parseLocalAddresses,
  parseLocalAddresses6,
  parseRoutes,
  parseRoutes6,
} from '../../../../src/observe/runner/host/route-tables.ts'
import { observeRoutes } from '../../../../src/observe/runner/host/routes.ts'
import { fakeHostAccess } from '../../../support/fake-host-access.ts'
import { recorded } from './recorded.ts'

describe('routes', () => {
  test('of an engine: one per network', () => {
    const routes = parseRoutes(recorded('route'))
    expect(routes.map(({ destination }) => destination)).toEqual([
      '172.17.0.0/16',
      '172.18.0.0/16',
      '172.19.0.0/16',
    ])
    expect(routes[0]).toEqual({ destination: '172.17.0.0/16', device: 'docker0' })
  })

  test('with a gateway, and the default route', () => {
    const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n'
    const rows =
      'eth0\t00000000\t0102A8C0\t0003\t0\t0\t100\t00000000\neth0\t0000000A\t0102A8C0\t0003\t0\t0\t0\t000000FF\n'
    expect(parseRoutes(head + rows)).toEqual([
      { destination: 'default', device: 'eth0', gateway: '192.168.2.1' },
      { destination: '10.0.0.0/8', device: 'eth0', gateway: '192.168.2.1' },
    ])
  })

  test('of IPv6, without the host’s own addresses, multicast and reject routes', () => {
    const zero = '0'.repeat(32)
    const row = (to: string, bits: string, flags: string, via = zero, device = 'eth0') =>
      `${to} ${bits} ${zero} 00 ${via} 00000400 00000001 00000000 ${flags}     ${device}\n`
    const global = '20010db8000000000000000000000000'
    const text =
      row(global, '40', '00000001') +
      row(zero, '00', '00000003', 'fe800000000000000000000000000001') +
      row('fe800000000000000000000000000002', '80', '80200001') +
      row('ff000000000000000000000000000000', '08', '00000001') +
      row(zero, '00', '00200200', zero, 'lo')
    expect(parseRoutes6(text)).toEqual([
      { destination: '2001:db8::/64', device: 'eth0' },
      { destination: 'default', device: 'eth0', gateway: 'fe80::1' },
    ])
  })

  test('the host’s own addresses, without duplicates', () => {
    expect(parseLocalAddresses(recorded('fib_trie'))).toEqual([
      '127.0.0.1',
      '172.17.0.1',
      '172.18.0.1',
      '172.19.0.1',
    ])
    expect(parseLocalAddresses6('fe80000000000000004265fffe000001 03 40 20 80 docker0\n')).toEqual([
      'fe80::42:65ff:fe00:1',
    ])
  })
})

describe('resolv.conf', () => {
  test('servers in file order, which c-ares does not keep', () => {
    expect(
      parseResolvConf('# nameserver 1.1.1.1\nnameserver 127.0.0.7\nnameserver 127.0.0.2\noptions ndots:0\n')
        .servers,
    ).toEqual(['127.0.0.7', '127.0.0.2'])
  })
  test('Docker’s own resolver and its upstream servers', () => {
    const text =
      "nameserver 127.0.0.11\noptions ndots:0\n\n# Based on host file: '/etc/resolv.conf' (internal resolver)\n# ExtServers: [host(127.0.0.53) 10.0.0.2 fd00::1]\n# Overrides: []\n"
    expect(parseResolvConf(text)).toEqual({
      servers: ['127.0.0.11'],
      upstream: [
        { address: '127.0.0.53', host: true },
        { address: '10.0.0.2', host: false },
        { address: 'fd00::1', host: false },
      ],
    })
  })
  test('the first 50 servers and the first 50 upstream servers', () => {
    const addresses = Array.from({ length: 51 }, (_, at) => `10.0.0.${at}`)
    const lines = addresses.map((address) => `nameserver ${address}\n`)
    expect(parseResolvConf(`${lines.join('')}# ExtServers: [${addresses.join(' ')}]\n`)).toEqual({
      servers: addresses.slice(0, 50),
      upstream: addresses.slice(0, 50).map((address) => ({ address, host: false })),
    })
  })
  test('entries that are not addresses are skipped', () =>
    expect(parseResolvConf('nameserver example.com\nnameserver\n# ExtServers: [host() x]\n')).toEqual({
      servers: [],
      upstream: [],
    }))
})

describe('the resolvers of a host', () => {
  const stub = 'nameserver 127.0.0.53\noptions edns0 trust-ad\n'
  const own = '/etc/resolv.conf'
  const host = '/proc/1/root/etc/resolv.conf'
  const behind = '/run/systemd/resolve/resolv.conf'

  test.each<[sentence: string, files: Record<string, string>, all: string[], engine?: string[]]>([
    [
      'servers and upstream servers, without duplicates',
      { [own]: 'nameserver 127.0.0.11\n# ExtServers: [10.0.0.2 10.0.0.3]\n' },
      ['127.0.0.11', '10.0.0.2', '10.0.0.3'],
      ['127.0.0.11', '10.0.0.2', '10.0.0.3'],
    ],
    [
      'those of the engine are the host’s, not those of this container',
      { [own]: 'nameserver 10.9.9.9\nnameserver 10.0.0.2\n', [host]: 'nameserver 10.0.0.2\n' },
      ['10.0.0.2', '10.9.9.9'],
      ['10.0.0.2'],
    ],
    [
      'the servers of systemd-resolved, of which the file names only the stub',
      { [host]: stub, [`/proc/1/root${behind}`]: 'nameserver 10.0.0.2\nnameserver 10.0.0.3\n' },
      ['10.0.0.2', '10.0.0.3'],
      ['10.0.0.2', '10.0.0.3'],
    ],
    [
      'the same for a user who may not trace process 1',
      { [own]: stub, [behind]: 'nameserver 10.0.0.2\n' },
      ['10.0.0.2'],
      ['10.0.0.2'],
    ],
    [
      'the file as it is where the stub is one of two',
      { [own]: `${stub}nameserver 10.0.0.2\n`, [behind]: 'nameserver 10.0.0.3\n' },
      ['127.0.0.53', '10.0.0.2'],
      ['127.0.0.53', '10.0.0.2'],
    ],
    ['unknown where the stub has no file', { [own]: stub }, []],
    ['unknown without a file', {}, []],
  ])('%s', async (_sentence, files, resolvers, engineResolvers) => {
    const access = fakeHostAccess({ files: { '/proc/net/route': recorded('route'), ...files } })
    const routes = await observeRoutes(access, { procNet: '/proc/net', isOwn: true }, [])
    if (!routes.seen) throw new Error(routes.why)
    expect(routes.value.resolvers).toEqual(resolvers)
    expect(routes.value.engineResolvers).toEqual(engineResolvers)
  })
})

test('learned path MTUs, with their remaining lifetime', () => {
  const text =
    '10.9.2.2 via 10.9.1.1 dev eth0 src 10.9.1.2 uid 0 \n    cache expires 596sec mtu 1400 \n10.9.3.3 dev eth0 \n    cache \n'
  expect(parseLearnedMtus(text)).toEqual([{ destination: '10.9.2.2', mtu: 1400, expiresInMs: 596_000 }])
  expect(
    parseLearnedMtus(
      '2001:db8::9 via fe80::1 dev eth0 proto static metric 1024 expires 575sec mtu 1400 pref medium\n',
    ),
  ).toEqual([{ destination: '2001:db8::9', mtu: 1400, expiresInMs: 575_000 }])
})

describe('where routes can be inspected', () => {
  const files = Object.fromEntries(
    ['route', 'fib_trie', 'tcp', 'tcp6'].map((name) => [`/proc/1/net/${name}`, recorded(name)]),
  )
  test('through /proc/1/net, without running a program', async () => {
    const access = fakeHostAccess({ files })
    const routes = await observeRoutes(access, { procNet: '/proc/1/net', isOwn: false }, [])
    expect(routes).toMatchObject({ seen: true, value: { peers: ['172.17.0.1', '172.18.0.1'] } })
    expect(routes.seen && routes.value).not.toHaveProperty('learnedMtus')
    expect(access.ran).toEqual([])
  })
  test('not from a plain container, whose own routes are not the host’s', async () => {
    const access = fakeHostAccess({ files: { '/proc/net/route': recorded('route') } })
    expect(await observeRoutes(access, undefined, [])).toMatchObject({ seen: false, applies: true })
  })
})
