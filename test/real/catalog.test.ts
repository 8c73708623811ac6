import { rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contentsOf, type Image, image, index, layer } from '../../src/fake-registry/images/images.ts'
import { push } from '../support/push.ts'
import { corpusNames, notesBesides, pushCorpus } from '../support/real-corpus.ts'
import { generations, registry2 } from '../support/real-generations.ts'
import type { RealRegistry } from '../support/real-registry.ts'
import { causeIds, verifyCatalog } from '../support/verify.ts'

/** More than the hundred of one page. */
const names = Array.from({ length: 150 }, (_, at) => `team${at % 7}/app${at}`)
const [cut = '', orphaned = '', untagged = ''] = names

const imageOf = (name: string): Image => image('linux/amd64', { layers: [layer({ name })] })

registry2.suite()('the catalog of a real registry with more repositories than fit on a page', () => {
  let written: RealRegistry

  beforeAll(async () => {
    written = await registry2.start()
    for (let at = 0; at < names.length; at += 10) await Promise.all(names.slice(at, at + 10).map(pushOne))
    await pushCorpus(written.host)
  })
  afterAll(() => written?.stop())

  const pushOne = (name: string) => {
    const built = imageOf(name)
    return push(written.host, name, contentsOf(name === orphaned ? index([built]) : built), { tag: '1' })
  }

  /** Verifies everything as served by a registry of this generation with an empty cache. */
  const verified = async (generation: (typeof generations)[number], depth: string) => {
    const registry = await generation.start({ root: written.root })
    const report = await verifyCatalog(registry.host, { settings: { depth } })
    await registry.stop()
    const named = (references: string[]) => references.map((one) => one.replace(`${registry.host}/`, ''))
    return { report, named }
  }

  for (const generation of generations) {
    generation.suite()(`served by ${generation.name}`, () => {
      test.each(['head', 'probe'])('is verified as a whole at depth %s', async (depth) => {
        const { report, named } = await verified(generation, depth)
        expect([report.exitCode, causeIds(report), notesBesides(report)]).toEqual([0, [], []])
        expect(named(report.targets.map(({ reference }) => reference)).toSorted()).toEqual(
          [...names, ...corpusNames].map((name) => `${name}:1`).toSorted(),
        )
      })
    })
  }

  for (const generation of generations) {
    generation.suite()(`served by ${generation.name}, with three of them damaged`, () => {
      beforeAll(async () => {
        const child = imageOf(orphaned).manifest.digest.replace(':', '/')
        await truncate(written.blobPath(imageOf(cut).layers[0]?.digest ?? ''), 10)
        for (const path of [
          join(written.repositoryPath(orphaned), '_manifests/revisions', child),
          join(written.repositoryPath(untagged), '_manifests/tags/1'),
        ])
          await rm(path, { recursive: true, force: true })
      })

      test('reports the two broken images, and the repository that lost its tags', async () => {
        const { report, named } = await verified(generation, 'probe')
        expect([report.exitCode, causeIds(report).toSorted()]).toEqual([
          1,
          ['blob-truncated', 'orphaned-index'],
        ])
        expect(notesBesides(report)).toEqual(['empty-repo'])
        const failed = report.targets.filter(({ status }) => status === 'fail')
        expect(named(failed.map(({ reference }) => reference)).toSorted()).toEqual(
          [`${cut}:1`, `${orphaned}:1`].toSorted(),
        )
      })
    })
  }
})
