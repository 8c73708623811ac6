import { afterEach, beforeEach, expect, test } from 'vitest'
import { docker29, hasDocker29 } from '../support/docker-29.ts'
import { type Engine, type EngineOptions, enginePrograms, startEngine } from '../support/engine.ts'
import { type Firewalld, firewalldPrograms, startFirewalld } from '../support/firewalld.ts'
import { suiteNeeds } from '../support/need.ts'
import { makeNetworkNamespace, type NetworkNamespace } from '../support/network-namespace.ts'
import { runOnHost } from '../support/run-runner.ts'
import { until } from '../support/until.ts'

suiteNeeds([...enginePrograms, ...firewalldPrograms])('firewalld beside a real engine', () => {
  let namespace: NetworkNamespace
  let firewalld: Firewalld
  let engine: Engine | undefined
  beforeEach(async () => {
    namespace = await makeNetworkNamespace()
    await namespace.run('sh', ['-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'])
    firewalld = await startFirewalld(namespace)
  }, 60_000)
  afterEach(async () => {
    await firewalld.stop()
    if (engine) await engine.stop()
    else await namespace.remove()
    engine = undefined
  }, 60_000)

  /** An engine that has had a network which is gone, and whose rules Docker writes again after a reload. */
  async function startedEngine(options: EngineOptions = {}): Promise<Engine> {
    const env = { ...options.env, ...firewalld.env }
    const started = await startEngine({ ...options, namespace, env })
    engine = started
    for (const name of ['one', 'two', 'gone']) await started.docker(['network', 'create', name])
    await started.docker(['network', 'rm', 'gone'])
    return started
  }
  const reload = async (chain: string) => {
    await firewalld.command('--reload')
    await until('Docker has written its rules again', async () =>
      (await namespace.run('iptables-save', [])).includes(`-A POSTROUTING -s 172.17.0.0/16 ! -o ${chain}`),
    )
  }

  test('Docker 20.10 after a reload: isolation is lost, and a restart heals it', async () => {
    const docker = await startedEngine()
    expect(await runOnHost(docker)).toMatchObject({ exitCode: 0, causes: [] })
    await reload('docker0')
    const run = await runOnHost(docker)
    expect([run.exitCode, run.causes]).toEqual([1, ['firewalld-reload-lost-isolation']])
    expect(run.log).toContain('3 networks without isolation')
    expect(run.log).toContain('rules of 1 removed network are back')
    await docker.restart()
    expect((await runOnHost(docker)).causes).not.toContain('firewalld-reload-lost-isolation')
  }, 120_000)

  test.runIf(hasDocker29)(
    'Docker 29 after a reload: nothing is lost',
    async () => {
      const { namespace: unused, ...options } = await docker29('iptables')
      await unused?.remove()
      const docker = await startedEngine(options)
      await reload('docker0')
      expect(await runOnHost(docker)).toMatchObject({ exitCode: 0, causes: [] })
    },
    120_000,
  )
})
