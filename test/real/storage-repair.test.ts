import { mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StoredImage } from '../../src/facts/storage/image.ts'
import type { JudgedStorage } from '../../src/facts/storage/judged.ts'
import type { RepairAction } from '../../src/facts/storage/repair.ts'
import {
  type Content,
  contentsOf,
  type Image,
  index,
  multiPlatform,
} from '../../src/fake-registry/images/images.ts'
import { push } from '../support/push.ts'
import { generations } from '../support/real-generations.ts'
import type { RealRegistry } from '../support/real-registry.ts'
import { skopeoCopyAll } from '../support/skopeo.ts'
import { layoutOf } from '../support/storage/layout.ts'
import { scanRoot, takeSteps } from '../support/storage/scan-root.ts'
import { causeIds, verifyImages } from '../support/verify.ts'

/** An image for two platforms that was pushed, and what is done to the second one. */
interface Victim {
  repository: string
  contents: Content[]
  top: string
  child: Image
  layout: ReturnType<typeof layoutOf>
  host: string
}

interface Row {
  fault: string
  /** What to push instead of an image for two platforms. */
  build?: (seed: string) => { contents: Content[]; child: Image }
  damage: (victim: Victim) => Promise<void>
  outcome: StoredImage['outcome'] | undefined
  actions: RepairAction[]
  /** skopeo copies no index in an index. */
  isNested?: true
}

const layerOf = ({ layers }: Image) => {
  const layer = layers.at(-1)
  if (!layer) throw new Error('an image without layers')
  return layer
}

/** Changes the last byte, in a new file: the registry may have the old one open. */
async function rot(path: string): Promise<void> {
  const bytes = await readFile(path)
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 0xff, bytes.length - 1)
  await writeFile(`${path}.new`, bytes)
  await rename(`${path}.new`, path)
}

const unlinkManifest = ({ layout, repository, child }: Victim) =>
  rm(layout.revisionLink(repository, child.manifest.digest))
const unlinkBlobs = async ({ layout, repository, child }: Victim) => {
  for (const { digest } of child.blobs) await rm(layout.layerLink(repository, digest))
}

const rows: Row[] = [
  {
    fault: 'the revision link of a child is lost',
    damage: unlinkManifest,
    outcome: 'restore',
    actions: ['put-manifest'],
  },
  {
    fault: 'the links of a child and of its blobs are lost, and another repository has the blobs',
    damage: async (victim) => {
      await push(victim.host, `${victim.repository}-copy`, victim.contents, { tag: '1' })
      await unlinkManifest(victim)
      await unlinkBlobs(victim)
    },
    outcome: 'restore',
    actions: ['mount-blob', 'mount-blob', 'mount-blob', 'put-manifest'],
  },
  {
    fault: 'the links of a child and of its blobs are lost, and no other repository has the blobs',
    damage: async (victim) => {
      await unlinkManifest(victim)
      await unlinkBlobs(victim)
    },
    outcome: 'restore',
    actions: ['upload-blob', 'upload-blob', 'upload-blob', 'put-manifest'],
  },
  {
    fault: 'the revision link of the index is lost',
    damage: ({ layout, repository, top }) => rm(layout.revisionLink(repository, top)),
    outcome: 'restore',
    actions: ['put-manifest'],
  },
  {
    fault: 'the links of a nested index and of its image are lost',
    build: (seed) => {
      const {
        images: [first, second],
      } = multiPlatform({ seed })
      if (!first || !second) throw new Error('two images were asked for')
      return { contents: contentsOf(index([index([second]), first])), child: second }
    },
    damage: async (victim) => {
      await unlinkManifest(victim)
      const nested = victim.contents.find(
        ({ kind, bytes }) => kind === 'manifest' && `${bytes}`.includes('"manifests"'),
      )
      await rm(victim.layout.revisionLink(victim.repository, nested?.digest ?? ''))
    },
    outcome: 'restore',
    actions: ['put-manifest', 'put-manifest'],
    isNested: true,
  },
  {
    fault: 'the revision link of a child is empty',
    damage: ({ layout, repository, child }) =>
      writeFile(layout.revisionLink(repository, child.manifest.digest), ''),
    outcome: 'restore',
    actions: ['put-manifest'],
  },
  {
    fault: 'the revision link of a child names another manifest',
    damage: ({ layout, repository, child, top }) =>
      writeFile(layout.revisionLink(repository, child.manifest.digest), top),
    outcome: 'restore',
    actions: ['put-manifest', 'restart-again'],
  },
  {
    fault: 'the link of a layer is empty',
    damage: ({ layout, repository, child }) =>
      writeFile(layout.layerLink(repository, layerOf(child).digest), ''),
    outcome: 'restore',
    actions: ['upload-blob'],
  },
  {
    fault: 'the link of the tag is empty',
    damage: ({ layout, repository }) => writeFile(layout.tagLink(repository, '1'), ''),
    outcome: undefined,
    actions: ['put-tag'],
  },
  {
    fault: 'the tag has no current link',
    damage: ({ layout, repository }) => rm(layout.tagLink(repository, '1')),
    outcome: undefined,
    actions: ['put-tag'],
  },
  {
    fault: 'the data of a configuration is gone',
    damage: ({ layout, child }) => rm(layout.data(child.config.digest)),
    outcome: 'rebuild',
    actions: ['restart', 'push-again'],
  },
  {
    fault: 'a layer is truncated',
    damage: ({ layout, child }) => truncate(layout.data(layerOf(child).digest), 100),
    outcome: 'rebuild',
    actions: ['move-away', 'restart', 'push-again'],
  },
  {
    fault: 'a layer is cut to nothing, and one that is unlinked is whole',
    damage: async ({ layout, repository, child }) => {
      await truncate(layout.data(layerOf(child).digest), 0)
      await rm(layout.layerLink(repository, child.config.digest))
    },
    outcome: 'rebuild',
    actions: ['move-away', 'restart', 'push-again'],
  },
  {
    fault: 'a layer rots and keeps its size',
    damage: ({ layout, child }) => rot(layout.data(layerOf(child).digest)),
    outcome: 'rebuild',
    actions: ['move-away', 'restart', 'push-again'],
  },
  {
    fault: 'a child rots and keeps its size',
    damage: ({ layout, child }) => rot(layout.data(child.manifest.digest)),
    outcome: 'rebuild',
    actions: ['move-away', 'restart', 'push-again'],
  },
  {
    fault: 'the data of a child is gone',
    damage: ({ layout, child }) => rm(layout.data(child.manifest.digest)),
    outcome: 'rebuild',
    actions: ['restart', 'push-again'],
  },
  {
    fault: 'the manifest of a child is truncated',
    damage: ({ layout, child }) => truncate(layout.data(child.manifest.digest), 100),
    outcome: 'rebuild',
    actions: ['move-away', 'restart', 'push-again'],
  },
  {
    fault: 'a layer of one image is gone, and the link of the other is lost',
    build: (seed) => {
      const { images, contents } = multiPlatform({ seed })
      const [first, second] = images
      if (!first || !second) throw new Error('two images were asked for')
      return { contents, child: second }
    },
    damage: async (victim) => {
      const { layout, contents, child } = victim
      await unlinkManifest(victim)
      const other = contents.find(
        ({ kind, digest }) => kind === 'blob' && !child.blobs.some((blob) => blob.digest === digest),
      )
      await rm(layout.data(other?.digest ?? ''))
    },
    outcome: 'restore-platforms',
    actions: ['restart', 'put-manifest', 'push-again'],
  },
]

const stepsFor = ({ repair }: JudgedStorage, name: string) =>
  repair.steps.filter(({ images }) => images.includes(name))

for (const generation of generations) {
  generation.suite(['skopeo', 'curl'])(`the repair plan on ${generation.name}`, () => {
    let registry: RealRegistry
    let before: JudgedStorage
    const victims = new Map<Row, Victim>()
    const nameOf = (row: Row) => `row${rows.indexOf(row)}`

    beforeAll(async () => {
      registry = await generation.start()
      const layout = layoutOf(registry.root)
      const { host } = registry
      for (const row of rows) {
        const repository = nameOf(row)
        const built = row.build?.(repository) ?? twoPlatforms(repository)
        await push(host, repository, built.contents, { tag: '1' })
        // Fills the cache, as a push followed by a pull does.
        expect(causeIds(await verifyImages([`${host}/${repository}:1`]))).toEqual([])
        const victim = { ...built, repository, layout, host, top: built.contents.at(-1)?.digest ?? '' }
        victims.set(row, victim)
      }
      for (const [row, victim] of victims) await row.damage(victim)
      before = await scanRoot(registry.root)
    }, 120_000)
    afterAll(() => registry?.stop())

    test.each(rows)('is judged: $fault', (row) => {
      const image = before.images.broken.find(({ repository }) => repository === nameOf(row))
      expect(image?.outcome).toBe(row.outcome)
      expect(
        stepsFor(before, `${nameOf(row)}:1`)
          .map(({ action }) => action)
          .toSorted(),
      ).toEqual(row.actions.toSorted())
    })

    test('everything else is whole', () => {
      const repositories = new Set(before.images.broken.map(({ repository }) => repository))
      expect([...repositories].filter((name) => !/^row\d+$/.test(name))).toEqual([])
    })

    describe('after its commands', () => {
      beforeAll(async () => {
        await takeSteps(before.repair.steps, registry)
      }, 120_000)

      const pull = async (row: Row) => {
        if (row.isNested) {
          const settings = { depth: 'full' }
          const report = await verifyImages([`${registry.host}/${nameOf(row)}:1`], { settings })
          return report.exitCode === 0 ? 'pulled' : causeIds(report).join()
        }
        const directory = await mkdtemp(join(tmpdir(), 'regguard-pull-'))
        const { ok, stderr } = await skopeoCopyAll(`${registry.host}/${nameOf(row)}:1`, directory)
        await rm(directory, { recursive: true, force: true })
        return ok ? 'pulled' : stderr
      }
      const isRestored = ({ outcome }: Row) => outcome === 'restore' || outcome === undefined

      test.each(rows.filter(isRestored))('skopeo pulls: $fault', async (row) => {
        expect(await pull(row)).toBe('pulled')
      })

      test.each(rows.filter((row) => !isRestored(row)))(
        'it is pulled after a push that skips what exists: $fault',
        async (row) => {
          expect(await pull(row)).not.toBe('pulled')
          const { repository, contents } = victims.get(row) ?? { repository: '', contents: [] }
          await push(registry.host, repository, contents, { tag: '1', skipExisting: true })
          expect(await pull(row)).toBe('pulled')
        },
      )

      test('a second scan finds nothing to repair', async () => {
        const { images, faults, repair } = await scanRoot(registry.root)
        expect([images.broken, faults.tags.items, faults.links.items, repair.steps]).toEqual([[], [], [], []])
      })
    })
  })
}

function twoPlatforms(seed: string): { contents: Content[]; child: Image } {
  const { images, contents } = multiPlatform({ seed })
  const child = images[1]
  if (!child) throw new Error('two images were asked for')
  return { contents, child }
}
