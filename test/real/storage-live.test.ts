import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { multiPlatform } from '../../src/fake-registry/images/images.ts'
import type { Report } from '../../src/report/schema.ts'
import { push } from '../support/push.ts'
import { generations } from '../support/real-generations.ts'
import type { RealRegistry } from '../support/real-registry.ts'
import { runCli } from '../support/run-cli.ts'

const scans = 8
const repositories = ['infra/ci', 'team/app']

/**
 * A registry that is pushed to all the time: new images, new repositories and tags that move. Whatever a scan meets half-written, nothing
 * is damaged.
 */
for (const generation of generations)
  generation.suite()(`a storage that ${generation.name} writes to while it is scanned`, () => {
    let registry: RealRegistry
    let work: string
    let pushes = 0
    let pushing: Promise<void>
    let isOver = false

    const pushOne = async () => {
      pushes += 1
      const { contents } = multiPlatform({ seed: `live ${pushes}` })
      const repository = pushes % 5 === 0 ? `new/app${pushes}` : (repositories[pushes % 2] ?? '')
      await push(registry.host, repository, contents, { tag: pushes % 3 === 0 ? `v${pushes}` : 'latest' })
    }

    beforeAll(async () => {
      work = await mkdtemp(join(tmpdir(), 'regguard-live-'))
      registry = await generation.start()
      for (let at = 0; at < 6; at += 1) await pushOne()
      pushing = (async () => {
        while (!isOver) await pushOne()
      })()
    })
    afterAll(async () => {
      isOver = true
      await pushing
      await registry?.stop()
      await rm(work, { recursive: true, force: true })
    })

    test('has no damage in any scan', { timeout: 240_000 }, async () => {
      const before = pushes
      for (let at = 0; at < scans; at += 1) {
        // A process of its own, so that pushes go on while it reads.
        const json = join(work, 'report.json')
        const run = await runCli(
          ['scan', registry.root, '--delete_untagged', 'false', '--report_json', json],
          { env: { PLUGIN_CHECKS: 'storage' } },
        )
        const { causes, storage }: Report = JSON.parse(await readFile(json, 'utf8'))
        // What is too busy to be judged is said to be; notes say that a push goes on.
        const found = causes.filter(
          ({ id, severity }) => severity !== 'note' && id !== 'storage-not-readable',
        )
        expect({ found, all: run.all }).toEqual({ found: [], all: run.all })
        expect(storage?.images).toMatchObject({ broken: [], more: 0 })
      }
      expect(pushes).toBeGreaterThan(before)
    })
  })
