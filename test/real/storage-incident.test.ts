import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collectors } from '../storage/collectors.ts'
import { registry2 } from '../support/real-generations.ts'
import { runCli } from '../support/run-cli.ts'
import { type StorageRoot, startStorageRoot } from '../support/storage/storage-root.ts'

/**
 * The orphaned index: a daily job removes folders of tags, and on Sunday registry 2.8 collects with --delete-untagged. The scan runs
 * before that.
 */
registry2.suite()('a storage on the day before its garbage collection', () => {
  let storage: StorageRoot
  let config: string
  const program = collectors()['2.8'] ?? ''
  const scan = (...args: string[]) =>
    runCli(['scan', storage.root, '--gc', '2.8', ...args], { env: { PLUGIN_CHECKS: '' } })
  const collect = (...flags: string[]) =>
    execa(program, ['garbage-collect', ...flags, config], { reject: false })

  beforeAll(async () => {
    storage = await startStorageRoot(registry2)
    await storage.pushIndex('infra/ci', 'latest')
    await storage.pushIndex('infra/ci', 'old')
    await storage.stop()
    config = join(storage.root, 'config.yml')
    const settings = { version: '0.1', storage: { filesystem: { rootdirectory: storage.root } } }
    await writeFile(config, JSON.stringify(settings))
    await rm(join(storage.root, 'docker/registry/v2/repositories/infra/ci/_manifests/tags/old'), {
      recursive: true,
    })
  })
  afterAll(() => storage?.remove())

  test('the scan names the tag that will break, why, and the command that prevents it', async () => {
    const { exitCode, all } = await scan('--delete-untagged', 'true')
    expect(exitCode).toBe(1)
    expect(all).toContain(
      'none of its 2 platform images can be pulled after garbage-collect of registry 2.8 with --delete-untagged',
    )
    expect(all).toContain('infra/ci:latest (linux/amd64, linux/arm64)')
    expect(all).toContain('Registry 2.x does not follow an index to its platform images')
    expect(all).toContain('docker exec registry registry garbage-collect /etc/docker/registry/config.yml')
  })

  test('a plain scan, without any setting, warns of the same', async () => {
    const { exitCode, all } = await runCli(['scan', storage.root], { env: { PLUGIN_CHECKS: '' } })
    expect(exitCode).toBe(0)
    expect(all).toContain(
      'garbage-collect of registry 2.8 with --delete-untagged: 1 image would break: infra/ci:latest',
    )
    expect(all).toContain(
      'infra/ci:latest: none of its 2 platform images can be pulled (linux/amd64, linux/arm64)',
    )
    expect(all).toContain('Registry 2.x does not follow an index to its platform images')
    expect(all).toContain('Without it, this storage loses nothing; run it while nothing is pushed:')
    expect(all).toContain('docker exec registry registry garbage-collect /etc/docker/registry/config.yml')
    // Who runs registry 3.x, which follows an index, is not warned.
    const recent = await runCli(['scan', storage.root, '--gc', '3'], { env: { PLUGIN_CHECKS: '' } })
    expect(recent.all).toContain('no problems found')
  })

  test('the dry run of the registry agrees', async () => {
    const { stdout } = await collect('--dry-run', '--delete-untagged')
    const file = join(storage.root, 'dry-run.txt')
    await writeFile(file, stdout)
    const { all } = await scan('--delete-untagged', 'true', '--forecast-check', file)
    expect(all).toMatch(/the dry run agrees with the forecast: \d+ deletions/)
    // It was of another collection than this one.
    const other = await scan('--delete-untagged', 'false', '--forecast-check', file)
    expect(other.all).toContain('The dry run differs from the forecast')
  })

  test('collected without the flag, it is as whole as before; with it, the tag is broken', async () => {
    expect((await collect()).exitCode).toBe(0)
    expect(await scan('--delete-untagged', 'false')).toMatchObject({ exitCode: 0 })
    expect((await collect('--delete-untagged')).exitCode).toBe(0)
    const { exitCode, all } = await scan('--delete-untagged', 'false')
    expect(exitCode).toBe(1)
    expect(all).toContain('Orphaned index: infra/ci:latest')
  })
})
