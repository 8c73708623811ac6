import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Engine } from '../support/engine.ts'
import { suiteForEngines } from '../support/engines.ts'
import { type Firewalld, firewalldPrograms, startFirewalld } from '../support/firewalld.ts'
import { makeNetworkNamespace, type NetworkNamespace } from '../support/network-namespace.ts'
import { runOnHost } from '../support/run-runner.ts'
import { until } from '../support/until.ts'

suiteForEngines(
  'firewalld beside a real engine',
  (kind) => {
    let namespace: NetworkNamespace
    let firewalld: Firewalld
    let engine: Engine | undefined
    beforeAll(async () => {
      namespace = await makeNetworkNamespace()
      await namespace.run('sh', ['-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'])
      firewalld = await startFirewalld(namespace)
      engine = await kind.start({ namespace, env: firewalld.env })
      for (const name of ['one', 'two', 'gone']) await engine.docker(['network', 'create', name])
      await engine.docker(['network', 'rm', 'gone'])
    }, 100_000)
    afterAll(async () => {
      await firewalld?.stop()
      await (engine?.stop() ?? namespace?.remove())
    }, 120_000)

    const masqueraded = () =>
      kind.backend === 'nftables'
        ? namespace.run('nft', ['list', 'ruleset']).then((text) => text.includes('masquerade'))
        : namespace
            .run('iptables-save', [])
            .then((text) => text.includes('-A POSTROUTING -s 172.17.0.0/16 ! -o docker0'))

    test('after a reload', async () => {
      if (!engine) throw new Error('the engine did not start')
      expect(await runOnHost(engine)).toMatchObject({ exitCode: 0, causes: [] })
      await firewalld.command('--reload')
      await until('Docker has written its rules again', masqueraded)
      const run = await runOnHost(engine)
      // Docker 29 writes every rule again; firewalld does not touch the table of its nftables mode.
      if (kind.version === 29) {
        expect(run).toMatchObject({ exitCode: 0, causes: [] })
        return
      }
      expect([run.exitCode, run.causes]).toEqual([1, ['firewalld-reload-lost-isolation']])
      expect(run.log).toContain('3 networks without isolation')
      expect(run.log).toContain('rules of 1 removed network are back')
      await engine.restart()
      expect((await runOnHost(engine)).causes).not.toContain('firewalld-reload-lost-isolation')
    }, 120_000)
  },
  { programs: firewalldPrograms },
)
