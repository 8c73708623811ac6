import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commandsOfAdvice } from '../advice/commands.ts'
import type { Engine } from '../support/engine.ts'
import { type EngineKind, suiteForEngines } from '../support/engines.ts'
import { findProgram } from '../support/need.ts'
import { startProgram } from '../support/program.ts'
import { type RunnerRun, runOnHost } from '../support/run-runner.ts'
import { importToolImage, toolPrograms } from '../support/tool-image.ts'
import { until } from '../support/until.ts'

const adviceOf = ({ report }: RunnerRun, id: string) =>
  report.causes.find((cause) => cause.id === id)?.advice ?? `no cause ${id}`

suiteForEngines(
  'states of a host that break networks, and the commands that the findings give',
  (kind) => {
    let engine: Engine
    beforeAll(async () => {
      engine = await kind.start()
      await importToolImage(engine)
      await engine.docker(['network', 'create', '--subnet=172.29.0.0/24', 'one'])
    }, 120_000)
    afterAll(() => engine?.stop(), 120_000)
    const shell = (command: string) => engine.namespace.run('sh', ['-c', command])
    const bridge = async (name: string) =>
      `br-${(await engine.docker(['network', 'ls', '-q', '--no-trunc', `--filter=name=^${name}$`])).slice(0, 12)}`

    test.each(bridgeRows(kind))(
      'a bridge %s: an error, and its command heals it',
      async (_sentence, command) => {
        await shell(command(await bridge('one')))
        // A network that was made a moment ago is not judged.
        const run = await until('regguard reports a cause', async () => {
          const one = await runOnHost(engine)
          return one.causes.length > 0 ? one : undefined
        })
        expect([run.exitCode, run.causes[0]]).toEqual([1, 'docker-bridge-unusable'])
        await shell(commandsOfAdvice(adviceOf(run, 'docker-bridge-unusable')).join(' && '))
        expect(await runOnHost(engine)).toMatchObject({ exitCode: 0, causes: [] })
      },
      120_000,
    )

    test('a port that a docker-proxy still holds, and links that are left', async () => {
      await engine.docker(['run', '-d', '--name=published', '--publish=18081:80', 'tools', 'sleep', '600'])
      const program = findProgram('docker-proxy') ?? ''
      const flags =
        '-proto tcp -host-ip 127.0.0.1 -host-port 18080 -container-ip 172.29.0.99 -container-port 80'
      const proxy = await startProgram(
        ['nsenter', `--net=${engine.namespace.path}`, 'sh', '-c', `exec ${program} ${flags} 3> /dev/null`],
        { name: 'docker-proxy', ready: async () => (await shell('ss -Hltn sport = :18080')) !== '' },
      )
      const names = Array.from({ length: 20 }, (_, at) => `vetha0b1c${at.toString(16).padStart(2, '0')}`)
      try {
        for (const name of names.slice(0, 10)) await shell(`ip link add ${name} type veth peer name p${name}`)
        for (const name of names.slice(10))
          await shell(
            `ip link add ${name} type veth peer name p${name} && ip link set ${name} master docker0`,
          )
        // An engine may be about to give a new link to a container.
        await new Promise((resolve) => setTimeout(resolve, 15_000))
        const run = await runOnHost(engine)
        expect(run.causes).toEqual(['docker-proxy-left', 'dangling-veths'])
        expect(run.log).toContain('127.0.0.1 port 18080/tcp to 172.29.0.99')
        expect(run.log).toContain('20 veth interfaces without a container')
      } finally {
        await proxy.stop()
        for (const name of names) await shell(`ip link delete ${name}`)
        await engine.docker(['rm', '-f', 'published'])
      }
      expect(await runOnHost(engine)).toMatchObject({ exitCode: 0, causes: [] })
    }, 120_000)

    if (kind.backend === 'iptables') describe('rules of iptables', () => onlyIptables(kind, () => engine))

    test('rules restored from a file, and one ordinary network: stale rules, no race', async () => {
      const program = kind.backend === 'nftables' ? ['nft', '-f', '-'] : ['iptables-restore']
      await engine.docker(['network', 'create', 'old'])
      const saved = await shell(kind.backend === 'nftables' ? 'nft list ruleset' : 'iptables-save')
      await engine.docker(['network', 'rm', 'old'])
      if (kind.backend === 'nftables') await shell('nft flush ruleset')
      await execa('nsenter', [`--net=${engine.namespace.path}`, ...program], { input: saved })
      await engine.restart()
      await engine.docker(['network', 'create', 'brief'])
      await engine.docker(['network', 'rm', 'brief'])
      const run = await runOnHost(engine)
      expect([run.exitCode, run.causes]).toEqual([0, []])
      expect(run.report.causes.map(({ id, title }) => [id, title])).toEqual([
        ['iptables-stale-bridge-rule', expect.stringContaining('Stale rules restored from a saved copy')],
      ])
    }, 120_000)

    test('two engines in one namespace are named, and race with nobody', async () => {
      const other = await kind.start({ namespace: { ...engine.namespace, remove: async () => {} } })
      try {
        await other.docker(['network', 'create', 'two'])
        await other.docker(['network', 'create', 'gone'])
        await other.docker(['network', 'rm', 'gone'])
        const first = await runOnHost(engine)
        expect([first.exitCode, first.causes[0]]).toEqual([1, 'second-docker-engine'])
        // What the start of the second one deleted.
        expect(first.report.causes[0]?.findings[0]?.message).toContain(
          kind.version === 20 ? 'no longer isolated' : 'lost rules',
        )
        expect(first.causes).not.toContain('docker-network-rules-missing')
        for (const { causes } of [first, await runOnHost(other)]) {
          expect(causes).toContain('second-docker-engine')
          expect(causes).not.toContain('bridge-churn-race')
        }
      } finally {
        await other.stop()
      }
    }, 120_000)
  },
  { programs: [...toolPrograms, 'docker-proxy'] },
)

/** All on 20.10 and on one backend of 29: what happens to a bridge is nothing to do with the backend. */
function bridgeRows({ version, backend }: EngineKind): [string, (name: string) => string][] {
  if (version === 29 && backend === 'iptables') return []
  return [
    ['down', (name) => `ip link set ${name} down`],
    ['without its address', (name) => `ip address flush dev ${name}`],
    ['both', (name) => `ip address flush dev ${name} && ip link set ${name} down`],
  ]
}

function onlyIptables({ version }: EngineKind, engineOf: () => Engine): void {
  const shell = (command: string) => engineOf().namespace.run('sh', ['-c', command])

  test('DOCKER-USER removed: a true sentence, and Docker works', async () => {
    const engine = engineOf()
    await shell('iptables -D FORWARD -j DOCKER-USER && iptables -F DOCKER-USER && iptables -X DOCKER-USER')
    const run = await runOnHost(engine)
    expect([run.exitCode, run.causes]).toEqual([0, ['docker-chain-missing']])
    await engine.docker(['network', 'create', 'more'])
    // Docker 28 and later create it again only when they start.
    expect((await runOnHost(engine)).causes).toEqual(version === 20 ? [] : ['docker-chain-missing'])
    await engine.docker(['network', 'rm', 'more'])
    await engine.restart()
    expect((await runOnHost(engine)).causes).toEqual([])
  }, 120_000)

  test('what a failed create leaves is deleted in an order that causes no other finding', async () => {
    const engine = engineOf()
    // Docker 29 needs no chain of the table nat for a network.
    await shell(version === 20 ? 'iptables -t nat -F && iptables -t nat -X' : 'iptables -F && iptables -X')
    await expect(engine.docker(['network', 'create', 'failed'])).rejects.toThrow('No chain')
    await engine.restart()
    const run = await runOnHost(engine)
    if (version === 29) {
      // It deletes the bridge again, and leaves the rule that masquerades it.
      expect([run.exitCode, run.causes]).toEqual([0, []])
      expect(run.report.causes.map(({ id }) => id)).toEqual(['iptables-stale-bridge-rule'])
      await shell('iptables -t nat -F')
      await engine.restart()
      return
    }
    expect([run.exitCode, run.causes]).toEqual([0, ['orphan-docker-bridge']])
    const fix = commandsOfAdvice(adviceOf(run, 'orphan-docker-bridge')).at(-1) ?? ''
    expect(fix).toContain('MASQUERADE && ip link delete br-')
    await shell(fix)
    expect((await runOnHost(engine)).report.causes).toEqual([])
    await engine.docker(['network', 'create', 'works'])
    await engine.docker(['network', 'rm', 'works'])
  }, 120_000)
}
