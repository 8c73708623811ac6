import { stripVTControlCharacters } from 'node:util'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Report } from '../../src/report/schema.ts'
import type { Engine } from '../support/engine.ts'
import { suiteForEngines } from '../support/engines.ts'
import { startOverwriter } from '../support/overwriter.ts'
import { loadPluginImage, pluginImagePrograms, pluginImageTimeout } from '../support/plugin-image.ts'

/** A run of the plugin image with the socket and a snapshot, as one step of a pipeline. */
interface Run {
  exitCode: number
  log: string
  report: Report
}

suiteForEngines(
  'incident C: network churn next to a program that rewrites whole tables',
  (kind) => {
    let engine: Engine
    let image: string
    beforeAll(async () => {
      engine = await kind.start()
      image = await loadPluginImage(engine)
    }, pluginImageTimeout)
    afterAll(() => engine?.stop(), 120_000)

    async function runPlugin(settings: Record<string, string> = {}): Promise<Run> {
      const given = { checks: 'runner', host_snapshot: 'true', report_json: '/dev/stderr', ...settings }
      const id = await engine.docker([
        ...['create', '--user=0:0', `--volume=${engine.socket}:/var/run/docker.sock`, '--env=CI=woodpecker'],
        ...Object.entries(given).map(([name, value]) => `--env=PLUGIN_${name.toUpperCase()}=${value}`),
        image,
      ])
      try {
        const started = await execa('docker', ['-H', `unix://${engine.socket}`, 'start', '--attach', id], {
          reject: false,
        })
        return {
          exitCode: started.exitCode ?? -1,
          log: stripVTControlCharacters(started.stdout),
          report: JSON.parse(started.stderr) as Report,
        }
      } finally {
        await engine.docker(['rm', '-f', id])
      }
    }

    /** Everything that a run must not change: rules, networks, containers, and the links of those that stay. */
    async function state(): Promise<string> {
      const saved = await engine.namespace.run('sh', ['-c', 'iptables-save; nft -s list ruleset'])
      const rules = saved.replaceAll(/^#.*$|\[\d+:\d+\]/gm, '')
      const networks = await engine.docker(['network', 'ls', '--no-trunc'])
      const containers = await engine.docker(['ps', '-a', '--no-trunc', '--format={{.ID}} {{.Image}}'])
      const links = (await engine.namespace.run('ip', ['-o', 'link'])).replaceAll(/<.*/g, '')
      return [rules, networks, containers, links].join('\n')
    }

    test('an undisturbed engine has no finding, and is unchanged afterwards, byte for byte', async () => {
      for (const name of ['kept', 'wp_01hzzz_0_default', 'gone'])
        await engine.docker(['network', 'create', name])
      await engine.docker(['network', 'rm', 'gone'])
      // Docker 29 creates the table raw with the first container and leaves it.
      await engine.docker(['run', '--rm', image, '--version'])
      const before = await state()
      const { exitCode, log, report } = await runPlugin({ require: 'runner' })
      expect([exitCode, report.causes.map(({ id }) => id)]).toEqual([0, []])
      expect(log).toContain('all 9 areas inspected')
      expect(await state()).toBe(before)
    })

    test('the race is named while it happens, with every vanished bridge and every network without rules', async () => {
      const names = (kind: string) => [0, 1, 2, 3].map((at) => `wp_${kind}${at}_0_default`)
      for (const name of names('brief')) await engine.docker(['network', 'create', name])
      const overwriter = await startOverwriter(engine.namespace, { gapMs: 400, pauseMs: 100 })
      try {
        await overwriter.whileItThinks(async () => {
          for (const name of names('kept')) await engine.docker(['network', 'create', name])
          for (const name of names('brief')) await engine.docker(['network', 'rm', name])
        })
        const run = await runPlugin()
        if (kind.backend === 'nftables') {
          // The program rewrites its own tables, and Docker's are others: nothing is lost, and nothing is said to be.
          expect([run.exitCode, run.report.causes.filter(({ severity }) => severity !== 'note')]).toEqual([
            0,
            [],
          ])
          return
        }
        const { deleted, unprotected } = await countedByOthers()
        expect(deleted).not.toEqual([])
        expect(unprotected).not.toEqual([])
        const [cause] = run.report.causes
        expect([run.exitCode, cause?.id, cause?.severity]).toEqual([1, 'bridge-churn-race', 'error'])
        const text = JSON.stringify(cause)
        for (const bridge of [...deleted, ...unprotected]) expect(text).toContain(bridge)
        expect(run.log).toContain(
          'Bridge churn race: Docker and a program that runs iptables-restore overwrite each other',
        )
        expect(run.log).not.toMatch(/iptables["': ]+false/)
        // The findings that the race explains are reported under it, not as causes of their own.
        expect(run.report.causes.filter(({ severity }) => severity === 'error')).toHaveLength(1)
      } finally {
        await overwriter.stop()
      }
    }, 120_000)

    /** The same counts, by other programs. */
    async function countedByOthers() {
      const lines = async (command: string) =>
        (await engine.namespace.run('sh', ['-c', command])).split('\n').filter(Boolean)
      const named = await lines(`iptables-save -t filter | grep -oE 'br-[0-9a-f]{12}' | sort -u`)
      const existing = await lines(`ip -o link | grep -oE 'br-[0-9a-f]{12}' | sort -u`)
      return {
        deleted: named.filter((name) => !existing.includes(name)),
        unprotected: existing.filter((name) => !named.includes(name)),
      }
    }
  },
  { programs: pluginImagePrograms },
)
