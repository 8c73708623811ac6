import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { docker29, hasDocker29 } from '../support/docker-29.ts'
import { type Engine, enginePrograms, startEngine } from '../support/engine.ts'
import { suiteNeeds } from '../support/need.ts'
import { runOnHost } from '../support/run-runner.ts'
import { type Suite, suiteWithout } from '../support/suite.ts'

const suite: Suite = hasDocker29
  ? suiteNeeds([...enginePrograms, 'nft'])
  : suiteWithout('needs dockerd 29, docker-proxy, containerd and runc, which .ci/run builds', {
      mustRunInCi: true,
    })

suite('Docker 29', () => {
  describe.each(['iptables', 'nftables'] as const)('with --firewall-backend=%s', (backend) => {
    let engine: Engine
    beforeAll(async () => {
      engine = await startEngine(await docker29(backend))
      for (const name of ['one', 'two', 'gone']) await engine.docker(['network', 'create', name])
      await engine.docker(['network', 'create', '--internal', 'inner'])
      await engine.docker(['network', 'rm', 'gone'])
    }, 60_000)
    afterAll(() => engine?.stop(), 60_000)

    test('networks of several kinds, created and removed: nothing is wrong', async () => {
      expect(await runOnHost(engine)).toMatchObject({ exitCode: 0, causes: [] })
    }, 60_000)

    test('after a flush, one cause, which a restart heals', async () => {
      await engine.namespace.run('nft', ['flush', 'ruleset'])
      const { exitCode, causes } = await runOnHost(engine)
      expect([exitCode, causes[0]]).toEqual([1, 'docker-rules-flushed'])
      await engine.restart()
      expect(await runOnHost(engine)).toMatchObject({ exitCode: 0, causes: [] })
    }, 120_000)
  })
})
