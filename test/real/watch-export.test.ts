import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { multiPlatform } from '../../src/fake-registry/images/images.ts'
import { type EmbeddedRegistry, startRegistry } from '../../src/fake-registry/registry.ts'
import { findProgram, suiteNeeds } from '../support/need.ts'
import { type Program, startProgram, statusOf } from '../support/program.ts'
import { freePort } from '../support/real-registry.ts'
import { runCli } from '../support/run-cli.ts'

let registry: EmbeddedRegistry
let folder: string
let program: Program | undefined
const app = multiPlatform({ seed: 'app' })
beforeEach(async () => {
  registry = await startRegistry()
  registry.store.push('team/app', app.contents, '1.0')
  folder = await mkdtemp(join(tmpdir(), 'regguard-export-'))
})
afterEach(async () => {
  await program?.stop()
  program = undefined
  await registry.close()
  await rm(folder, { recursive: true, force: true })
})

const once = (...more: string[]) =>
  runCli(
    ['watch', registry.host, '--once', '--settle', '0s', '--state_dir', join(folder, 'state'), ...more],
    {
      env: { PLUGIN_CHECKS: '' },
    },
  )
const breakImage = () => registry.store.remove('team/app', app.images[0]?.manifest.digest ?? '')
const shown = async (url: string, name: string) =>
  (await (await fetch(url)).text()).split('\n').filter((line) => line.startsWith(`${name}{`))

suiteNeeds(['prometheus-pushgateway'])('a Pushgateway', () => {
  const start = async () => {
    const address = `127.0.0.1:${await freePort()}`
    const file = findProgram('prometheus-pushgateway') ?? ''
    program = await startProgram([file, `--web.listen-address=${address}`, '--persistence.file='], {
      ready: async () => (await statusOf(`http://${address}/-/ready`)) === 200,
    })
    return `http://${address}`
  }

  test('takes the metrics of each run in place of those of the last', async () => {
    const gateway = await start()
    const failures = () => shown(`${gateway}/metrics`, 'registry_manifest_integrity_failures')
    const labels = `instance="${registry.host}",job="regguard",registry="${registry.host}"`
    expect((await once('--pushgateway', gateway)).all).not.toContain('pushgateway')
    expect(await failures()).toEqual([`registry_manifest_integrity_failures{${labels}} 0`])
    breakImage()
    await once('--pushgateway', gateway)
    expect(await failures()).toEqual([`registry_manifest_integrity_failures{${labels}} 1`])
    expect(await shown(`${gateway}/metrics`, 'regguard_probe_broken_repository')).toHaveLength(1)
    // What is not known any more is not left there.
    await registry.close()
    await once('--pushgateway', gateway)
    expect(await failures()).toEqual([])
    expect(await shown(`${gateway}/metrics`, 'registry_manifest_integrity_catalog_accessible')).toEqual([
      `registry_manifest_integrity_catalog_accessible{${labels}} 0`,
    ])
  })

  test('loses the groups of parts that are gone once there are fewer', async () => {
    const gateway = await start()
    const names = async () => {
      const lines = await shown(`${gateway}/metrics`, 'push_time_seconds')
      return lines.map((line) => /shard="(\d*)"/.exec(line)?.[1] ?? '').toSorted()
    }
    const part = (shard: number, shards: number) => {
      const state = ['--state_dir', join(folder, `state-${shard}-of-${shards}`)]
      return once('--pushgateway', gateway, '--shards', `${shards}`, '--shard', `${shard}`, ...state)
    }
    for (const shard of [0, 1, 2]) await part(shard, 3)
    expect(await names()).toEqual(['0', '1', '2'])
    for (const shard of [0, 1]) await part(shard, 2)
    expect(await names()).toEqual(['0', '1'])
    await once('--pushgateway', gateway)
    expect(await names()).toEqual([''])
  })
})

suiteNeeds(['prometheus-node-exporter'])('the textfile collector of node_exporter', () => {
  test('shows the metrics, and no error', async () => {
    const file = join(folder, 'regguard.prom')
    breakImage()
    await once('--report_prometheus', file)
    expect((await stat(file)).mode & 0o777).toBe(0o644)
    const address = `127.0.0.1:${await freePort()}`
    program = await startProgram(
      [
        findProgram('prometheus-node-exporter') ?? '',
        ...['--collector.disable-defaults', '--collector.textfile'],
        ...[`--collector.textfile.directory=${folder}`, `--web.listen-address=${address}`],
      ],
      { ready: async () => (await statusOf(`http://${address}/metrics`)) === 200 },
    )
    const [text] = await shown(`http://${address}/metrics`, 'registry_manifest_integrity_failures')
    expect(text).toMatch(/ 1$/)
    const all = await (await fetch(`http://${address}/metrics`)).text()
    expect(all).toContain('node_textfile_scrape_error 0\n')
    const written = (await readFile(file, 'utf8')).split('\n').filter((line) => /^re\w+[{ ]/.test(line))
    expect(all.split('\n').filter((line) => /^(?:regguard|registry)_/.test(line))).toHaveLength(
      written.length,
    )
  })
})
