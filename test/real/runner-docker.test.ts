import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Area } from '../../src/core/observed.ts'
import type { ChurnFact, NetworkFact } from '../../src/facts/runner.ts'
import { observeDocker } from '../../src/observe/runner/docker/docker.ts'
import { openEngine } from '../../src/observe/runner/docker/socket.ts'
import type { Engine } from '../support/engine.ts'
import { docker20, docker29Nftables, type EngineKind, suiteForEngines } from '../support/engines.ts'
import { inspectInside } from '../support/inspect-inside.ts'
import { importToolImage, toolPrograms } from '../support/tool-image.ts'

/**
 * `--privileged`, without a capability that a test's engine may itself not have and so cannot grant: 20.10 adds it unless it is
 * dropped, and 29 knows that it is not there.
 */
const privilegedBy = ({ version }: EngineKind) => [
  ...['--cap-add', 'ALL', ...(version === 20 ? ['--cap-drop', 'SYS_RESOURCE'] : [])],
  ...[
    '--security-opt',
    'seccomp=unconfined',
    '--security-opt',
    'apparmor=unconfined',
    '--device',
    '/dev/kmsg',
  ],
]

// What a container and the socket show does not depend on the backend of the rules.
const options = { programs: toolPrograms, kinds: [docker20, docker29Nftables] }

suiteForEngines(
  'where this process is, in containers of a real engine',
  (kind) => {
    let engine: Engine
    beforeAll(async () => {
      engine = await kind.start()
      await importToolImage(engine)
      await engine.docker(['network', 'create', 'wp_01_0_default'])
    })
    afterAll(() => engine?.stop(), 120_000)

    test('a plain step sees its container and nothing of the host', async () => {
      const { vantage, engine: engineArea, networks } = await inspectInside(engine)
      expect(vantage).toEqual({
        ...{ platform: 'plain', container: 'docker', namespace: 'container', hostPid: false, uid: 0 },
        ...{ capabilities: ['NET_RAW'], privileged: false, hostView: 'none', nested: false, rootless: false },
        socket: { state: 'absent', path: '/var/run/docker.sock' },
      })
      expect([engineArea, networks]).toEqual([
        expect.objectContaining({ seen: false, remedies: ['docker-socket'] }),
        expect.objectContaining({ seen: false, remedies: ['docker-socket'] }),
      ])
    })

    test('its veth shows how many interfaces the host has created', async () => {
      const name = 'counted'
      await engine.docker(['run', '-d', '--name', name, 'tools'])
      const links = JSON.parse(await engine.namespace.run('ip', ['-j', 'link'])) as { ifindex: number }[]
      const newest = Math.max(...links.map(({ ifindex }) => ifindex))
      const { interfaces } = await inspectInside(engine, { flags: ['--network', `container:${name}`] })
      expect(interfaces?.made).toBe(newest)
      expect(interfaces?.uptimeMs).toBeGreaterThan(0)
      await engine.docker(['rm', '-f', name])
    })

    test('with the socket, it sees the engine, its own endpoint, and its own attachment', async () => {
      const { vantage, engine: engineArea, networks, churn } = await inspectInside(engine, { socket: true })
      expect(vantage.socket).toEqual({ state: 'answers', path: '/var/run/docker.sock', flavour: 'docker' })
      expect(vantage).toMatchObject({ namespace: 'container', hostView: 'none' })
      expect(engineArea).toMatchObject({ seen: true, value: { flavour: 'docker', rootless: false } })
      expect(byName(networks).bridge).toMatchObject({ bridge: 'docker0', endpoints: 1 })
      expect(changes(churn).at(-1)).toMatchObject({ what: 'attach', name: 'bridge', bridge: 'docker0' })
    })

    test('a user who may not open the socket gets the group that may', async () => {
      const { vantage, networks } = await inspectInside(engine, {
        socket: true,
        flags: ['--user', '65532:65532'],
      })
      expect(vantage).toMatchObject({ uid: 65532, capabilities: [] })
      expect(vantage.socket).toEqual({
        state: 'unreadable',
        path: '/var/run/docker.sock',
        group: expect.any(Number),
      })
      expect(networks).toMatchObject({ seen: false, remedies: ['socket-access'] })
    })

    test('a volume with a missing source is a directory, not a socket', async () => {
      const flags = ['--volume', `${engine.socket}-missing:/var/run/docker.sock`]
      const { vantage } = await inspectInside(engine, { flags })
      expect(vantage.socket).toMatchObject({
        state: 'useless',
        why: expect.stringContaining('a directory, which engines create'),
      })
    })

    // The engine of this test has its own namespace: its host is not the machine, and must not be taken for it.
    test('on the host network of a nested engine, it sees that engine and not the machine', async () => {
      const flags = ['--network', 'host']
      const nested = { namespace: 'daemon', nested: true, hostView: 'here' }
      expect((await inspectInside(engine, { flags, socket: true })).vantage).toMatchObject(nested)
      expect((await inspectInside(engine, { flags })).vantage).toMatchObject(nested)
    })

    test('in the host’s process namespace, it recognises kernel threads', async () => {
      const { vantage } = await inspectInside(engine, { flags: ['--pid', 'host'] })
      expect(vantage).toMatchObject({ hostPid: true, namespace: 'container', hostView: 'host pid' })
    })

    test('a privileged container gets an empty list of rules without an error, and is not taken for the host', async () => {
      const privileged = privilegedBy(kind)
      const rules = await engine.docker(['run', '--rm', ...privileged, 'tools', 'iptables-nft-save'])
      expect(rules).not.toContain('-A ')
      const host = await engine.namespace.run('nft', ['list', 'ruleset'])
      expect(host).toContain('masquerade')
      const { vantage } = await inspectInside(engine, { flags: privileged })
      expect(vantage).toMatchObject({ privileged: true, namespace: 'container', hostView: 'none' })
      expect(vantage.capabilities).toEqual(expect.arrayContaining(['NET_ADMIN', 'SYSLOG']))
    })

    test('capabilities alone do not count as a privileged container', async () => {
      const { vantage } = await inspectInside(engine, {
        flags: ['--cap-add', 'NET_ADMIN', '--cap-add', 'SYSLOG'],
      })
      expect(vantage).toMatchObject({ privileged: false, capabilities: ['NET_ADMIN', 'NET_RAW', 'SYSLOG'] })
    })

    test('Woodpecker reports which trust is missing', async () => {
      const flags = ['CI=woodpecker', 'CI_REPO_TRUSTED_VOLUMES=true'].flatMap((one) => ['--env', one])
      const { vantage } = await inspectInside(engine, { flags })
      expect(vantage).toMatchObject({
        platform: 'woodpecker',
        trusted: { volumes: true, network: false, security: false },
      })
    })
  },
  options,
)

suiteForEngines(
  'what the socket of a real engine shows',
  (kind) => {
    let engine: Engine
    beforeAll(async () => {
      engine = await kind.start({ flags: ['--default-address-pool', 'base=10.200.0.0/16,size=24'] })
      await importToolImage(engine)
    })
    afterAll(() => engine?.stop(), 120_000)

    /** Observes the engine from outside, through the same socket. */
    async function observeEngineSide() {
      const { signal } = new AbortController()
      const connection = await openEngine({ setting: engine.socket, env: {}, uid: 0, signal })
      try {
        const side = await observeDocker({ connection, container: 'none', now: Date.now })
        return { ...side, churn: await side.churn(), again: (await side.reread()).networks }
      } finally {
        await connection.api?.close()
      }
    }

    test('its pools are reported, and its networks are from them', async () => {
      await engine.docker(['network', 'create', 'pooled'])
      const { engine: engineArea, networks } = await observeEngineSide()
      expect(engineArea).toMatchObject({
        seen: true,
        value: { pools: [{ base: '10.200.0.0/16', size: 24 }] },
      })
      expect(byName(networks).pooled?.subnets[0]).toMatch(/^10\.200\.\d+\.0\/24$/)
    })

    test('networks of every kind, as on the host', async () => {
      const make = (name: string, ...flags: string[]) => engine.docker(['network', 'create', ...flags, name])
      await make('named', '--opt', 'com.docker.network.bridge.name=rg-named0')
      await make('bare', '--opt', 'com.docker.network.bridge.enable_ip_masquerade=false')
      await make('small', '--opt', 'com.docker.network.driver.mtu=1400')
      await make('inner', '--internal')
      const { networks } = await observeEngineSide()
      const seen = byName(networks)
      expect(seen.named).toMatchObject({ bridge: 'rg-named0', masquerade: true, internal: false })
      expect(seen.bare).toMatchObject({ masquerade: false })
      expect(seen.small).toMatchObject({ mtu: 1400 })
      expect(seen.inner).toMatchObject({ internal: true })
      const links = JSON.parse(await engine.namespace.run('ip', ['-j', 'link'])) as { ifname: string }[]
      const names = links.map(({ ifname }) => ifname)
      for (const network of Object.values(seen)) if (network?.bridge) expect(names).toContain(network.bridge)
    })

    test('a running container is an endpoint, though the list does not show it; a stopped one is not', async () => {
      await engine.docker(['network', 'create', 'used'])
      await engine.docker(['run', '-d', '--name', 'user', '--network', 'used', 'tools'])
      const list = JSON.parse(await engineRequest(engine, '/networks')) as {
        Name: string
        Containers?: object
      }[]
      expect(list.find(({ Name }) => Name === 'used')?.Containers ?? {}).toEqual({})
      const address = await engine.docker([
        'inspect',
        '-f',
        '{{.NetworkSettings.Networks.used.IPAddress}}',
        'user',
      ])
      expect(byName((await observeEngineSide()).networks).used).toMatchObject({
        endpoints: 1,
        addresses: [address],
      })
      await engine.docker(['stop', '-t', '0', 'user'])
      const { networks, again } = await observeEngineSide()
      expect(byName(networks).used).toMatchObject({ endpoints: 0, addresses: [] })
      expect(byName(again).used).toMatchObject({ endpoints: 0, addresses: [] })
      await engine.docker(['rm', 'user'])
    })

    test('a network created and removed within this second is in the churn, and the window begins with the engine', async () => {
      const id = await engine.docker(['network', 'create', 'wp_01abc_1_default'])
      await engine.docker(['network', 'rm', id])
      const { churn, networks } = await observeEngineSide()
      const about = { name: 'wp_01abc_1_default', owner: 'woodpecker', bridge: `br-${id.slice(0, 12)}` }
      expect(changes(churn).slice(-2)).toMatchObject([
        { what: 'create', ...about },
        { what: 'destroy', ...about },
      ])
      if (!churn.seen) throw new Error(churn.why)
      expect(churn.value.window).toMatchObject({
        from: byName(networks).bridge?.createdAt,
        truncated: false,
      })
    })

    test('after 256 events of any kind, older ones are lost, and the window is truncated', async () => {
      const before = Date.now()
      for (let at = 0; at < 260; at += 1)
        await engineRequest(engine, '/volumes/create', { method: 'POST', body: { Name: `v${at}` } })
      const { churn } = await observeEngineSide()
      if (!churn.seen) throw new Error(churn.why)
      expect(churn.value.changes).toEqual([])
      expect(churn.value.window.truncated).toBe(true)
      expect(churn.value.window.from).toBeGreaterThanOrEqual(before)
    })
  },
  options,
)

/** The networks by name. */
function byName(area: Area<NetworkFact[]>): Record<string, NetworkFact | undefined> {
  if (!area.seen) throw new Error(area.why)
  return Object.fromEntries(area.value.map((network) => [network.name, network]))
}

function changes(area: Area<ChurnFact>): ChurnFact['changes'] {
  if (!area.seen) throw new Error(area.why)
  return area.value.changes
}

/** Queries the engine with a different client than the one under test. */
async function engineRequest(
  engine: Engine,
  path: string,
  { method = 'GET', body }: { method?: string; body?: unknown } = {},
) {
  const { request } = await import('node:http')
  return new Promise<string>((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const asking = request({ socketPath: engine.socket, path, method, headers }, async (response) => {
      let text = ''
      for await (const chunk of response) text += chunk
      resolve(text)
    })
    asking.on('error', reject)
    asking.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
