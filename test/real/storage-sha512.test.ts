import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { observeStorage } from '../../src/observe/storage/storage.ts'
import { collectors } from '../storage/collectors.ts'
import { push } from '../support/push.ts'
import { generations } from '../support/real-generations.ts'
import type { RealRegistry } from '../support/real-registry.ts'
import { layoutOf } from '../support/storage/layout.ts'
import { scanRoot, takeSteps } from '../support/storage/scan-root.ts'
import { sha512, sha512Image } from '../support/storage/sha512.ts'

const { plain, contents, names } = sha512Image('real')
const layer = plain.layers[0]?.digest ?? ''
const named = names.get(layer) ?? ''

for (const generation of generations)
  generation.suite(['curl'])(`an image that names its blobs by SHA-512, on ${generation.name}`, () => {
    const version = generation === generations[0] ? '2.8' : '3'
    let registry: RealRegistry
    const status = async (path: string) => {
      const answer = await fetch(`http://${registry.host}/v2/${path}`)
      await answer.arrayBuffer().catch(() => undefined)
      return answer.status
    }
    const summary = async () => {
      const { images, faults, repair } = await scanRoot(registry.root)
      return {
        whole: [images.tagged, images.whole],
        outcomes: images.broken.map(({ outcome }) => outcome),
        faults: [...faults.links.items, ...faults.tags.items, ...faults.linksWithoutData.items],
        unreferenced: faults.unreferenced.count,
        actions: repair.steps.map(({ action }) => action),
        steps: repair.steps,
      }
    }

    beforeEach(async () => {
      registry = await generation.start()
      await push(registry.host, 'app', contents, { tag: '1' })
    })
    afterEach(() => registry?.stop())

    test('is whole: the registry keeps the data under SHA-256', async () => {
      expect(await status(`app/blobs/${named}`)).toBe(200)
      expect(await summary()).toMatchObject({
        ...{ whole: [1, 1], outcomes: [], faults: [], unreferenced: 0, actions: [] },
      })
    })

    test('breaks in every garbage collection, as the forecast says', async () => {
      const { root } = registry
      const { forecast } = await observeStorage({
        ...{ root, signal: new AbortController().signal, progress: () => {}, now: Date.now, settleMs: 0 },
        gc: { version, deleteUntagged: false },
      })
      const [run] = forecast?.runs ?? []
      expect(run?.breaks.first.map(({ platforms }) => platforms.first[0]?.reason)).toEqual(['other-name'])
      expect(run?.aborts.first.map(({ kind, at }) => [kind, at])).toEqual(
        version === '3' ? Array.from(names).map(() => ['other-name', 'layers']) : [],
      )
      const config = join(dirname(root), 'collect.yml')
      await writeFile(
        config,
        JSON.stringify({ version: '0.1', storage: { filesystem: { rootdirectory: root } } }),
      )
      const collected = await execa(collectors()[version] ?? '', ['garbage-collect', config], {
        reject: false,
      })
      expect(collected.exitCode === 0).toBe(version === '2.8')
      expect((await summary()).outcomes).toEqual(['rebuild'])
    })

    test('that was mounted elsewhere has links that lead nowhere, and is repaired by an upload', async () => {
      for (const digest of names.values()) {
        const mount = `other/blobs/uploads/?mount=${digest}&from=app`
        const answer = await fetch(`http://${registry.host}/v2/${mount}`, { method: 'POST' })
        expect(answer.status).toBe(201)
      }
      await push(registry.host, 'other', contents.slice(-1), { tag: '1' })
      await registry.restart()
      expect(await status(`other/blobs/${named}`)).toBe(404)
      const { whole, outcomes, steps } = await summary()
      expect([whole, outcomes]).toEqual([[2, 1], ['restore']])
      const uploads = steps.filter(({ action }) => action === 'upload-blob')
      expect(uploads).toHaveLength(2)
      expect(uploads).toContainEqual(expect.objectContaining({ digest: named, keptAs: layer }))
      await takeSteps(steps, registry)
      expect(await status(`other/blobs/${named}`)).toBe(200)
      expect((await summary()).whole).toEqual([2, 2])
    })

    test('whose link is lost is repaired from where another repository shows the data to be', async () => {
      await push(registry.host, 'other', contents, { tag: '1' })
      await rm(layoutOf(registry.root).layerLink('other', named))
      await registry.restart()
      expect(await status(`other/blobs/${named}`)).toBe(404)
      const { outcomes, steps } = await summary()
      expect(outcomes).toEqual(['restore'])
      await takeSteps(steps, registry)
      expect(await status(`other/blobs/${named}`)).toBe(200)
    })

    test('with a rotten layer is damaged there, and is repaired as any other', async () => {
      const path = layoutOf(registry.root).data(layer)
      const bytes = await readFile(path)
      const last = bytes.length - 1
      bytes[last] = (bytes[last] ?? 0) ^ 0xff
      await writeFile(`${path}.new`, bytes)
      await rename(`${path}.new`, path)
      const { outcomes, steps, actions } = await summary()
      expect([outcomes, actions]).toEqual([['rebuild'], ['move-away', 'restart', 'push-again']])
      await takeSteps(steps, registry)
      await push(registry.host, 'app', contents, { tag: '1', skipExisting: true })
      const again = await fetch(`http://${registry.host}/v2/app/blobs/${named}`)
      expect(sha512(new Uint8Array(await again.arrayBuffer()))).toBe(named)
    })
  })
