import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Engine, enginePrograms, startEngine } from '../support/engine.ts'
import { suiteNeeds } from '../support/need.ts'
import { runOnHost } from '../support/run-runner.ts'
import { toolPrograms } from '../support/tool-image.ts'

suiteNeeds([...enginePrograms, ...toolPrograms])(
  'a packet filter that was flushed under a real engine',
  () => {
    let engine: Engine
    beforeAll(async () => {
      engine = await startEngine()
      for (const name of ['one', 'two']) await engine.docker(['network', 'create', name])
    }, 60_000)
    afterAll(() => engine?.stop(), 60_000)
    beforeEach(() => engine.restart(), 60_000)
    const shell = (command: string) => engine.namespace.run('sh', ['-c', command])

    test.each([
      ['nft flush ruleset', 'no chain and no rule of Docker is left'],
      ['iptables -F && iptables -t nat -F', 'the tables filter and nat have no rules of Docker'],
      ['iptables -t nat -F', 'the table nat has no rules of Docker'],
      ['iptables -F', 'the table filter has no rules of Docker'],
      [
        'iptables -F && iptables -X && iptables -t nat -F && iptables -t nat -X',
        'no chain and no rule of Docker',
      ],
    ])(
      '%s: one cause, which a restart of Docker heals',
      async (command, message) => {
        await shell(command)
        const run = await runOnHost(engine)
        expect([run.exitCode, run.causes]).toEqual([1, ['docker-rules-flushed']])
        expect(run.report.causes[0]?.findings[0]?.message).toContain(message)
        await engine.restart()
        expect((await runOnHost(engine)).causes).toEqual([])
      },
      120_000,
    )

    test('networks created after the flush have rules, and hide nothing', async () => {
      await shell('iptables -F && iptables -t nat -F')
      await engine.docker(['network', 'create', 'later'])
      // Docker takes a moment to write rules, so that young networks are not judged.
      const settled = `sleep 11`
      await shell(settled)
      const run = await runOnHost(engine)
      expect([run.exitCode, run.causes]).toEqual([1, ['docker-rules-flushed']])
      expect(run.log).toContain('created since, with rules: later')
      await engine.docker(['network', 'rm', 'later'])
    }, 120_000)

    test('an engine that writes no rules is not flushed', async () => {
      const other = await startEngine({ flags: ['--iptables=false'] })
      try {
        expect(await runOnHost(other)).toMatchObject({ exitCode: 0, causes: [] })
      } finally {
        await other.stop()
      }
    }, 60_000)
  },
)
