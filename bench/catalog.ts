import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { contentsOf, image, index, layer } from '../src/fake-registry/images/images.ts'
import { fromSnapshot } from '../test/support/main-program.ts'
import { push } from '../test/support/push.ts'
import { startRealRegistry } from '../test/support/real-registry.ts'
import { measure } from './measure.ts'
import { plot } from './plot.ts'

const tagsOfRepository = 20
const floorFile = fileURLToPath(new URL('catalog-floor.ts', import.meta.url))

/**
 * Verifies whole registries of so many tags, each an index of two platforms with three layers, beside a program that sends the same
 * requests (`catalog-floor.ts`), and writes a plot. Returns Markdown.
 */
export async function measureCatalogs(sizes: number[], file: URL): Promise<string> {
  const rows: { tags: number; seconds: number; peakMb: number; floor: number }[] = []
  const registry = await startRealRegistry()
  const folder = await mkdtemp(join(tmpdir(), 'regguard-bench-'))
  try {
    let pushed = 0
    for (const tags of sizes.toSorted((a, b) => a - b)) {
      for (; pushed < tags; pushed += 1) await pushTag(registry.host, pushed)
      const { seconds, peakMb = 0 } = await measure({
        command: [
          ...([process.execPath, ...fromSnapshot, '--catalog', '--registry', registry.host] as const),
          ...['--checks', 'image,registry', '--report_json', join(folder, 'report.json')],
        ],
      })
      const floor = await measure({ command: [process.execPath, floorFile, registry.host] })
      rows.push({ tags, seconds, peakMb, floor: floor.seconds })
    }
  } finally {
    await registry.stop()
    await rm(folder, { recursive: true, force: true })
  }
  const lines = [
    { name: 'floor', points: rows.map(({ tags, floor }) => ({ x: tags, y: floor })) },
    { name: 'regguard --catalog', points: rows.map(({ tags, seconds }) => ({ x: tags, y: seconds })) },
  ]
  await writeFile(file, plot('A whole registry', { x: 'tags', y: 'seconds' }, lines))
  return [
    '![Time by tags](catalog.svg)',
    '',
    '| tags | floor, seconds | regguard, seconds | ratio | tags a second | memory |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map(
      ({ tags, seconds, peakMb, floor }) =>
        `| ${tags} | ${floor.toFixed(2)} | ${seconds.toFixed(2)} | ${(seconds / floor).toFixed(2)} x | ${Math.round(tags / seconds)} | ${peakMb} MB |`,
    ),
  ].join('\n')
}

async function pushTag(host: string, at: number): Promise<void> {
  const repository = `team${Math.floor(at / tagsOfRepository) % 13}/app${Math.floor(at / tagsOfRepository)}`
  const images = ['linux/amd64', 'linux/arm64'].map((platform) =>
    image(platform, {
      layers: [
        layer({ base: `${repository} ${platform}` }),
        ...[1, 2].map((one) => layer({ [`file${one}`]: `${repository} ${at} ${platform} ${one}` })),
      ],
    }),
  )
  await push(host, repository, contentsOf(index(images)), {
    tag: `1.${at % tagsOfRepository}`,
    skipExisting: true,
  })
}
