import { afterAll, beforeAll, expect, test } from 'vitest'
import { observeDocker } from '../../src/observe/runner/docker/docker.ts'
import { openEngine } from '../../src/observe/runner/docker/socket.ts'
import type { Engine } from '../support/engine.ts'
import { suiteForEngines } from '../support/engines.ts'
import { runOnHost } from '../support/run-runner.ts'
import { importToolImage, toolPrograms } from '../support/tool-image.ts'

suiteForEngines(
  'what an engine tells of itself',
  (kind) => {
    let engine: Engine
    beforeAll(async () => {
      engine = await kind.start()
      // A namespace is known to be the engine's by a bridge with a name of its own.
      await engine.docker(['network', 'create', 'one'])
    }, 120_000)
    afterAll(() => engine?.stop(), 120_000)
    const forwarding = (value: number) =>
      engine.namespace.run('sh', ['-c', `echo ${value} > /proc/sys/net/ipv4/ip_forward`])

    async function observe() {
      const connection = await openEngine({
        ...{ setting: engine.socket, env: {}, uid: 0, signal: new AbortController().signal },
      })
      const { engine: about, networks } = await observeDocker({
        ...{ connection, container: 'none', now: Date.now },
      })
      await connection.api?.close()
      if (!networks.seen || !about.seen) throw new Error('the engine does not answer')
      return { engine: about.value, networks: networks.value }
    }

    test('forwarding that something disabled, and enabled again', async () => {
      await forwarding(0)
      try {
        // Docker 29 tells what it found when it started.
        expect((await observe()).engine.forwards).toBe(kind.version === 29)
        const { exitCode, causes } = await runOnHost(engine)
        expect([exitCode, causes]).toEqual([1, ['ip-forwarding-off']])
      } finally {
        // Docker does not start with nftables where it is disabled.
        await forwarding(1)
      }
      expect(await runOnHost(engine)).toMatchObject({ exitCode: 0, causes: [] })
    }, 120_000)

    test('a daemon that was killed, and one that hangs', async () => {
      engine.freeze()
      const hanging = await runOnHost(engine)
      expect([hanging.exitCode, hanging.causes[0]]).toEqual([1, 'docker-not-answering'])
      expect(hanging.log).toContain('Docker hangs')
      engine.thaw()
      await engine.kill()
      const ended = await runOnHost(engine)
      expect([ended.exitCode, ended.causes[0]]).toEqual([1, 'docker-not-answering'])
      expect(ended.log).toContain('Docker is not running')
      expect(ended.log).not.toContain('Mount the engine')
      await engine.restart()
      expect(await runOnHost(engine)).toMatchObject({ exitCode: 0, causes: [] })
    }, 120_000)

    test('containers of a network are counted, stopped ones too', async () => {
      await importToolImage(engine)
      for (const name of ['used', 'unused']) await engine.docker(['network', 'create', name])
      await engine.docker(['create', '--network=used', 'tools'])
      const { networks } = await observe()
      const found = networks.map(({ name, containers, endpoints }) => [name, containers, endpoints])
      expect(found).toContainEqual(['used', 1, 0])
      expect(found).toContainEqual(['unused', 0, 0])
    }, 120_000)
  },
  { programs: toolPrograms },
)
