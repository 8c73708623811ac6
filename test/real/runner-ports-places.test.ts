import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import shadows from '../../src/checks/runner/docker-subnet-shadows-peer.ts'
import blackhole from '../../src/checks/runner/host-tcp-blackhole.ts'
import type { Area } from '../../src/core/observed.ts'
import { portStates } from '../../src/facts/queries/runner/port-state.ts'
import type { NetworkFact, PortsFact, RunnerFact } from '../../src/facts/runner.ts'
import { type Engine, enginePrograms, startEngine } from '../support/engine.ts'
import { type HostService, startService } from '../support/host-services.ts'
import { suiteNeeds } from '../support/need.ts'
import { makeNetworkNamespace, type NetworkNamespace } from '../support/network-namespace.ts'
import { faultsIn, healthyRunner, seenArea, unseenArea, without } from '../support/runner-facts.ts'
import { importToolImage, toolPrograms } from '../support/tool-image.ts'

const mounted = ['-v', `${new URL('../..', import.meta.url).pathname}:/app:ro`]
const remoteAddress = '10.99.3.2'

let engine: Engine
let image: string
let sshd: HostService
let remote: NetworkNamespace

const host = (...command: [string, ...string[]]) => engine.namespace.run(command[0], command.slice(1))

const user = ['--user', '65532:65532']
const program = (items: string[]) => ['node', '/app/test/support/observe-ports.ts', '1', 'at-once', ...items]

/** What a new container with these options observes; without options, what a container on the default bridge observes. */
async function observe(options: string[], items: string[]): Promise<Area<PortsFact>> {
  const printed =
    options.length === 0
      ? await engine.docker(['exec', ...user, 'step', ...program(items)])
      : await engine.docker(['run', '--rm', ...user, ...options, ...mounted, image, ...program(items)])
  return JSON.parse(printed)
}

function runnerOf(ports: Area<PortsFact>, networks?: NetworkFact[]): RunnerFact {
  const runner = healthyRunner()
  without(
    'engine',
    'churn',
    'links',
    'rules',
    'routes',
    'kernel',
    'conntrack',
    'pressure',
    'programs',
  )(runner)
  return { ...runner, ports, networks: networks ? seenArea(networks) : unseenArea() }
}

const statesIn = (ports: Area<PortsFact>) =>
  portStates(runnerOf(ports)).map(({ state, target, dials }) => [
    state,
    target.address,
    dials.map(({ port }) => port),
  ])

suiteNeeds([...enginePrograms, ...toolPrograms])('places that ports are dialled from', () => {
  const undo: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    engine = await startEngine()
    image = await importToolImage(engine, { files: { 'etc/nsswitch.conf': 'hosts: files dns\n' } })
    await engine.docker(['run', '-d', '--name', 'step', ...mounted, image])
    sshd = await startService(engine.namespace, 22)
    remote = await makeNetworkNamespace()
    await host('ip', 'link', 'add', 'uplink', 'type', 'veth', 'peer', 'name', 'uplink', 'netns', remote.name)
    await host('ip', 'addr', 'add', '10.99.2.2/24', 'dev', 'uplink')
    await host('ip', 'link', 'set', 'uplink', 'up')
    await host('ip', 'route', 'add', 'default', 'via', '10.99.2.1')
    await remote.run('ip', ['link', 'set', 'uplink', 'up'])
    await remote.run('ip', ['addr', 'add', '10.99.2.1/24', 'dev', 'uplink'])
    await remote.run('ip', ['addr', 'add', `${remoteAddress}/32`, 'dev', 'lo'])
  }, 120_000)

  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step()
  })

  afterAll(async () => {
    await sshd?.stop()
    await engine?.stop()
    await remote?.remove()
  })

  test('a network with IPv6: both gateways are the host', async () => {
    await engine.docker(['network', 'create', '--ipv6', '--subnet', 'fd00:77::/64', 'six'])
    const ports = await observe(['--network', 'six'], [':22'])
    expect(statesIn(ports)).toEqual([
      ['open', expect.stringMatching(/^172\.\d+\.0\.1$/), [22]],
      ['open', 'fd00:77::1', [22]],
    ])
    if (!ports.seen) throw new Error(ports.why)
    for (const { ping, canaries } of ports.value.targets) {
      expect(ping).toBe('answered')
      expect(canaries.map(({ result }) => result)).toEqual(['refused', 'refused'])
    }
  })

  test('without a default route nothing is dialled, and the reason is reported', async () => {
    expect(await observe(['--network', 'none'], [])).toEqual({
      seen: false,
      why: expect.stringContaining('no default route'),
      remedies: ['host-snapshot', 'host-network'],
      applies: true,
    })
  })

  test('an internal network has no route out, but its gateway is still the host', async () => {
    await engine.docker(['network', 'create', '--internal', '--subnet', '172.31.0.0/24', 'inside'])
    expect(statesIn(await observe(['--network', 'inside'], [':22']))).toEqual([['open', '172.31.0.1', [22]]])
  })

  test('where ping is not permitted, TCP and UDP distinguish the states', async () => {
    const options = ['--cap-drop', 'NET_RAW', '--sysctl', 'net.ipv4.ping_group_range=1 0']
    const healthy = await observe(options, [':22'])
    expect(statesIn(healthy)).toEqual([['open', '172.17.0.1', [22]]])
    if (healthy.seen) expect(healthy.value.targets[0]).toMatchObject({ ping: 'not possible' })
    await host('iptables', '-I', 'INPUT', '-p', 'tcp', '-j', 'DROP')
    undo.push(() => host('iptables', '-D', 'INPUT', '-p', 'tcp', '-j', 'DROP'))
    expect(statesIn(await observe(options, [':22']))).toEqual([['tcp-dropped', '172.17.0.1', [22]]])
  })

  test('a gateway whose address was removed', async () => {
    await engine.docker([
      'network',
      'create',
      '--subnet',
      '172.30.0.0/24',
      '-o',
      'com.docker.network.bridge.name=rgbare',
      'bare',
    ])
    await host('ip', 'addr', 'flush', 'dev', 'rgbare')
    expect(statesIn(await observe(['--network', 'bare'], [':22']))).toEqual([
      ['no-route', '172.30.0.1', [22]],
    ])
  })

  test('a name has the address that the container resolves', async () => {
    const ports = await observe(
      ['--add-host', 'node.example.com:172.17.0.1', '--dns', '10.99.2.1'],
      ['node.example.com:22', 'nowhere.invalid:22'],
    )
    expect(statesIn(ports)).toEqual([['open', '172.17.0.1', [22]]])
    if (ports.seen)
      expect(ports.value.skipped).toEqual([
        {
          what: 'nowhere.invalid:22',
          why: expect.stringMatching(/the name cannot be resolved \(E[A-Z_]+\)$/),
        },
      ])
  })

  test('a firewall that accepts only the named port is not a fault', async () => {
    await firewall()
    await host('iptables', '-I', 'INPUT', '-p', 'tcp', '--dport', '22', '-j', 'ACCEPT')
    undo.push(() => host('iptables', '-D', 'INPUT', '-p', 'tcp', '--dport', '22', '-j', 'ACCEPT'))
    for (const items of [[':22'], []]) {
      const ports = await observe([], items)
      expect(statesIn(ports)[0]).toEqual(['open', '172.17.0.1', [22]])
      expect(faultsIn(blackhole, runnerOf(ports))).toEqual([])
    }
  })

  test('a firewall that blocks containers is a warning, unless a port must answer', async () => {
    await firewall()
    const severities = async (items: string[]) =>
      faultsIn(blackhole, runnerOf(await observe([], items))).map(({ severity }) => severity)
    expect(await severities([])).toEqual(['warning'])
    expect(await severities([':22'])).toEqual(['error'])
  })

  test('a network of this engine that covers the address of another machine is named, with its bridge', async () => {
    const service = await startService(remote, 22)
    undo.push(service.stop)
    const item = `${remoteAddress}:22`
    expect(statesIn(await observe([], [item]))).toEqual([['open', remoteAddress, [22]]])
    const id = await engine.docker([
      'network',
      'create',
      '--subnet',
      '10.99.3.0/24',
      '--gateway',
      '10.99.3.1',
      'shop_default',
    ])
    undo.push(() => engine.docker(['network', 'rm', 'shop_default']))
    const bridge = `br-${id.slice(0, 12)}`
    const shop: NetworkFact = {
      ...{ id, name: 'shop_default', driver: 'bridge', owner: 'compose', bridge },
      ...{ subnets: ['10.99.3.0/24'], gateways: ['10.99.3.1'], internal: false, masquerade: true },
      ...{ endpoints: 0, addresses: [] },
    }
    const ports = await observe([], [item])
    const runner = runnerOf(ports, [shop])
    expect(portStates(runner).map(({ state }) => state)).toEqual(['no-answer'])
    expect(faultsIn(shadows, runner)).toMatchObject([
      {
        subject: item,
        severity: 'error',
        message: expect.stringContaining(`Docker network shop_default (${bridge}) covers 10.99.3.0/24`),
      },
    ])
  })

  /** Drops everything that no rule accepts, except pings. */
  async function firewall(): Promise<void> {
    await host('iptables', '-A', 'INPUT', '-p', 'icmp', '-j', 'ACCEPT')
    undo.push(() => host('iptables', '-D', 'INPUT', '-p', 'icmp', '-j', 'ACCEPT'))
    await host('iptables', '-P', 'INPUT', 'DROP')
    undo.push(() => host('iptables', '-P', 'INPUT', 'ACCEPT'))
  }
})
