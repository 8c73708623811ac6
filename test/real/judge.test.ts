import { mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  artifact,
  attestation,
  type Content,
  contentsOf,
  emptyConfig,
  type Image,
  image,
  index,
  inlineDescriptorOf,
  layer,
  multiPlatform,
  rewrite,
  type Tree,
} from '../../src/fake-registry/images/images.ts'
import { suiteNeeds } from '../support/need.ts'
import { push } from '../support/push.ts'
import { type RealRegistry, startRealRegistry } from '../support/real-registry.ts'
import { skopeoCopyAll } from '../support/skopeo.ts'
import { causeIds, verifyImages } from '../support/verify.ts'

const amd64 = image('linux/amd64')
const arm64 = image('linux/arm64/v8')

/** Images of every kind that registry 2.8 accepts and skopeo copies; none may have a finding. */
const healthy: Record<string, Content[]> = {
  'one OCI image': contentsOf(amd64),
  'one Docker image': contentsOf(image('linux/amd64', { format: 'docker' })),
  'an OCI index': contentsOf(index([amd64, arm64])),
  'a Docker manifest list': contentsOf(
    index([image('linux/amd64', { format: 'docker' }), image('linux/386', { format: 'docker' })], {
      format: 'docker',
    }),
  ),
  'zstd layers': contentsOf(index([image('linux/amd64', { compression: 'zstd' }), arm64])),
  'uncompressed layers': contentsOf(index([image('linux/amd64', { compression: 'none' })])),
  'attestations with an image config': contentsOf(index([amd64, attestation(amd64, { config: 'image' })])),
  'attestations with the empty config': contentsOf(index([amd64, attestation(amd64, { config: 'empty' })])),
  'shared layers': multiPlatform({ platforms: ['linux/amd64', 'linux/arm64', 'linux/arm/v7'], seed: 'judge' })
    .contents,
  'a layer in each of eight': contentsOf(
    image('linux/amd64', {
      layers: Array.from({ length: 8 }, (_, n) => layer({ [`file${n}`]: `${n}`.repeat(5000) })),
    }),
  ),
  'an artifact with the empty config': contentsOf(artifact()),
  'an embedded empty config': contentsOf(embedded()),
}

type Damage = (registry: RealRegistry, child: Image) => Promise<void>

/** Ways to break the second image of an index on disk, and the finding at depth full. */
const broken: Record<string, { damage: Damage; id: string }> = {
  'a layer is missing': {
    damage: (registry, child) => rm(registry.blobPath(last(child))),
    id: 'stale-blob-cache',
  },
  'a layer is cut': {
    damage: (registry, child) => truncate(registry.blobPath(last(child)), 20),
    id: 'blob-truncated',
  },
  'a layer rots': {
    damage: (registry, child) => replace(registry.blobPath(last(child)), (bytes) => bytes.fill(0x7a, 30, 40)),
    id: 'blob-corrupt',
  },
  'a config is missing': {
    damage: (registry, child) => rm(registry.blobPath(child.config.digest)),
    id: 'stale-blob-cache',
  },
  'a config rots': {
    damage: (registry, child) =>
      replace(registry.blobPath(child.config.digest), (bytes) => bytes.fill(0x20, 5, 6)),
    id: 'blob-corrupt',
  },
  'a child manifest is missing': {
    damage: (registry, child) => rm(registry.blobPath(child.manifest.digest)),
    id: 'orphaned-index',
  },
  'a child manifest rots': {
    damage: (registry, child) =>
      replace(registry.blobPath(child.manifest.digest), (bytes) => {
        const rotten = last(child).replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))
        return Buffer.from(bytes.toString('utf8').replace(last(child), rotten))
      }),
    id: 'manifest-corrupt',
  },
}

suiteNeeds(['docker-registry', 'skopeo'])('skopeo as an independent judge, on registry 2.8', () => {
  let registry: RealRegistry
  let directory: string

  beforeAll(async () => {
    registry = await startRealRegistry()
    directory = await mkdtemp(join(tmpdir(), 'regguard-judge-'))
  })
  afterAll(async () => {
    await registry?.stop()
    await rm(directory, { recursive: true, force: true })
  })

  const judged = async (reference: string) => {
    const report = await verifyImages([reference], { settings: { depth: 'full' } })
    const copy = await skopeoCopyAll(reference, await mkdtemp(join(directory, 'copy-')))
    return { report, copy }
  }

  test.each(Object.keys(healthy))('%s passes, and skopeo copies it', async (kind) => {
    const name = `healthy/${kind.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`
    await push(registry.host, name, healthy[kind] ?? [], { tag: '1' })
    const reference = `${registry.host}/${name}:1`
    const { report, copy } = await judged(reference)
    expect(causeIds(report)).toEqual([])
    expect(report.exitCode).toBe(0)
    expect(copy.stderr).toBe('')
    expect(copy.ok).toBe(true)
    for (const depth of ['head', 'probe']) {
      expect((await verifyImages([reference], { settings: { depth } })).exitCode).toBe(0)
    }
  })

  test.each(Object.keys(broken))('when %s, skopeo cannot copy it and the fault is reported', async (what) => {
    const how = broken[what]
    if (!how) throw new Error('no such case')
    const name = `broken/${what.replaceAll(' ', '-')}`
    const built = multiPlatform({ seed: what })
    await push(registry.host, name, built.contents, { tag: '1' })
    const child = built.images[1]
    if (!child) throw new Error('the fixture has one image only')
    await how.damage(registry, child)
    const { report, copy } = await judged(`${registry.host}/${name}:1`)
    expect(copy.ok).toBe(false)
    expect(causeIds(report)).toEqual([how.id])
    expect(report.exitCode).toBe(1)
  })

  test('a wrong layer size in a manifest is reported as such, not as a corrupt layer', async () => {
    const lying = withLayerSize(amd64, 7)
    await push(registry.host, 'broken/lie', contentsOf(lying), { tag: '1' })
    const report = await verifyImages([`${registry.host}/broken/lie:1`])
    expect(causeIds(report)).toEqual(['size-mismatch'])
    expect(report.causes[0]?.findings[0]).toMatchObject({
      expected: expect.stringContaining(`${amd64.layers[0]?.bytes.length} bytes`),
      actual: expect.stringContaining(`${(amd64.layers[0]?.bytes.length ?? 0) + 7} bytes`),
    })
  })
})

const last = (child: Image): string => child.layers.at(-1)?.digest ?? ''

function embedded(): Tree {
  const built = artifact()
  const manifest = rewrite(built.manifest, (body) => ({ ...body, config: inlineDescriptorOf(emptyConfig) }))
  return { ...built, manifest }
}

function withLayerSize(of: Image, more: number): Tree {
  const manifest = rewrite(of.manifest, (body) => ({
    ...body,
    layers: (body.layers ?? []).map((descriptor) => ({ ...descriptor, size: descriptor.size + more })),
  }))
  return { ...of, manifest }
}

/** Replaces the file instead of changing it: the registry may have the old one open. */
async function replace(path: string, change: (bytes: Buffer) => Buffer): Promise<void> {
  await writeFile(`${path}.new`, change(await readFile(path)))
  await rename(`${path}.new`, path)
}
