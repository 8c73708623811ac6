import { mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MultiPlatform } from '../../src/fake-registry/images/images.ts'
import { findProgram } from '../support/need.ts'
import { registry2 } from '../support/real-generations.ts'
import { runCli } from '../support/run-cli.ts'
import { type StorageRoot, startStorageRoot } from '../support/storage/storage-root.ts'

registry2.suite(['promtool'])('the metrics of a scan', () => {
  let storage: StorageRoot
  let folder: string
  let made: MultiPlatform
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'regguard-textfile-'))
    storage = await startStorageRoot(registry2)
    made = await storage.pushIndex('infra/ci', 'latest')
    await storage.stop()
  })
  afterAll(async () => {
    await storage?.remove()
    await rm(folder, { recursive: true, force: true })
  })

  const scan = (file: string) =>
    runCli(['scan', storage.root, '--report_prometheus', file], { env: { PLUGIN_CHECKS: '' } })
  const value = (text: string, name: string) => new RegExp(`^${name}\\{.*\\} (\\S+)$`, 'm').exec(text)?.[1]

  test('are what promtool accepts, in a file that everybody may read', async () => {
    const file = join(folder, 'regguard.prom')
    expect((await scan(file)).exitCode).toBe(0)
    const text = await readFile(file, 'utf8')
    const checked = await execa(findProgram('promtool') ?? '', ['check', 'metrics'], {
      ...{ input: text, all: true, reject: false },
    })
    expect([checked.exitCode, checked.all]).toEqual([0, ''])
    expect(value(text, 'regguard_storage_tags')).toBe('1')
    expect(text).toContain(`regguard_storage_tagged_images{storage="${storage.root}",state="whole"} 1\n`)
    for (const gc of ['2.8', '3'])
      expect(text).toContain(
        `regguard_storage_forecast_broken_images{storage="${storage.root}",gc="${gc}",delete_untagged="false"} 0\n`,
      )
    expect((await stat(file)).mode & 0o777).toBe(0o644)
    expect(await readdir(folder)).toEqual(['regguard.prom'])
  })

  test('that cannot be written are an error of their own', async () => {
    const { exitCode, all } = await scan('/nonexistent/regguard.prom')
    expect(exitCode).toBe(2)
    expect(all).toContain('report_prometheus: “/nonexistent/regguard.prom” cannot be written: ENOENT')
  })

  test('count what is broken', async () => {
    const broken = join(folder, 'broken.prom')
    const [layer] = made.images[0]?.layers ?? []
    await rm(storage.registry.blobPath(layer?.digest ?? ''))
    expect((await scan(broken)).exitCode).toBe(1)
    const text = await readFile(broken, 'utf8')
    expect(text).toContain(`regguard_storage_tagged_images{storage="${storage.root}",state="broken"} 1\n`)
    expect(text).toContain(
      `regguard_storage_findings{storage="${storage.root}",id="storage-blob-missing",severity="error"} 1\n`,
    )
    expect(text).toContain(
      `regguard_storage_repository_findings{storage="${storage.root}",repository="infra/ci"} 1\n`,
    )
  })

  test('keep the time of the last success while the storage is gone', async () => {
    const file = join(folder, 'regguard.prom')
    const before = await readFile(file, 'utf8')
    await rename(storage.root, `${storage.root}-away`)
    expect((await scan(file)).exitCode).toBe(3)
    await rename(`${storage.root}-away`, storage.root)
    const after = await readFile(file, 'utf8')
    const success = 'regguard_storage_last_success_timestamp_seconds'
    expect(value(after, success)).toBe(value(before, success))
    expect(value(after, 'regguard_storage_accessible')).toBe('0')
    expect(after).not.toContain('regguard_storage_findings')
  })
})
