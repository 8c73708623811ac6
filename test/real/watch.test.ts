import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { contentsOf, type Index, image, index, layer } from '../../src/fake-registry/images/images.ts'
import { findProgram } from '../support/need.ts'
import { type Program, startProgram, statusOf } from '../support/program.ts'
import { push } from '../support/push.ts'
import { generations } from '../support/real-generations.ts'
import { freePort, type RealRegistry } from '../support/real-registry.ts'
import { runCli } from '../support/run-cli.ts'
import { until } from '../support/until.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const names = ['infra/ci', 'team/app', 'team/tool']
const tags = ['1.0', '1.1']

const imageOf = (name: string) =>
  image(name.endsWith('a') ? 'linux/amd64' : 'linux/arm64', { layers: [layer({ name })] })
const indexOf = (name: string): Index => index([imageOf(`${name} a`), imageOf(`${name} b`)])

for (const generation of generations) {
  generation.suite(['promtool'])(`a watch of ${generation.name}`, () => {
    let registry: RealRegistry
    let folder: string
    let watch: Program | undefined
    let address: string

    const pushTag = (name: string, tag: string) =>
      push(registry.host, name, contentsOf(indexOf(`${name}:${tag}`)), { tag })

    beforeAll(async () => {
      registry = await generation.start({ config: { log: { accesslog: { disabled: false } } } })
      for (const name of names) for (const tag of tags) await pushTag(name, tag)
    })
    afterAll(() => registry?.stop())
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'regguard-watch-'))
    })
    afterEach(async () => {
      await watch?.stop()
      watch = undefined
      await rm(folder, { recursive: true, force: true })
    })

    /** A watch with a run each second, in which half of all blobs are read again. */
    const start = async (more: string[] = []) => {
      address = `127.0.0.1:${await freePort()}`
      const settings = {
        ...{ interval: '1s', reprove: '2s', settle: '100ms', listen: address, state_dir: folder },
      }
      const given = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
      watch = await startProgram([process.execPath, main, 'watch', registry.host, ...given, ...more], {
        name: 'watch',
        ready: async () => (await statusOf(`http://${address}/readyz`)) === 200,
      })
      return watch
    }
    const metrics = async () => (await fetch(`http://${address}/metrics`)).text()
    const value = (text: string, name: string, more = '') => {
      const labels = `registry="${registry.host}"${more}`
      const line = text.split('\n').find((one) => one.startsWith(`${name}{${labels}} `))
      return line === undefined ? undefined : Number(line.split(' ').at(-1))
    }
    const becomes = (name: string, expected: number | undefined, more = '') =>
      until(`${name}${more} ${expected}`, async () => value(await metrics(), name, more) === expected, {
        limitMs: 60_000,
        everyMs: 100,
      })
    const failures = 'registry_manifest_integrity_failures'
    const findings = async () =>
      ((await (await fetch(`http://${address}/findings`)).json()) as Findings).registries[0]?.faults ?? []

    test('asks in steady state for tags, children and a slice of the blobs, and for nothing else', async () => {
      const once = () =>
        runCli(['watch', registry.host, '--once', '--state_dir', folder, '--settle', '0s'], {
          env: { PLUGIN_CHECKS: '' },
        })
      expect((await once()).exitCode).toBe(0)
      const before = registry.log().length
      const { all, exitCode } = await once()
      expect([exitCode, all]).toEqual([0, expect.stringContaining('0 broken, 0 unknown, 0 too old')])
      const asked = registry
        .log()
        .slice(before)
        .split('\n')
        .flatMap((line) => {
          const [, method, what] =
            /^127\.0\.0\.1 .*"(GET|HEAD) \/v2\/.*?\/?(manifests|blobs|tags|_catalog)/.exec(line) ?? []
          return method === undefined ? [] : [`${method} ${what}`]
        })
      const blobs = names.length * tags.length * 4
      expect(
        Object.fromEntries([...Map.groupBy(asked, (one) => one)].map(([one, all]) => [one, all.length])),
      ).toEqual({
        'GET tags': names.length,
        'HEAD manifests': names.length * tags.length * 3,
        'GET blobs': Math.ceil(blobs / 24),
      })
    })

    test('names what a damaged storage broke until it is repaired; the metrics are what promtool accepts', async () => {
      await start()
      await becomes(failures, 0)
      const [lost] = imageOf('team/app:1.0 a').layers
      await rm(registry.blobPath(lost?.digest ?? ''))
      await becomes(failures, 1)
      const text = await metrics()
      const checked = await execa(findProgram('promtool') ?? '', ['check', 'metrics'], {
        ...{ input: text, all: true, reject: false },
      })
      expect([checked.exitCode, checked.all]).toEqual([0, ''])
      expect(await findings()).toMatchObject([
        {
          repository: 'team/app',
          id: 'stale-blob-cache',
          digest: lost?.digest,
          tags: ['1.0'],
          severity: 'error',
        },
      ])
      expect(
        value(text, 'regguard_probe_broken_repository', ',repository="team/app",class="stale-blob-cache"'),
      ).toBe(1)
      await registry.restart()
      await pushTag('team/app', '1.0')
      await becomes(failures, 0)
      expect(watch?.output()).toContain('stale-blob-cache is over')
    })

    test('sees what a garbage collection between two runs took, or left alone', async () => {
      await start()
      await becomes(failures, 0)
      const done = await registry.garbageCollect({ deleteUntagged: true })
      expect(done.exitCode).toBe(0)
      const breaks = generation.name.includes('2.8')
      if (breaks) {
        await becomes(failures, names.length * tags.length * 2)
        expect(new Set((await findings()).map(({ id }) => id))).toEqual(new Set(['orphaned-index']))
      } else {
        const runs = async () => value(await metrics(), 'regguard_probe_runs_total', ',outcome="ok"') ?? 0
        const before = await runs()
        await until('three more runs', async () => (await runs()) >= before + 3, { limitMs: 30_000 })
        expect(await findings()).toEqual([])
      }
      await registry.restart()
      for (const name of names) for (const tag of tags) await pushTag(name, tag)
      await becomes(failures, 0)
    })

    test('says nothing of images while the registry is down, and goes on when it is back', async () => {
      await start()
      await becomes(failures, 0)
      const success = 'regguard_probe_last_success_timestamp_seconds'
      await registry.down()
      await becomes('registry_manifest_integrity_catalog_accessible', 0)
      const down = await metrics()
      expect(value(down, failures)).toBeUndefined()
      expect(value(down, 'regguard_probe_unknown', ',reason="connection-refused"')).toBeGreaterThan(0)
      const before = value(down, success) ?? 0
      await registry.up()
      await becomes(failures, 0)
      expect(value(await metrics(), success)).toBeGreaterThan(before)
    })

    // It starts the program five times.
    const slow = { timeout: 120_000 }
    test(
      'killed at any moment it goes on from what it knew, and ended by SIGTERM it saves within 10 s',
      slow,
      async () => {
        const first = await start()
        await becomes(failures, 0)
        const [lost] = imageOf('team/tool:1.1 b').layers
        await rm(registry.blobPath(lost?.digest ?? ''))
        await becomes(failures, 1)
        const [since] = await findings()
        for (let round = 0; round < 3; round += 1) {
          watch?.signal('SIGKILL')
          await until('the end of the watch', () => watch?.ended() !== undefined)
          const again = await start()
          expect(again.output()).not.toContain('read anew')
          expect((await findings())[0]?.brokenSince).toBe(since?.brokenSince)
        }
        expect(first.output()).not.toContain('crashed')
        const at = performance.now()
        watch?.signal('SIGTERM')
        await until('the end of the watch', () => watch?.ended() !== undefined)
        expect([watch?.ended(), performance.now() - at < 10_000]).toEqual([143, true])
        // Neither lock nor draft is left.
        expect(await readdir(folder)).toEqual([expect.stringMatching(/\.jsonl$/)])
        expect(await readFile(join(folder, (await readdir(folder))[0] ?? ''), 'utf8')).toMatch(
          /\{"end":3\}\n$/,
        )
        await registry.restart()
        await pushTag('team/tool', '1.1')
      },
    )

    test('a second instance with the same state skips its runs and says so', async () => {
      await start()
      const second = await runCli(
        ['watch', registry.host, '--once', '--state_dir', folder, '--fail_on', 'error'],
        {
          env: { PLUGIN_CHECKS: '' },
        },
      )
      expect([second.exitCode, second.all]).toEqual([3, expect.stringContaining('with the same state_dir')])
    })
  })
}

type Findings = {
  registries: { faults: { id: string; repository: string; digest: string; brokenSince: string }[] }[]
}
