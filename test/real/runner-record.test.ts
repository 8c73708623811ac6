import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Report } from '../../src/report/schema.ts'
import type { Engine } from '../support/engine.ts'
import { docker20, docker29Nftables, suiteForEngines } from '../support/engines.ts'
import { type HostService, startService } from '../support/host-services.ts'
import { loadPluginImage, pluginImagePrograms, pluginImageTimeout } from '../support/plugin-image.ts'
import { runCli } from '../support/run-cli.ts'
import { until } from '../support/until.ts'

suiteForEngines(
  'a recording of a runner',
  (kind) => {
    let engine: Engine
    let image: string
    let sshd: HostService
    let directory: string
    beforeAll(async () => {
      engine = await kind.start()
      image = await loadPluginImage(engine)
      sshd = await startService(engine.namespace, 22)
      directory = await mkdtemp(join(tmpdir(), 'regguard-recording-'))
    }, pluginImageTimeout)
    afterAll(async () => {
      await sshd?.stop()
      await engine?.stop()
      for (const path of [directory, `${directory}.json`]) await rm(path, { recursive: true, force: true })
    }, 120_000)

    const nft = (...args: string[]) => engine.namespace.run('nft', args)
    const logOf = async (id: string) => stripVTControlCharacters(await engine.docker(['logs', id]))

    const logHas = (id: string, text: string) =>
      until(`the log contains “${text}”`, async () => (await logOf(id)).includes(text), { limitMs: 60_000 })

    test('keeps the samples before, at and after an outage, and replays to the same finding', async () => {
      const id = await engine.docker([
        ...['run', '-d', '--user=0:0', '--read-only', `--volume=${directory}:/recording`],
        ...['--env=PLUGIN_RECORD=10m', '--env=PLUGIN_RECORD_DIR=/recording', '--env=PLUGIN_LISTENERS=22'],
        ...['--env=CI=woodpecker', '--env=PLUGIN_USERNAME=ci', '--env=PLUGIN_PASSWORD=recorded-never', image],
      ])
      await logHas(id, 'Recording the runner to /recording for 10 min')
      await until('a sample', async () => (await readdir(join(directory, 'samples')).catch(() => []))[0])
      await nft('add table inet outage')
      await nft('add chain inet outage in { type filter hook input priority 0; policy accept; }')
      await nft('add rule inet outage in meta l4proto tcp counter drop')
      await logHas(id, 'Outage: ports of the host do not answer.')
      await nft('delete table inet outage')
      await logHas(id, 'Ports of the host answer again.')
      await engine.docker(['stop', '--time=10', id])
      expect(await engine.docker(['inspect', '--format={{.State.ExitCode}}', id])).toBe('143')
      expect(await logOf(id)).toMatch(
        /RECORDED +\d+ samples in \/recording · outage in \d+ of them, first at/,
      )

      for (const part of ['before', 'at', 'after'])
        expect(await readdir(join(directory, part))).toContain('facts.json')
      const page = await readFile(join(directory, 'index.md'), 'utf8')
      expect(page).toContain('Recording of a runner by regguard')
      expect(page).not.toContain('recorded-never')

      const replayed = await runCli([], {
        env: { PLUGIN_REPLAY: directory, PLUGIN_REPORT_JSON: `${directory}.json` },
      })
      const report = JSON.parse(await readFile(`${directory}.json`, 'utf8')) as Report
      expect([replayed.exitCode, report.causes[0]?.id]).toEqual([1, 'host-tcp-blackhole'])
      expect(report.runner?.from).toBe('recording from plain container')
      const before = await runCli([], { env: { PLUGIN_REPLAY: join(directory, 'before') } })
      expect(before.exitCode).toBe(0)
    }, 120_000)

    test('is refused where it is not a recording, with the name of the setting', async () => {
      const run = await runCli([], { env: { PLUGIN_REPLAY: tmpdir() } })
      expect(run.exitCode).toBe(2)
      expect(run.stdout).toMatch(/settings\.replay.*is not a recording/)
    })

    test('is not started where nothing can be written', async () => {
      const env = { PLUGIN_RECORD: '5s', PLUGIN_RECORD_DIR: '/proc/nowhere' }
      const run = await runCli([], { env })
      expect(run.exitCode).toBe(2)
      expect(run.stdout).toContain('settings.record_dir')
    })
  },
  { programs: pluginImagePrograms, kinds: [docker20, docker29Nftables] },
)
