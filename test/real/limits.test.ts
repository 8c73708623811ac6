import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  contentsOf,
  image,
  index,
  multiPlatform,
  randomLayer,
} from '../../src/fake-registry/images/images.ts'
import { type EmbeddedRegistry, startRegistry } from '../../src/fake-registry/registry.ts'
import { runCli } from '../support/run-cli.ts'

const dist = fileURLToPath(new URL('../../dist/', import.meta.url))

/** The memory limit of the program, for any image. */
const maxKb = 128 * 1024
const depths = ['head', 'probe', 'full']
const compressions = ['gzip', 'zstd', 'none'] as const

/** Without what earlier runs of the suites compiled. */
const asUsers = { env: { NODE_COMPILE_CACHE: '' } }

describe('the limits of a run of the built program', () => {
  let registry: EmbeddedRegistry

  beforeAll(async () => {
    registry = await startRegistry({})
    const many = multiPlatform({
      platforms: [
        'linux/amd64',
        'linux/arm64',
        'linux/arm/v7',
        'linux/s390x',
        'linux/ppc64le',
        'linux/riscv64',
      ],
      layersPer: 30,
      layerBytes: 10_000,
      sharedBase: false,
      seed: 'many',
    })
    registry.store.push('limits/many', many.contents, '1')
    for (const compression of compressions) {
      const layers = [1, 2, 3, 4].map((n) =>
        randomLayer({ bytes: 40_000_000, seed: `${compression}${n}`, compression }),
      )
      registry.store.push(`limits/${compression}`, contentsOf(index([image('linux/amd64', { layers })])), '1')
    }
  })
  afterAll(() => registry.close())

  test.each(depths)('193 objects at depth %s take at most one request each and five more', async (depth) => {
    registry.requests.length = 0
    const run = await runCli([`${registry.host}/limits/many:1`, '--depth', depth], asUsers)
    expect(run.exitCode).toBe(0)
    expect(run.all).toContain('193 objects')
    expect(registry.requests.length).toBeLessThanOrEqual(198)
    expect(run.peakRssKb).toBeLessThan(maxKb)
  })

  test('the program has no character beyond Latin-1: V8 would keep the text of the whole file in two bytes each', async () => {
    const files = globSync('**/*.mjs', { cwd: dist })
    expect(files.length).toBeGreaterThan(10)
    for (const file of files) {
      const text = await readFile(join(dist, file), 'utf8')
      expect([file, [...text].filter((character) => character > '\u00ff')]).toEqual([file, []])
    }
  })

  test.each(compressions)(
    '160 MB of %s layers are read completely in bounded memory',
    async (compression) => {
      const run = await runCli([`${registry.host}/limits/${compression}:1`, '--depth', 'full'], asUsers)
      expect(run.exitCode).toBe(0)
      expect(run.all).toContain('every byte read and hashed')
      expect(run.peakRssKb).toBeLessThan(maxKb)
    },
  )

  test('every blob is requested once', async () => {
    registry.requests.length = 0
    await runCli([`${registry.host}/limits/many:1`])
    const requested = registry.requests.map(({ path }) => path).filter((path) => path.includes('/blobs/'))
    expect(new Set(requested).size).toBe(requested.length)
  })
})
