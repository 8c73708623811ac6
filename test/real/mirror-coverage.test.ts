import { readdir, rm } from 'node:fs/promises'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { multiPlatform } from '../../src/fake-registry/images/images.ts'
import type { Report } from '../../src/report/schema.ts'
import { findGoClient, hasGo } from '../support/go-programs.ts'
import { push } from '../support/push.ts'
import { generations } from '../support/real-generations.ts'
import type { RealRegistry } from '../support/real-registry.ts'
import { suiteWithout } from '../support/suite.ts'
import { until } from '../support/until.ts'
import { verifyImages } from '../support/verify.ts'

const platforms = ['linux/amd64', 'linux/arm64']
const app = multiPlatform({ platforms, seed: 'app' })
const web = multiPlatform({ platforms, seed: 'web' })
const newer = multiPlatform({ platforms, seed: 'newer' })

for (const generation of generations) {
  generation.suite()(`what mirrors of a real ${generation.name} hold`, () => {
    let upstream: RealRegistry
    beforeAll(async () => {
      upstream = await generation.start()
      for (const [name, { contents }] of Object.entries({ app, web }))
        await push(upstream.host, `team/${name}`, contents, { tag: '1' })
      await push(upstream.host, 'team/absent', web.contents, { tag: '1' })
    })
    afterAll(() => upstream?.stop())

    const cacheOf = (options = {}) =>
      generation.start({ ...options, config: { proxy: { remoteurl: `http://${upstream.host}` } } })
    const look = (mirror: RealRegistry, names: string[], settings = {}) =>
      verifyImages(
        names.map((name) => `${upstream.host}/team/${name}`),
        { settings: { mirror_coverage: mirror.host, ...settings } },
      )

    describe('a copy', () => {
      let copy: RealRegistry
      beforeAll(async () => {
        copy = await generation.start()
        await push(copy.host, 'team/app', app.contents, { tag: '1' })
        await push(copy.host, 'team/web', web.contents, { tag: '1' })
        const [, arm] = web.images
        const layer = arm?.layers.find((one) => !web.images[0]?.layers.includes(one))
        await rm(copy.blobPath(layer?.digest ?? ''))
        await copy.restart()
      })
      afterAll(() => copy?.stop())

      test('shows itself by what it does not know, and each object is read', async () => {
        const report = await look(copy, ['app:1', 'web:1', 'absent:1'])
        expect(covered(report)).toEqual({
          ...{ kind: 'copy', counts: { images: 3, whole: 1, partial: 1, absent: 1, unknown: 0 } },
          images: { 'web:1': 'partial has', 'absent:1': 'absent has' },
        })
        expect(report.coverage?.mirrors[0]?.images[0]).toMatchObject({
          ...{ lackCount: 1, platforms: ['linux/arm64'] },
          lacks: [expect.stringMatching(/^layer sha256:/)],
        })
        expect(found(report)).toEqual([['mirror-incomplete', 'warning', 2]])
        expect(report.exitCode).toBe(0)
      })

      test('is whole for the platforms that are asked for', async () => {
        const report = await look(copy, ['web:1', 'absent:1'], { platforms: 'linux/amd64' })
        expect(covered(report).counts).toMatchObject({ whole: 1, absent: 1 })
      })

      test('that holds something of every repository is asked once it is called a copy', async () => {
        const asked = await look(copy, ['app:1', 'web:1'])
        expect(covered(asked)).toMatchObject({ kind: 'unknown', counts: { unknown: 2 } })
        expect(found(asked)).toEqual([['mirror-not-asked', 'note', 1]])
        const told = await look(copy, ['app:1', 'web:1'], { mirror_kind: 'copy' })
        expect(covered(told)).toMatchObject({ kind: 'copy', counts: { whole: 1, partial: 1 } })
      })

      test('of a tag that moved since is outdated, and an image that is nowhere is an error', async () => {
        await push(upstream.host, 'team/app', newer.contents, { tag: 'moved' })
        await push(copy.host, 'team/app', app.contents, { tag: 'moved' })
        const report = await look(copy, ['app:moved', 'app:none', 'absent:1'], { mirror_kind: 'copy' })
        expect(found(report)).toEqual(
          expect.arrayContaining([
            ['mirror-outdated', 'warning', 1],
            ['image-nowhere', 'error', 1],
          ]),
        )
        expect(report.causes.find(({ id }) => id === 'mirror-outdated')?.findings[0]).toMatchObject({
          expected: newer.index.manifest.digest,
          actual: app.index.manifest.digest,
        })
      })

      withCrane()('the command that is advised makes it whole', async ({ crane }) => {
        const before = await look(copy, ['absent:1', 'app:1'])
        const { commands = [] } = before.causes.find(({ id }) => id === 'mirror-incomplete') ?? {}
        expect(commands).toEqual([`crane copy ${upstream.host}/team/absent:1 ${copy.host}/team/absent:1`])
        await runCrane(crane, commands)
        const after = await look(copy, ['absent:1', 'app:1'], { mirror_kind: 'copy' })
        expect(covered(after).counts).toMatchObject({ images: 2, whole: 2 })
      })
    })

    describe('a pull-through cache', () => {
      let cache: RealRegistry
      beforeAll(async () => {
        cache = await cacheOf()
      })
      afterAll(() => cache?.stop())

      test('shows itself by the tags of its upstream, and nothing is put into it', async () => {
        const report = await look(cache, ['app:1', 'web:1'])
        expect(covered(report)).toEqual({
          ...{ kind: 'cache', counts: { images: 2, whole: 0, partial: 0, absent: 2, unknown: 0 } },
          images: { 'app:1': 'absent has', 'web:1': 'absent has' },
        })
        expect(await filesBelow(cache)).toEqual([])
      })

      withCrane()('the command that is advised fills it', async ({ crane }) => {
        const before = await look(cache, ['app:1', 'web:1'])
        const { commands = [] } = before.causes.find(({ id }) => id === 'mirror-incomplete') ?? {}
        expect(commands).toEqual(
          ['app', 'web'].map((name) => `crane validate --remote ${cache.host}/team/${name}:1`),
        )
        await runCrane(crane, commands)
        const asItIs = await generation.start({ root: cache.root, readonly: true })
        try {
          // The cache stores a blob a moment after it has sent it.
          await until('the cache holds all of it', async () => {
            const after = await look(asItIs, ['app:1', 'web:1'], { mirror_kind: 'copy' })
            return covered(after).counts.whole === 2
          })
        } finally {
          await asItIs.stop()
        }
      })

      test('is not asked for what it may hold a part of, which its storage shows without its upstream', async () => {
        const own = await cacheOf()
        try {
          await pull(own, 'team/app')
          const kept = await filesBelow(own)
          const report = await look(own, ['app:1', 'web:1'])
          expect(covered(report)).toMatchObject({ kind: 'cache', counts: { absent: 1, unknown: 1 } })
          expect(report.coverage?.mirrors[0]?.why).toContain('pull-through cache')
          const note = report.causes.find(({ id }) => id === 'mirror-not-asked')
          expect(note?.commands?.[0]).toContain('registry:2')
          expect(await filesBelow(own)).toEqual(kept)
          const asItIs = await generation.start({ root: own.root, readonly: true })
          try {
            const settings = { mirror_kind: 'copy', platforms: 'linux/amd64' }
            const told = await look(asItIs, ['app:1', 'web:1'], settings)
            expect(covered(told).counts).toMatchObject({ whole: 1, absent: 1, unknown: 0 })
            const all = await look(asItIs, ['app:1'], { mirror_kind: 'copy' })
            expect(covered(all)).toMatchObject({ images: { 'app:1': 'partial has' } })
          } finally {
            await asItIs.stop()
          }
        } finally {
          await own.stop()
        }
      })

      test('that does not answer is said, and not taken for one that lacks the images', async () => {
        const own = await cacheOf()
        await own.stop()
        const report = await look(own, ['app:1'])
        expect(covered(report)).toMatchObject({ kind: 'unknown', counts: { unknown: 1 } })
        expect(found(report)).toEqual([['mirror-not-asked', 'warning', 1]])
        expect(report.groups.find(({ group }) => group === 'registry')).toMatchObject({ status: 'unknown' })
      })
    })

    /** What a node for amd64 asks for. */
    async function pull(from: RealRegistry, repository: string): Promise<void> {
      const [image] = app.images
      if (!image) throw new Error('the fixture has no image')
      const accept = [app.index.manifest.mediaType, image.manifest.mediaType].join()
      const paths = ['manifests/1', `manifests/${image.manifest.digest}`]
      for (const path of [...paths, ...image.blobs.map(({ digest }) => `blobs/${digest}`)]) {
        const answer = await fetch(`http://${from.host}/v2/${repository}/${path}`, { headers: { accept } })
        expect([path, answer.status]).toEqual([path, 200])
        await answer.arrayBuffer()
      }
      // It keeps a blob after it has answered: its data, then the link.
      await until('the cache keeps it', async () => {
        const files = await filesBelow(from)
        const isLinked = ({ digest }: { digest: string }) =>
          files.some((name) => name.endsWith(`/_layers/${digest.replace(':', '/')}/link`))
        return image.blobs.every(isLinked) && !files.some((name) => name.includes('/_uploads/'))
      })
    }
  })
}

/** A test that needs crane. */
function withCrane(): (name: string, body: (context: { crane: string }) => Promise<void>) => void {
  const crane = findGoClient('crane')
  if (crane !== undefined) return (name, body) => test(name, () => body({ crane }))
  const suite = suiteWithout('needs crane, which .ci/run builds where Go is installed', {
    mustRunInCi: hasGo,
  })
  return (name) => suite(name, () => {})
}

async function runCrane(crane: string, commands: readonly string[]): Promise<void> {
  for (const command of commands) {
    const [name, ...args] = command.split(' ')
    expect(name).toBe('crane')
    await execa(crane, args)
  }
}

/** The first mirror of a report in short: each image by its name and state, and that of its registry. */
function covered({ coverage }: Report) {
  const [mirror] = coverage?.mirrors ?? []
  if (!mirror) throw new Error('no mirror was asked')
  const { kind, counts, images } = mirror
  return {
    ...{ kind, counts },
    images: Object.fromEntries(
      images
        .filter(({ state }) => state !== 'unknown')
        .map(({ image, state, upstream }) => [image.split('/').at(-1), `${state} ${upstream.state}`]),
    ),
  }
}

/** What was found of mirrors: id, severity, and how many. */
const found = ({ causes }: Report) =>
  causes
    .filter(({ id }) => /^(?:mirror-|image-nowhere)/.test(id))
    .map(({ id, severity, findings }) => [id, severity, findings.length])

const filesBelow = async ({ root }: RealRegistry): Promise<string[]> =>
  (await readdir(root, { recursive: true }).catch(() => []))
    .filter((name) => /(?:link|data)$/.test(name))
    .toSorted()
