import { afterEach, expect, test } from 'vitest'
import type { Engine } from '../support/engine.ts'
import { docker29Iptables, type EngineKind, suiteForEngines } from '../support/engines.ts'
import { makeNetworkNamespace } from '../support/network-namespace.ts'
import { runOnHost } from '../support/run-runner.ts'

const limits = { timeout: 120_000 }

let engine: Engine | undefined
afterEach(async () => {
  await engine?.stop()
  engine = undefined
}, 120_000)

/** An engine behind an uplink with MTU 1400, with the network of a CI job. */
async function behindUplink(kind: EngineKind, flags: string[] = []): Promise<Engine> {
  const namespace = await makeNetworkNamespace()
  for (const command of [
    'link add eth0 mtu 1400 type veth peer name far0',
    'addr add 192.0.2.20/24 dev eth0',
    'link set far0 up',
    'link set eth0 up',
    'route add default via 192.0.2.1',
  ])
    await namespace.run('ip', command.split(' '))
  engine = await kind.start({ namespace, flags })
  await engine.docker(['network', 'create', 'wp_1_0_default'])
  return engine
}

suiteForEngines('an engine behind an uplink with MTU 1400', (kind) => {
  test('has one cause, which names its networks; a clamp in both directions ends it', limits, async () => {
    const { namespace, docker, ...rest } = await behindUplink(kind)
    await docker(['network', 'create', '-o', 'com.docker.network.driver.mtu=1400', 'fits'])
    const run = () => runOnHost({ namespace, ...rest })
    const { causes, log } = await run()
    expect(causes).toEqual(['docker-mtu-exceeds-uplink'])
    expect(log).toContain('2 networks of Docker have more: bridge, wp_1_0_default')
    const clamp = '-p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu'.split(' ')
    await namespace.run('iptables', ['-t', 'mangle', '-A', 'FORWARD', '-o', 'eth0', ...clamp])
    expect((await run()).causes).toEqual(['docker-mtu-exceeds-uplink'])
    await namespace.run('iptables', ['-t', 'mangle', '-A', 'FORWARD', '-i', 'eth0', ...clamp])
    expect((await run()).causes).toEqual([])
  })
})

const kinds = [docker29Iptables]

suiteForEngines(
  'the MTU in daemon.json, behind an uplink with MTU 1400',
  (kind) => {
    const start = (...flags: string[]) => behindUplink(kind, flags)

    test('with “mtu” alone still has the network of the job', limits, async () => {
      const { causes, log } = await runOnHost(await start('--mtu=1400'))
      expect(causes).toEqual(['docker-mtu-exceeds-uplink'])
      expect(log).toContain('1 network of Docker has more: wp_1_0_default')
    })

    test('with the settings that the advice names has no cause', limits, async () => {
      const options = ['--default-network-opt', 'bridge=com.docker.network.driver.mtu=1400']
      expect((await runOnHost(await start('--mtu=1400', ...options))).causes).toEqual([])
    })
  },
  { kinds },
)
