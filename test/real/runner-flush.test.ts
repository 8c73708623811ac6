import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Engine } from '../support/engine.ts'
import { type EngineKind, suiteForEngines } from '../support/engines.ts'
import { runOnHost } from '../support/run-runner.ts'

const nothingLeft = 'no chain and no rule of Docker is left'
const rows = {
  iptables: [
    ['nft flush ruleset', nothingLeft],
    ['iptables -F && iptables -t nat -F', 'the tables filter and nat have no rules of Docker'],
    ['iptables -t nat -F', 'the table nat has no rules of Docker'],
    ['iptables -F', 'the table filter has no rules of Docker'],
    ['iptables -F && iptables -X && iptables -t nat -F && iptables -t nat -X', nothingLeft],
  ],
  nftables: [
    ['nft flush ruleset', nothingLeft],
    ['nft delete table ip docker-bridges', nothingLeft],
    ['nft flush table ip docker-bridges', 'the table docker-bridges has no rules of Docker'],
  ],
}

/** Rows of one backend; those of iptables are all run on 20.10, and two of them on 29. */
const rowsOf = ({ version, backend }: EngineKind) =>
  version === 29 && backend === 'iptables' ? rows.iptables.slice(0, 2) : rows[backend]

suiteForEngines(
  'a packet filter that was flushed under a real engine',
  (kind) => {
    let engine: Engine
    beforeAll(async () => {
      engine = await kind.start()
      for (const name of ['one', 'two', 'gone']) await engine.docker(['network', 'create', name])
      await engine.docker(['network', 'create', '--internal', 'inner'])
      await engine.docker(['network', 'rm', 'gone'])
    }, 120_000)
    afterAll(() => engine?.stop(), 120_000)
    const shell = (command: string) => engine.namespace.run('sh', ['-c', command])

    test('networks of several kinds, created and removed: nothing is wrong', async () => {
      expect(await runOnHost(engine)).toMatchObject({ exitCode: 0, causes: [] })
    }, 120_000)

    test.each(rowsOf(kind))(
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
      await shell(
        kind.backend === 'nftables'
          ? 'nft flush table ip docker-bridges'
          : 'iptables -F && iptables -t nat -F',
      )
      await engine.docker(['network', 'create', 'later'])
      const run = await runOnHost(engine)
      expect([run.exitCode, run.causes]).toEqual([1, ['docker-rules-flushed']])
      expect(run.log).toContain('created since, with rules: later')
    }, 120_000)

    test.runIf(kind.backend === 'nftables').each([
      [
        'one network’s element of the verdict map is deleted',
        `nft delete element ip docker-bridges filter-forward-in-jumps '{ "BRIDGE" }'`,
        1,
      ],
      ['the base chain has no rules', 'nft flush chain ip docker-bridges filter-FORWARD', 2],
    ])(
      '%s: its chains are there, and never reached',
      async (_sentence, command, unreached) => {
        await engine.restart()
        const id = await engine.docker(['network', 'inspect', '--format={{.Id}}', 'one'])
        const bridge = `br-${id.slice(0, 12)}`
        await shell(command.replace('BRIDGE', bridge))
        const run = await runOnHost(engine)
        expect([run.exitCode, run.causes]).toEqual([1, ['networks-not-isolated']])
        const [cause] = run.report.causes
        expect(cause?.title).toContain('Docker’s rules not reached')
        expect(cause?.findings.map(({ message }) => message)).toContain(
          `${bridge}: nothing leads to ${unreached} of its chains`,
        )
      },
      120_000,
    )

    test.runIf(kind.backend === 'nftables')(
      'iptables -F does not touch the tables of Docker’s nftables mode',
      async () => {
        await engine.restart()
        await shell('iptables -F && iptables -X && iptables -t nat -F && iptables -t nat -X')
        expect(await runOnHost(engine)).toMatchObject({ exitCode: 0, causes: [] })
      },
      120_000,
    )

    test('an engine that writes no rules is not flushed', async () => {
      const other = await kind.start({ flags: ['--iptables=false'] })
      try {
        expect(await runOnHost(other)).toMatchObject({ exitCode: 0, causes: [] })
      } finally {
        await other.stop()
      }
    }, 120_000)
  },
  { programs: ['nft'] },
)
