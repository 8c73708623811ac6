import { afterAll, beforeAll, expect, test } from 'vitest'
import { generations } from '../support/real-generations.ts'
import { runCli } from '../support/run-cli.ts'
import { type StorageRoot, startStorageRoot } from '../support/storage/storage-root.ts'

for (const generation of generations)
  generation.suite()(`the storage that ${generation.name} wrote`, () => {
    let storage: StorageRoot

    beforeAll(async () => {
      storage = await startStorageRoot(generation)
      for (const tag of ['latest', '1.2']) await storage.pushIndex('infra/ci', tag)
      await storage.pushIndex('team/deep/app', 'latest')
    })
    afterAll(() => storage?.remove())

    test('is counted right, in one line', async () => {
      // Without the setting, a note says what --delete-untagged would do.
      const { exitCode, all } = await runCli(['scan', storage.root, '--delete-untagged', 'false'], {
        env: { PLUGIN_CHECKS: '' },
      })
      expect(all).toContain('2 repositories, 3 tags, 27 blobs')
      expect(exitCode).toBe(0)
      expect(all.split('\n').filter(Boolean)).toHaveLength(3)
    })

    test.each(['docker', 'docker/registry', 'docker/registry/v2'])('is found from %s', async (folder) => {
      const run = await runCli(['scan', `${storage.root}/${folder}`], { env: { PLUGIN_CHECKS: '' } })
      expect([run.exitCode, run.all]).toEqual([0, expect.stringContaining('3 tags')])
    })
  })
