import { expect, test } from 'vitest'
import type { PortsFact } from '../../../../src/facts/runner.ts'
import { observePorts, type PortsOptions } from '../../../../src/observe/runner/ports/ports.ts'
import { parseListener } from '../../../../src/settings/plan/listeners.ts'
import { fakeHostAccess } from '../../../support/fake-host-access.ts'
import { type FakeHost, fakeProbes } from '../../../support/fake-probes.ts'

const gateway = '172.17.0.1'
const route = 'eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n'
const arp = `IP address       HW type     Flags       HW address            Mask     Device
172.17.0.1       0x1         0x2         02:42:1d:2e:3f:4a     *        eth0
172.17.0.250     0x1         0x0         00:00:00:00:00:00     *        eth0
172.17.0.251     0x1         nonsense
`
const healthy: FakeHost = { ports: { 22: 'greets', 443: 'open' } }

interface Scene extends Partial<Omit<PortsOptions, 'listeners' | 'access' | 'probes'>> {
  listeners?: string[]
  hosts?: Record<string, FakeHost>
  names?: Record<string, string[]>
  routes?: string
  signal?: AbortSignal
}

async function observed(scene: Scene) {
  const { listeners = [], hosts = { [gateway]: healthy }, names, routes = route, signal, ...rest } = scene
  const { probes, probed } = fakeProbes(hosts, names)
  const area = await observePorts({
    from: 'container',
    ...rest,
    listeners: listeners.map((text) => parseListener(text) ?? { port: 0 }),
    access: fakeHostAccess({
      files: { '/proc/net/route': routes, '/proc/net/arp': arp },
      ...(signal ? { signal } : {}),
    }),
    probes,
  })
  return { area, probed }
}

async function observedPorts(scene: Scene): Promise<PortsFact & { probed: string[] }> {
  const { area, probed } = await observed(scene)
  if (!area.seen) throw new Error(area.why)
  return { ...area.value, probed }
}

const portsOf = ({ targets }: PortsFact) =>
  targets.map(({ name, address, ports }) => [name, address, ports.map(({ port }) => port)])

test('the default ports of the gateway, without the setting', async () => {
  const fact = await observedPorts({})
  expect(fact.chosen).toBe('usual')
  expect(portsOf(fact)).toEqual([['gateway', gateway, [22, 6443, 443]]])
  expect(fact.listeners).toEqual([])
  expect(fact).not.toHaveProperty('skipped')
})

test('the host’s listening ports, where they could be read: per address those that listen on it', async () => {
  const sockets = [
    { address: '0.0.0.0', port: 8000 },
    { address: '::', port: 443 },
    { address: '0.0.0.0', port: 22 },
    { address: '127.0.0.1', port: 5432 },
    { address: '::1', port: 5433 },
    { address: '192.0.2.20', port: 6443 },
    { address: '0.0.0.0', port: 8080, program: 'docker-proxy' },
  ]
  const fact = await observedPorts({
    hosts: { [gateway]: healthy, '192.0.2.20': healthy },
    host: { sockets, drops: 3 },
    nodeAddresses: ['127.0.0.1', '::1', 'fe80::1', gateway, '192.0.2.20'],
  })
  expect(fact.chosen).toBe('listeners')
  expect(portsOf(fact)).toEqual([
    ['gateway', gateway, [22, 443, 8000]],
    ['node', '192.0.2.20', [22, 6443, 443, 8000]],
  ])
  expect(fact.listeners).toBe(sockets)
  expect(fact.listenDrops).toBe(3)
})

test('of many listeners the first sixteen, of many addresses the first three', async () => {
  const sockets = Array.from({ length: 40 }, (_, at) => ({ address: '0.0.0.0', port: 5000 + at }))
  const own = Array.from({ length: 9 }, (_, at) => `192.0.2.${at + 1}`)
  const hosts = Object.fromEntries([gateway, ...own].map((address) => [address, healthy]))
  const fact = await observedPorts({ hosts, host: { sockets, drops: 0 }, nodeAddresses: own })
  expect(fact.targets.map(({ address }) => address)).toEqual([gateway, ...own.slice(0, 3)])
  for (const { ports } of fact.targets) expect(ports).toHaveLength(16)
})

test('the ports in the setting, and no others', async () => {
  const fact = await observedPorts({
    listeners: ['22', ':2222', '10.0.0.5:6443', '10.0.0.5:22', `${gateway}:22`, '[fd00::5]:22'],
    hosts: { [gateway]: healthy, '10.0.0.5': healthy, 'fd00::5': healthy },
    host: { sockets: [{ address: '0.0.0.0', port: 8000 }], drops: 0 },
    nodeAddresses: ['192.0.2.20'],
  })
  expect(fact.chosen).toBe('settings')
  expect(portsOf(fact)).toEqual([
    ['gateway', gateway, [22, 2222]],
    ['listener', '10.0.0.5', [6443, 22]],
    ['listener', 'fd00::5', [22]],
  ])
})

test('a name is resolved once, and its first IPv4 address is dialled', async () => {
  const fact = await observedPorts({
    listeners: ['node.example.com:22', 'node.example.com:443'],
    names: { 'node.example.com': ['fd00::5', '10.0.0.5', '10.0.0.6'] },
    hosts: { '10.0.0.5': healthy },
  })
  expect(portsOf(fact)).toEqual([['listener', '10.0.0.5', [22, 443]]])
  expect(fact.targets[0]?.host).toBe('node.example.com')
  expect(fact.probed.filter((what) => what === 'node.example.com')).toHaveLength(1)
})

test('a name that cannot be resolved is skipped with a reason, and the rest is dialled', async () => {
  const fact = await observedPorts({ listeners: ['nowhere.example.com:22', ':22'] })
  expect(portsOf(fact)).toEqual([['gateway', gateway, [22]]])
  expect(fact.skipped).toEqual([
    { what: 'nowhere.example.com:22', why: 'the name cannot be resolved (ENOTFOUND)' },
  ])
})

test.each(['127.0.0.1:22', '[::1]:22', 'localhost:22'])('%s is not a port of the host', async (item) => {
  const fact = await observedPorts({ listeners: [item, ':22'], names: { localhost: ['127.0.0.1'] } })
  expect(fact.skipped).toEqual([{ what: item, why: expect.stringContaining('for the host, use “:22”') }])
  expect(fact.probed).not.toContain('127.0.0.1:22')
})

test('of a long list, the first 128 are dialled', async () => {
  const listeners = Array.from({ length: 200 }, (_, at) => `:${at + 1000}`)
  const fact = await observedPorts({ listeners })
  expect(fact.targets[0]?.ports).toHaveLength(128)
  expect(fact.skipped).toHaveLength(72)
})

test.each([
  ['an internal network has no gateway', '', 'no default route', ['host-snapshot', 'host-network']],
  [
    'a gateway that only answers ARP is not the host',
    'eth0\t00000000\t0101FEA9\t0003\t0\t0\t0\t00000000\t0\t0\t0\n',
    '169.254.1.1 is not an address of the host',
    ['listener-entries'],
  ],
])('%s: not seen, and nothing is dialled', async (_, routes, why, remedies) => {
  const { area, probed } = await observed({ routes })
  expect(area).toEqual({
    seen: false,
    why: expect.stringContaining(why),
    remedies,
    applies: true,
  })
  expect(probed).toEqual([])
})

test.each<[name: string, options: Parameters<typeof observed>[0], why: string, remedies: string[]]>([
  [
    'another host, from the host itself',
    { from: 'host', listeners: ['198.18.5.9:22'] },
    '198.18.5.9 is not an address of this host',
    ['listener-entries'],
  ],
  [
    'loopback, in a container',
    { listeners: ['127.0.0.1:22'] },
    'for the host, use “:22”',
    ['listener-entries'],
  ],
  [
    'a name without an address',
    { listeners: ['nowhere.example.com:22'] },
    'cannot be resolved',
    ['listener-entries'],
  ],
  [
    'a port, in an internal network',
    { routes: '', listeners: [':22'] },
    'no default route',
    ['host-snapshot', 'host-network'],
  ],
])(
  'where nothing that is named can be dialled, the remedy is not to name it: %s',
  async (_, options, why, remedies) => {
    const { area } = await observed(options)
    expect(area).toMatchObject({ seen: false, why: expect.stringContaining(why), remedies })
  },
)

test('without a gateway, named hosts are dialled, and ports of the gateway are skipped with a reason', async () => {
  const fact = await observedPorts({
    routes: '',
    listeners: ['10.0.0.5:22', ':22'],
    hosts: { '10.0.0.5': healthy },
  })
  expect(portsOf(fact)).toEqual([['listener', '10.0.0.5', [22]]])
  expect(fact.skipped).toEqual([{ what: ':22', why: expect.stringContaining('no default route') }])
})

test('in the host’s own namespace, where the gateway is a router, only own addresses are dialled', async () => {
  const fact = await observedPorts({
    from: 'host',
    hosts: { '127.0.0.1': healthy, '192.0.2.20': healthy },
    nodeAddresses: ['127.0.0.1', '192.0.2.20'],
    listeners: [':22', '192.0.2.20:443', '10.0.0.5:22', '127.0.0.1:443'],
  })
  expect(portsOf(fact)).toEqual([
    ['loopback', '127.0.0.1', [22, 443]],
    ['node', '192.0.2.20', [443]],
  ])
  expect(fact.skipped).toEqual([
    { what: '10.0.0.5:22', why: expect.stringContaining('not an address of this host') },
  ])
  expect(fact.probed.filter((what) => !/^(127\.0\.0\.1|192\.0\.2\.20)[: ]/.test(what))).toEqual([])
})

test('in the host’s own namespace with nothing known, only loopback', async () => {
  const fact = await observedPorts({ from: 'host', hosts: { '127.0.0.1': healthy } })
  expect(portsOf(fact)).toEqual([['loopback', '127.0.0.1', [22, 6443, 443]]])
})

test('canaries are ports that are not in the setting and do not listen', async () => {
  const fact = await observedPorts({
    listeners: [':9'],
    host: {
      sockets: Array.from({ length: 5000 }, (_, at) => ({ address: '0.0.0.0', port: 20_000 + at })),
      drops: 0,
    },
  })
  const canaries = fact.targets[0]?.canaries.map(({ port }) => port) ?? []
  expect(canaries).toHaveLength(2)
  expect(new Set(canaries).size).toBe(2)
  for (const port of canaries) expect(port).toBeGreaterThanOrEqual(25_000)
})

test('a host with open canaries counts as not seen', async () => {
  const { area } = await observed({ hosts: { [gateway]: { others: 'open' } } })
  expect(area).toMatchObject({
    seen: false,
    why: expect.stringContaining('every port accepts connections'),
  })
  const fact = await observedPorts({
    listeners: [':22', '10.0.0.5:22'],
    hosts: { [gateway]: { others: 'open' }, '10.0.0.5': healthy },
  })
  expect(fact.targets.map(({ address }) => address)).toEqual(['10.0.0.5'])
  expect(fact.skipped).toMatchObject([{ what: gateway }])
})

test('one canary may be in use', async () => {
  const fact = await observedPorts({ hosts: { [gateway]: { ports: { 9: 'open' } } } })
  expect(fact.targets[0]?.canaries.map(({ result }) => result)).toEqual(['open', 'refused'])
})

test('a silent host that does not answer ARP is marked', async () => {
  const late = { others: { code: 'EHOSTUNREACH', afterMs: 5 }, ping: 'unreachable' as const }
  const hosts = { '172.17.0.250': {}, '172.17.0.251': {}, [gateway]: healthy }
  const dead = Object.fromEntries(
    Object.keys(hosts).map((address) => [address, { others: 'silent' as const }]),
  )
  const listeners = Object.keys(hosts).map((address) => `${address}:22`)
  const silent = await observedPorts({ listeners, hosts: dead, windowMs: 0 })
  expect(silent.targets.map(({ address, neighbour }) => [address, neighbour])).toEqual([
    ['172.17.0.250', 'missing'],
    ['172.17.0.251', undefined],
    [gateway, undefined],
  ])
  const unreachable = await observedPorts({ listeners: ['172.17.0.250:22'], hosts: { '172.17.0.250': late } })
  expect(unreachable.targets[0]).not.toHaveProperty('neighbour')
})

test('a stopped run: not seen', async () => {
  const { area } = await observed({ signal: AbortSignal.abort() })
  expect(area).toMatchObject({ seen: false, why: 'the run was stopped' })
})

test('banners are awaited on ports, and from programs, whose servers speak first', async () => {
  const fact = await observedPorts({
    hosts: { [gateway]: { ports: { 22: 'mute', 2222: 'mute', 8000: 'mute' } } },
    host: {
      sockets: [
        { address: '0.0.0.0', port: 22 },
        { address: '0.0.0.0', port: 2222, program: 'sshd' },
        { address: '0.0.0.0', port: 8000, program: 'node' },
      ],
      drops: 0,
    },
  })
  const silent = fact.targets[0]?.ports.filter(({ banner }) => banner === 'silent').map(({ port }) => port)
  expect(silent).toEqual([22, 2222])
})
