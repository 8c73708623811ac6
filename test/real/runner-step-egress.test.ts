import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Report } from '../../src/report/schema.ts'
import type { Engine } from '../support/engine.ts'
import { docker20, docker29Nftables, suiteForEngines } from '../support/engines.ts'
import { mainProgram } from '../support/main-program.ts'
import { importToolImage, toolPrograms } from '../support/tool-image.ts'

const project = fileURLToPath(new URL('../..', import.meta.url))
const limits = { timeout: 120_000 }

suiteForEngines(
  'the way out of a step, on a host that forwards and on one that does not',
  (kind) => {
    let engine: Engine
    beforeAll(async () => {
      engine = await kind.start()
      await importToolImage(engine)
      await engine.docker(['network', 'create', '--internal', 'inside'])
    }, 120_000)
    afterAll(() => engine?.stop(), 120_000)

    const forwarding = (value: number) =>
      engine.namespace.run('sh', ['-c', `echo ${value} > /proc/sys/net/ipv4/ip_forward`])

    /** Inspects the runner from inside a container, whose resolver is beyond the host. */
    async function inStep(...flags: string[]) {
      const run = await execa(
        'docker',
        [
          ...['-H', `unix://${engine.socket}`, 'run', '--rm', '--dns=192.0.2.53', ...flags],
          ...[
            '--volume',
            `${project}:/app:ro`,
            '--env=PLUGIN_CHECKS=runner',
            '--env=PLUGIN_RUNNER_WINDOW=0s',
          ],
          ...['--env=PLUGIN_REPORT_JSON=/dev/stderr', 'tools', 'node', `/app/${mainProgram}`],
        ],
        { reject: false },
      )
      // The client of 20.10 warns before that, where the engine does not forward.
      const { causes } = JSON.parse(run.stderr.slice(run.stderr.indexOf('{'))) as Report
      const ids = causes.filter(({ severity }) => severity === 'error').map(({ id }) => id)
      return { exitCode: run.exitCode, errors: ids, log: stripVTControlCharacters(run.stdout) }
    }
    const socket = () => `--volume=${engine.socket}:/var/run/docker.sock`

    test('a host that forwards: no finding, though it has no route to the resolver', limits, async () => {
      expect(await inStep()).toMatchObject({ exitCode: 0, errors: [] })
      expect(await inStep(socket())).toMatchObject({ exitCode: 0, errors: [] })
    })

    test('a host that does not forward: an error from inside, and with the socket', limits, async () => {
      await forwarding(0)
      try {
        const { exitCode, errors, log } = await inStep()
        expect([exitCode, errors]).toEqual([1, ['step-no-egress']])
        expect(log).toContain('the host at 172.17.0.1 answers pings, and does not forward packets')
        // Docker 29 tells what it found when it started.
        expect(await inStep(socket())).toMatchObject({
          ...{ exitCode: 1, errors: [kind.version === 20 ? 'ip-forwarding-off' : 'step-no-egress'] },
        })
        for (const network of ['none', 'inside'])
          expect((await inStep(`--network=${network}`)).errors, network).toEqual([])
      } finally {
        await forwarding(1)
      }
    })
  },
  { programs: toolPrograms, kinds: [docker20, docker29Nftables] },
)
