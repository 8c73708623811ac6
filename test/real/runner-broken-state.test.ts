import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { commandsOfAdvice } from '../advice/commands.ts'
import { type Engine, enginePrograms, startEngine } from '../support/engine.ts'
import { findProgram, suiteNeeds } from '../support/need.ts'
import { startProgram } from '../support/program.ts'
import { type RunnerRun, runOnHost } from '../support/run-runner.ts'
import { importToolImage, toolPrograms } from '../support/tool-image.ts'

suiteNeeds([...enginePrograms, ...toolPrograms, 'docker-proxy'])(
  'states of a host that break networks, and the commands that the findings give',
  () => {
    let engine: Engine
    beforeEach(async () => {
      engine = await startEngine()
      await engine.docker(['network', 'create', '--subnet=172.29.0.0/24', 'one'])
    }, 60_000)
    afterEach(() => engine?.stop(), 60_000)
    const shell = (command: string) => engine.namespace.run('sh', ['-c', command])
    const bridge = async (name: string) =>
      `br-${(await engine.docker(['network', 'ls', '-q', '--no-trunc', `--filter=name=^${name}$`])).slice(0, 12)}`
    const adviceOf = ({ report }: RunnerRun, id: string) =>
      report.causes.find((cause) => cause.id === id)?.advice ?? `no cause ${id}`

    test.each([
      ['down', (name: string) => `ip link set ${name} down`],
      ['without its address', (name: string) => `ip address flush dev ${name}`],
      ['both', (name: string) => `ip address flush dev ${name} && ip link set ${name} down`],
    ])(
      'a bridge %s: an error, and its command heals it',
      async (_sentence, command) => {
        await shell(command(await bridge('one')))
        const run = await runOnHost(engine)
        expect([run.exitCode, run.causes[0]]).toEqual([1, 'docker-bridge-unusable'])
        await shell(commandsOfAdvice(adviceOf(run, 'docker-bridge-unusable')).join(' && '))
        expect(await runOnHost(engine)).toMatchObject({ exitCode: 0, causes: [] })
      },
      60_000,
    )

    test('what a failed create leaves is deleted in an order that causes no other finding', async () => {
      await shell('iptables -t nat -F && iptables -t nat -X')
      await expect(engine.docker(['network', 'create', 'failed'])).rejects.toThrow('DOCKER')
      await engine.restart()
      const run = await runOnHost(engine)
      expect([run.exitCode, run.causes]).toEqual([0, ['orphan-docker-bridge']])
      const fix = commandsOfAdvice(adviceOf(run, 'orphan-docker-bridge')).at(-1) ?? ''
      expect(fix).toContain('MASQUERADE && ip link delete br-')
      await shell(fix)
      expect((await runOnHost(engine)).report.causes).toEqual([])
      await engine.docker(['network', 'create', 'works'])
    }, 120_000)

    test('two engines in one namespace are named, and race with nobody', async () => {
      const other = await startEngine({ namespace: { ...engine.namespace, remove: async () => {} } })
      try {
        await other.docker(['network', 'create', 'two'])
        await other.docker(['network', 'create', 'gone'])
        await other.docker(['network', 'rm', 'gone'])
        // The start of the second deleted the isolation of the first one's networks.
        const first = await runOnHost(engine)
        expect([first.exitCode, first.causes[0]]).toEqual([1, 'second-docker-engine'])
        for (const each of [engine, other]) {
          const { causes } = await runOnHost(each)
          expect(causes).toContain('second-docker-engine')
          expect(causes).not.toContain('bridge-churn-race')
        }
      } finally {
        await other.stop()
      }
    }, 120_000)

    test('a port that a docker-proxy still holds, and links that are left', async () => {
      await importToolImage(engine)
      await engine.docker(['run', '-d', '--publish=18081:80', 'tools', 'sleep', '600'])
      const program = findProgram('docker-proxy') ?? ''
      const flags =
        '-proto tcp -host-ip 127.0.0.1 -host-port 18080 -container-ip 172.29.0.99 -container-port 80'
      const proxy = await startProgram(
        ['nsenter', `--net=${engine.namespace.path}`, 'sh', '-c', `exec ${program} ${flags} 3> /dev/null`],
        { name: 'docker-proxy', ready: async () => (await shell('ss -Hltn sport = :18080')) !== '' },
      )
      try {
        const names = Array.from({ length: 20 }, (_, at) => `vetha0b1c${at.toString(16).padStart(2, '0')}`)
        for (const name of names.slice(0, 10)) await shell(`ip link add ${name} type veth peer name p${name}`)
        for (const name of names.slice(10))
          await shell(
            `ip link add ${name} type veth peer name p${name} && ip link set ${name} master docker0`,
          )
        await new Promise((resolve) => setTimeout(resolve, 15_000))
        const run = await runOnHost(engine)
        expect(run.causes).toEqual(['docker-proxy-left', 'dangling-veths'])
        expect(run.log).toContain('127.0.0.1 port 18080/tcp to 172.29.0.99')
        expect(run.log).toContain('20 veth interfaces without a container')
        await proxy.stop()
        for (const name of names) await shell(`ip link delete ${name}`)
        expect(await runOnHost(engine)).toMatchObject({ exitCode: 0, causes: [] })
      } finally {
        await proxy.stop()
      }
    }, 120_000)

    test('DOCKER-USER removed: a true sentence, and Docker works', async () => {
      await shell('iptables -D FORWARD -j DOCKER-USER && iptables -F DOCKER-USER && iptables -X DOCKER-USER')
      const run = await runOnHost(engine)
      expect([run.exitCode, run.causes]).toEqual([0, ['docker-chain-missing']])
      await engine.docker(['network', 'create', 'more'])
      expect((await runOnHost(engine)).causes).toEqual([])
    }, 60_000)

    test('rules restored from a file, and one ordinary network: stale rules, no race', async () => {
      await engine.docker(['network', 'create', 'old'])
      const saved = await engine.namespace.run('iptables-save', [])
      await engine.docker(['network', 'rm', 'old'])
      await execa('nsenter', [`--net=${engine.namespace.path}`, 'iptables-restore'], { input: saved })
      await engine.restart()
      await engine.docker(['network', 'create', 'brief'])
      await engine.docker(['network', 'rm', 'brief'])
      const run = await runOnHost(engine)
      expect([run.exitCode, run.causes]).toEqual([0, []])
      expect(run.report.causes.map(({ id, title }) => [id, title])).toEqual([
        ['iptables-stale-bridge-rule', expect.stringContaining('Stale rules restored from a saved copy')],
      ])
    }, 60_000)
  },
)
