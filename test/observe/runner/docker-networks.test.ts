import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Area } from '../../../src/core/observed.ts'
import type { NetworkFact } from '../../../src/facts/runner.ts'
import { observeNetworks } from '../../../src/observe/runner/docker/networks.ts'
import { ownerOf } from '../../../src/observe/runner/owner.ts'
import { type FakeRequest, type FakeResponse, useSockets } from '../../support/fake-engine.ts'

const sockets = useSockets()
const idOf = (number: number) => number.toString(16).padStart(64, '0')

const entry = (number: number, change: Record<string, unknown> = {}) => ({
  ...{ Name: `net${number}`, Id: idOf(number), Created: '2026-11-20T11:51:29.116739684Z', Driver: 'bridge' },
  IPAM: { Config: [{ Subnet: '172.22.0.0/16', Gateway: '172.22.0.1' }] },
  ...{ Internal: false, Containers: {}, Options: {}, Labels: {} },
  ...change,
})

const container = (last: number) => ({
  ...{ Name: `c${last}`, EndpointID: 'e', MacAddress: `02:42:ac:16:00:0${last}` },
  ...{ IPv4Address: `172.22.0.${last}/16`, IPv6Address: '' },
})

/** An engine with these networks, each with the same `containers` attached. */
async function engineWith(
  entries: Record<string, unknown>[],
  { containers = {}, podman = false }: { containers?: Record<string, unknown>; podman?: boolean } = {},
) {
  let running = 0
  let peak = 0
  const respond = async ({ path }: FakeRequest): Promise<FakeResponse> => {
    if (path === '/networks') return { value: entries }
    const id = /^\/networks\/([0-9a-f]+)$/.exec(path)?.[1]
    const found = entries.find(({ Id }) => Id === id)
    if (!found) return undefined
    running += 1
    peak = Math.max(peak, running)
    await new Promise((resolve) => setTimeout(resolve, 1))
    running -= 1
    return { value: { ...found, Containers: containers } }
  }
  const { api, requests } = await sockets.api({ respond, podman })
  return { api, requests, peak: () => peak }
}

const networksIn = (area: Area<NetworkFact[]>): NetworkFact[] => {
  if (!area.seen) throw new Error(area.why)
  return area.value
}

/** The fact of one network. */
async function factOf(change: Record<string, unknown>): Promise<NetworkFact | undefined> {
  const { api } = await engineWith([entry(1, change)])
  return networksIn(await observeNetworks({ api, now: Date.now }))[0]
}

describe('one network', () => {
  test('all its fields', async () => {
    const { api } = await engineWith([entry(0xabc)], { containers: { a: container(2), b: container(3) } })
    expect(await observeNetworks({ api, now: Date.now })).toEqual({
      seen: true,
      from: 'the Docker socket',
      value: [
        {
          ...{ id: idOf(0xabc), name: `net${0xabc}`, driver: 'bridge', owner: 'other' },
          ...{ createdAt: Date.parse('2026-11-20T11:51:29.116Z'), bridge: 'br-000000000000' },
          ...{ subnets: ['172.22.0.0/16'], gateways: ['172.22.0.1'], internal: false, masquerade: true },
          ...{ endpoints: 2, addresses: ['172.22.0.2', '172.22.0.3'] },
        },
      ],
    })
  })

  test.each<[string, Record<string, unknown>, Partial<NetworkFact>]>([
    [
      'the engine’s own',
      {
        Name: 'bridge',
        Options: { 'com.docker.network.bridge.name': 'docker0', 'com.docker.network.driver.mtu': '1500' },
      },
      { bridge: 'docker0', owner: 'engine', mtu: 1500 },
    ],
    [
      'without masquerading',
      { Options: { 'com.docker.network.bridge.enable_ip_masquerade': 'false' } },
      { masquerade: false },
    ],
    [
      'routed',
      { Options: { 'com.docker.network.bridge.gateway_mode_ipv4': 'routed' } },
      { masquerade: false },
    ],
    [
      'with open ports on the gateway',
      { Options: { 'com.docker.network.bridge.gateway_mode_ipv4': 'nat-unprotected' } },
      { masquerade: true },
    ],
    ['internal', { Internal: true }, { internal: true }],
    [
      'dual-stack',
      { IPAM: { Config: [{ Subnet: '10.9.0.0/24' }, { Subnet: 'fd00::/64', Gateway: 'fd00::1' }] } },
      { subnets: ['10.9.0.0/24', 'fd00::/64'], gateways: ['fd00::1'] },
    ],
    ['of Compose, by its label', { Labels: { 'com.docker.compose.project': 'shop' } }, { owner: 'compose' }],
    ['with an MTU of 0', { Options: { 'com.docker.network.driver.mtu': '0' } }, {}],
  ])('%s', async (_, change, expected) => {
    expect(await factOf(change)).toMatchObject(expected)
  })

  test('only bridge networks have an interface', async () => {
    for (const Driver of ['macvlan', 'overlay', 'host', 'null'])
      expect(await factOf({ Driver })).not.toHaveProperty('bridge')
    expect(await factOf({ Options: { 'com.docker.network.driver.mtu': '0' } })).not.toHaveProperty('mtu')
  })

  test('names keep control characters and are cut to 300 characters', async () => {
    const fact = await factOf({ Name: `a\u001b[2J${'x'.repeat(5000)}` })
    expect(fact?.name.startsWith('a\u001b[2Jxx')).toBe(true)
    expect(fact?.name).toHaveLength(300)
  })

  test('a stopped container, which Podman lists without addresses, is not an endpoint', async () => {
    const stopped = { Name: 'c1', EndpointID: '', MacAddress: '', IPv4Address: '', IPv6Address: '' }
    const { api } = await engineWith([entry(1)], {
      podman: true,
      containers: { a: stopped, b: container(2) },
    })
    expect(networksIn(await observeNetworks({ api, now: Date.now }))).toMatchObject([{ endpoints: 1 }])
  })
})

describe('many networks', () => {
  test('10,000: all are listed, 500 inspected, eight at a time; the rest has no endpoints field', async () => {
    const entries = Array.from({ length: 10_000 }, (_, at) => entry(at))
    const { api, requests, peak } = await engineWith(entries)
    const area = await observeNetworks({ api, now: () => 0 })
    const networks = networksIn(area)
    expect(networks).toHaveLength(10_000)
    expect(requests).toHaveLength(501)
    expect(peak()).toBeGreaterThan(1)
    expect(peak()).toBeLessThanOrEqual(8)
    expect(networks.filter(({ endpoints }) => endpoints === undefined)).toHaveLength(9500)
    expect(networks.every(({ bridge }) => bridge !== undefined)).toBe(true)
    expect(area).toMatchObject({ from: 'the Docker socket, endpoints of 500 of 10000 networks' })
  })

  test('networks of CI are inspected first, the oldest before the others', async () => {
    const entries = [
      entry(1, { Name: 'shop_default' }),
      entry(2, { Name: 'wp_01abc_1_default', Created: '2026-11-20T12:00:00Z' }),
      entry(3, { Name: 'WORKFLOW-0123456789abcdef', Created: '2026-11-19T12:00:00Z' }),
    ]
    const { api, requests } = await engineWith(entries)
    await observeNetworks({ api, now: Date.now, maxInspected: 2 })
    const ids = requests.slice(1).map(({ path }) => path.slice('/networks/'.length))
    expect(ids.sort()).toEqual([idOf(2), idOf(3)])
  })

  test('after the deadline, no more networks are inspected', async () => {
    let readings = 0
    const now = () => readings++ * 200
    const { api, requests } = await engineWith(Array.from({ length: 100 }, (_, at) => entry(at)))
    const networks = networksIn(await observeNetworks({ api, now }))
    expect(networks).toHaveLength(100)
    expect(requests.length).toBeLessThan(40)
  })

  test('one removed between the list and its inspection is left out', async () => {
    const respond = ({ path }: FakeRequest): FakeResponse =>
      path === '/networks'
        ? { value: [entry(1), entry(2)] }
        : path.endsWith('2')
          ? { value: entry(2) }
          : undefined
    const { api } = await sockets.api({ respond })
    expect(networksIn(await observeNetworks({ api, now: Date.now })).map(({ name }) => name)).toEqual([
      'net2',
    ])
  })

  test('a second reading requests only the list', async () => {
    const { api, requests } = await engineWith([entry(1), entry(2)])
    expect(networksIn(await observeNetworks({ api, now: Date.now, maxInspected: 0 }))).toHaveLength(2)
    expect(requests).toHaveLength(1)
  })
})

describe('an incomplete or invalid list counts as not seen', () => {
  test.each<[string, FakeResponse, string]>([
    [
      'larger than 32 MiB',
      { text: `[${' '.repeat(33 * 2 ** 20)}]` },
      'GET /networks: the response is larger than 32 MiB',
    ],
    [
      'an entry without id',
      { value: [entry(1), { Name: 'x' }] },
      'GET /networks: an entry of the list is not a network',
    ],
    ['an object', { value: {} }, 'GET /networks: the response is not a list'],
    ['truncated JSON', { text: '[{"Name":' }, 'GET /networks: the response is not JSON'],
    ['an empty body', { text: '' }, 'GET /networks: the response is not a list'],
    ['an error', { status: 500, value: { message: 'boom' } }, 'GET /networks: boom'],
  ])('%s', async (_, response, why) => {
    const { api } = await sockets.api({ respond: () => response })
    expect(await observeNetworks({ api, now: Date.now })).toEqual({
      ...{ seen: false, why, remedies: ['docker-socket'], applies: true },
    })
  })

  test('any response becomes an area', async () => {
    let response: unknown
    const { api } = await sockets.api({ respond: () => ({ value: response }) })
    const anything = fc.anything({ maxDepth: 3, withNullPrototype: false })
    const networkLike = fc.record({
      Id: fc.string(),
      Name: fc.string(),
      Driver: fc.string(),
      IPAM: anything,
      Options: anything,
      Containers: anything,
      Labels: anything,
    })
    await fc.assert(
      fc.asyncProperty(fc.oneof(anything, fc.array(fc.oneof(networkLike, anything))), async (value) => {
        response = value
        const area = await observeNetworks({ api, now: Date.now, maxInspected: 3 })
        expect(typeof area.seen).toBe('boolean')
      }),
      { numRuns: 100 },
    )
  })
})

test.each([
  ['wp_01hzxyz0abcdefghjkmnpqrst_2_default', 'woodpecker'],
  ['WORKFLOW-0123456789abcdef0123456789abcdef', 'forgejo'],
  ['FORGEJO-ACTIONS-TASK-12_WORKFLOW-ci_JOB-build', 'forgejo'],
  ['GITEA-ACTIONS-TASK-121_WORKFLOW-ci_JOB-build-network', 'gitea'],
  ['github_network_0123456789abcdef0123456789abcdef', 'github'],
  ['github_network_backup', 'other'],
  ['runner-t1xyz-project-7-concurrent-0-job-42-network', 'gitlab'],
  ['act-ci-build-9f86d081884c7d65-build-network', 'act'],
  ['shop_default', 'compose'],
  ['buildx_buildkit_builder0', 'buildx'],
  ['regguard-snapshot-0123456789abcdef', 'regguard'],
  ['docker_gwbridge', 'engine'],
  ['my-network', 'other'],
  ['default', 'other'],
])('the network %s was created for %s', (name, owner) => {
  expect(ownerOf(name)).toBe(owner)
})

test('testcontainers label the networks that they create with random names', () => {
  const name = 'a3f0c2d4-1b2c-4d5e-8f90-1234567890ab'
  expect(ownerOf(name, { 'org.testcontainers': 'true' })).toBe('testcontainers')
  expect(ownerOf(name)).toBe('other')
})
