import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Area } from '../../src/core/observed.ts'
import { type PortState, portStates } from '../../src/facts/queries/runner/port-state.ts'
import type { PortsFact, RunnerFact } from '../../src/facts/runner.ts'
import type { Engine } from '../support/engine.ts'
import { docker20, docker29Nftables, suiteForEngines } from '../support/engines.ts'
import { type HostService, startClients, startService } from '../support/host-services.ts'
import { makeNetworkNamespace, type NetworkNamespace } from '../support/network-namespace.ts'
import { healthyRunner, without } from '../support/runner-facts.ts'
import { importToolImage, toolPrograms } from '../support/tool-image.ts'

const project = new URL('../..', import.meta.url).pathname
/** How often a state is observed: with 20.10 five times in each of four containers, with 29 once in one. */
let steps: string[]
let runsEach: number

let engine: Engine
let image: string
let sshd: HostService
/** Another machine behind the host's router, with a listener. */
let remote: NetworkNamespace
let router: NetworkNamespace
const remoteAddress = '10.99.3.2'

const host = (program: string, ...args: string[]) => engine.namespace.run(program, args)

/** A plain container as Woodpecker starts it for a step: on the default bridge, and on that of its workflow. */
async function startStep(name: string, network = 'bridge'): Promise<void> {
  await engine.docker(['run', '-d', '--name', name, '--network', network, '-v', `${project}:/app:ro`, image])
}

async function observe(
  step: string,
  runs: number,
  order: string,
  items: string[],
): Promise<Area<PortsFact>[]> {
  const program = ['node', '/app/test/support/observe-ports.ts', String(runs), order, ...items]
  const printed = await engine.docker(['exec', '--user', '65532:65532', step, ...program])
  return printed.split('\n').map((line) => JSON.parse(line))
}

/** The observations of all runs. */
async function observeAll(
  items: string[],
  order: 'at-once' | 'in-turn' = 'at-once',
): Promise<Area<PortsFact>[]> {
  return (await Promise.all(steps.map((step) => observe(step, runsEach, order, items)))).flat()
}

/** The facts of a plain container, which observes only ports. */
function plainRunner(ports: Area<PortsFact>): RunnerFact {
  const runner = healthyRunner()
  without(
    'engine',
    'networks',
    'churn',
    'links',
    'rules',
    'routes',
    'kernel',
    'conntrack',
    'pressure',
  )(runner)
  return { ...runner, ports }
}

const stateOf = (ports: Area<PortsFact>): string =>
  portStates(plainRunner(ports))
    .map(({ state }) => state)
    .join()

/** All of them; a result that differs is printed in full. */
function expectAll(observations: Area<PortsFact>[], state: PortState): void {
  expect(observations).toHaveLength(steps.length * runsEach)
  expect(observations.filter((result) => stateOf(result) !== state)).toEqual([])
}

suiteForEngines(
  'the host, dialled from a plain container',
  (kind) => {
    beforeAll(async () => {
      engine = await kind.start()
      steps = kind.version === 20 ? ['step-1', 'step-2', 'step-3', 'step-4'] : ['step-1']
      runsEach = kind.version === 20 ? 5 : 1
      image = await importToolImage(engine)
      await engine.docker(['network', 'create', 'wp_01m0v4hxyz_0_default'])
      for (const step of steps) {
        await startStep(step)
        await engine.docker(['network', 'connect', 'wp_01m0v4hxyz_0_default', step])
      }
      sshd = await startService(engine.namespace, 22)
      await connectRemote()
    }, 120_000)

    afterAll(async () => {
      await sshd?.stop()
      await engine?.stop()
      await remote?.remove()
      await router?.remove()
    })

    test('open: a listener that sends a greeting, and closed ports that refuse', async () => {
      const observations = await observeAll([':22'])
      expectAll(observations, 'open')
    })

    test('tcp-dropped: TCP is dropped at INPUT, and UDP is not', async () => {
      await host('iptables', '-I', 'INPUT', '-p', 'tcp', '-j', 'DROP')
      const observations = await observeAll([':22']).finally(() =>
        host('iptables', '-D', 'INPUT', '-p', 'tcp', '-j', 'DROP'),
      )
      expectAll(observations, 'tcp-dropped')
    })

    test('rejected: a rule rejects, as in firewalld; the kernel limits its ICMP errors', async () => {
      const rule = ['INPUT', '-p', 'tcp', '-j', 'REJECT', '--reject-with', 'icmp-host-prohibited']
      await host('iptables', '-I', ...rule)
      const observations = await observeAll([':22'], 'in-turn').finally(() => host('iptables', '-D', ...rule))
      expectAll(observations, 'rejected')
    })

    test('backlog-full: the accept queue of a listener is full', async () => {
      const stuck = await startService(engine.namespace, 8080, { backlog: 1 })
      stuck.freeze()
      const clients = await startClients(engine.namespace, 8080, 5)
      const observations = await observeAll([':8080']).finally(async () => {
        await clients.stop()
        await stuck.stop()
      })
      expectAll(observations, 'backlog-full')
    })

    test('starved: sshd is stopped, and the kernel accepts connections for it', async () => {
      sshd.freeze()
      const observations = await observeAll([':22']).finally(() => sshd.thaw())
      expectAll(observations, 'starved')
    })

    test('no-answer: the other host has a container network that covers the addresses of this one', async () => {
      const item = `${remoteAddress}:22`
      const service = await startService(remote, 22)
      try {
        const [before] = await observe('step-1', 1, 'at-once', [item])
        expect(before && stateOf(before)).toBe('open')
        await remote.run('ip', ['link', 'add', 'br-0123456789ab', 'type', 'bridge'])
        await remote.run('ip', ['addr', 'add', '10.99.0.1/20', 'dev', 'br-0123456789ab'])
        await remote.run('ip', ['link', 'set', 'br-0123456789ab', 'up'])
        expect(await remote.run('ip', ['route', 'get', '10.99.2.2'])).toContain('br-0123456789ab')
        const observations = await observeAll([item])
        expectAll(observations, 'no-answer')
      } finally {
        await remote.run('ip', ['link', 'del', 'br-0123456789ab'])
        await service.stop()
      }
    })

    test('no-route: no machine has the address', async () => {
      const observations = await observeAll(['172.17.0.250:22'])
      expectAll(observations, 'no-route')
    })

    test('policy-drop: the policy drops, and a restore of the whole table lost the rule that accepted the port', async () => {
      await host('iptables', '-A', 'INPUT', '-p', 'icmp', '-j', 'ACCEPT')
      await host('iptables', '-P', 'INPUT', 'DROP')
      try {
        await host('iptables', '-I', 'INPUT', '-p', 'tcp', '--dport', '22', '-j', 'ACCEPT')
        const [before] = await observe('step-1', 1, 'at-once', [':22'])
        expect(before && stateOf(before)).toBe('open')
        const race = 'iptables-save -t filter | grep -v "dport 22 " | iptables-restore --wait -T filter'
        await host('sh', '-c', race)
        const observations = await observeAll([':22'])
        expectAll(observations, 'policy-drop')
      } finally {
        await host('iptables', '-P', 'INPUT', 'ACCEPT')
        await host('iptables', '-D', 'INPUT', '-p', 'icmp', '-j', 'ACCEPT')
      }
    })
  },
  { programs: toolPrograms, kinds: [docker20, docker29Nftables] },
)

/** The host's path to another machine: uplink, router, machine; each in its own namespace. */
async function connectRemote(): Promise<void> {
  router = await makeNetworkNamespace()
  remote = await makeNetworkNamespace()
  const link = async (
    [one, oneName, oneAddress]: [NetworkNamespace, string, string],
    [two, twoName, twoAddress]: [NetworkNamespace, string, string],
  ) => {
    await one.run('ip', ['link', 'add', oneName, 'type', 'veth', 'peer', 'name', twoName, 'netns', two.name])
    for (const [space, name, address] of [
      [one, oneName, oneAddress],
      [two, twoName, twoAddress],
    ] as const) {
      await space.run('ip', ['addr', 'add', address, 'dev', name])
      await space.run('ip', ['link', 'set', name, 'up'])
    }
  }
  await link([engine.namespace, 'uplink', '10.99.2.2/24'], [router, 'host', '10.99.2.1/24'])
  await link([router, 'far', '10.99.3.1/24'], [remote, 'uplink', `${remoteAddress}/24`])
  await engine.namespace.run('ip', ['route', 'add', 'default', 'via', '10.99.2.1'])
  await remote.run('ip', ['route', 'add', 'default', 'via', '10.99.3.1'])
  await router.run('sysctl', ['-qw', 'net.ipv4.ip_forward=1'])
}
