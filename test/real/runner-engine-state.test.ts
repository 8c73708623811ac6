import { afterEach, beforeEach, expect, test } from 'vitest'
import { observeDocker } from '../../src/observe/runner/docker/docker.ts'
import { openEngine } from '../../src/observe/runner/docker/socket.ts'
import { type Engine, enginePrograms, startEngine } from '../support/engine.ts'
import { suiteNeeds } from '../support/need.ts'
import { runOnHost } from '../support/run-runner.ts'
import { importToolImage, toolPrograms } from '../support/tool-image.ts'

suiteNeeds([...enginePrograms, ...toolPrograms])('what an engine tells of itself', () => {
  let engine: Engine
  beforeEach(async () => {
    engine = await startEngine()
  }, 60_000)
  afterEach(() => engine?.stop(), 60_000)
  const forwarding = (value: number) =>
    engine.namespace.run('sh', ['-c', `echo ${value} > /proc/sys/net/ipv4/ip_forward`])

  test('forwarding that something disabled, and enabled again', async () => {
    await forwarding(0)
    const { exitCode, causes } = await runOnHost(engine)
    expect(exitCode).toBe(1)
    expect(causes).toContain('ip-forwarding-off')
    await forwarding(1)
    expect(await runOnHost(engine)).toMatchObject({ exitCode: 0, causes: [] })
  }, 60_000)

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
    const connection = await openEngine({
      ...{ setting: engine.socket, env: {}, uid: 0, signal: new AbortController().signal },
    })
    const { networks } = await observeDocker({ connection, container: 'none', now: Date.now })
    await connection.api?.close()
    if (!networks.seen) throw new Error(networks.why)
    const found = networks.value.map(({ name, containers, endpoints }) => [name, containers, endpoints])
    expect(found).toContainEqual(['used', 1, 0])
    expect(found).toContainEqual(['unused', 0, 0])
  }, 60_000)
})
