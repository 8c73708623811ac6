import { afterAll, beforeAll, expect, test } from 'vitest'
import { collect } from '../../src/facts/queries/storage/forecast/collect.ts'
import { createDryRunReader } from '../../src/facts/queries/storage/forecast/dry-run.ts'
import { allOptions } from '../storage/batch.ts'
import { collectors } from '../storage/collectors.ts'
import type { Files } from '../storage/files.ts'
import { randomRoot } from '../storage/random-root.ts'
import { withRoot } from '../storage/root-on-disk.ts'
import { generations } from '../support/real-generations.ts'
import { openS3Registry, type S3Server, startS3Server, suiteWithS3 } from '../support/s3-server.ts'

const seeds = Array.from({ length: 10 }, (_, at) => 500 + at)
const programs = collectors()

for (const [at, generation] of generations.entries())
  suiteWithS3(generation.suite())(`the forecast and the s3 driver of ${generation.name}`, () => {
    const version = at === 0 ? '2.8' : '3'
    let server: S3Server
    beforeAll(async () => {
      server = await startS3Server()
    })
    afterAll(() => server?.stop())

    test('agree about the dry run of random storages', { timeout: 300_000 }, async () => {
      const disagreements: string[] = []
      for (const seed of seeds) {
        // A bucket has no empty folders.
        const files: Files = new Map(
          Array.from(randomRoot(seed)).filter(([, content]) => content !== undefined),
        )
        for (const [path, content = ''] of files)
          await server.put(`r${seed}/docker/registry/v2/${path}`, content)
        const where = { rootdirectory: `/r${seed}`, serve: false }
        const registry = await openS3Registry(programs[version] ?? '', server, where)
        await withRoot(files, async ({ inventory }) => {
          inventory.driver = 's3'
          for (const options of allOptions.filter((one) => one.version === version)) {
            const flags = options.deleteUntagged ? ['--delete-untagged'] : []
            const dryRun = await registry.garbageCollect('--dry-run', ...flags)
            const stops = collect(inventory, options).aborts.some(
              (one) => one.at === 'mark' || one.at === 'list',
            )
            const reader = createDryRunReader(inventory)
            for (const line of dryRun.output.split('\n')) reader.add(line)
            const compared = reader.compare(options)
            const agrees = stops
              ? dryRun.exitCode !== 0
              : compared.state === 'compared' && compared.onlyDryRun.total + compared.onlyForecast.total === 0
            if (!agrees) disagreements.push(`seed ${seed}, ${flags.join('')}: ${dryRun.output.slice(-300)}`)
          }
        })
        await registry.stop()
      }
      expect(disagreements).toEqual([])
    })
  })
