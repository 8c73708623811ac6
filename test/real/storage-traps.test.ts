import { mkdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Image, type ManifestContent, multiPlatform } from '../../src/fake-registry/images/images.ts'
import { push } from '../support/push.ts'
import { generations, registry2 } from '../support/real-generations.ts'
import type { RealRegistry } from '../support/real-registry.ts'
import { layoutOf } from '../support/storage/layout.ts'

/** What docs/storage.md says does not work, and by which rules a registry serves: each measured. */
for (const generation of generations) {
  generation.suite()(`repairs that only seem to work on ${generation.name}`, () => {
    let registry: RealRegistry
    let layout: ReturnType<typeof layoutOf>
    beforeAll(async () => {
      registry = await generation.start()
      layout = layoutOf(registry.root)
    })
    afterAll(() => registry?.stop())

    const url = (path: string) => `http://${registry.host}/v2/${path}`
    const pushed = async (repository: string) => {
      const { contents, images } = multiPlatform({ seed: repository })
      await push(registry.host, repository, contents, { tag: '1' })
      const [child, other] = images as [Image, Image]
      const [layer] = child.layers
      if (!layer) throw new Error('an image without layers')
      return { repository, contents, child, other, layer }
    }
    const put = async (repository: string, { digest, mediaType, bytes }: ManifestContent) =>
      (
        await fetch(url(`${repository}/manifests/${digest}`), {
          method: 'PUT',
          headers: { 'content-type': mediaType },
          body: new Uint8Array(bytes),
        })
      ).status
    const post = async (repository: string, query = '') =>
      await fetch(url(`${repository}/blobs/uploads/${query}`), { method: 'POST' })
    const upload = async (repository: string, digest: string, bytes: Buffer) => {
      const location = new URL((await post(repository)).headers.get('location') ?? '')
      location.searchParams.set('digest', digest)
      return (await fetch(location, { method: 'PUT', body: new Uint8Array(bytes) })).status
    }
    /** The status, and the bytes that came; undefined where the answer was cut off. */
    const get = async (path: string) => {
      const answer = await fetch(url(path), {
        headers: { accept: '*/*, application/vnd.oci.image.manifest.v1+json' },
      })
      const length = await answer.arrayBuffer().then(
        ({ byteLength }) => byteLength,
        () => undefined,
      )
      return [answer.status, length]
    }

    test('a manifest is not taken while the layer links of its blobs are gone', async () => {
      const { repository, child, layer } = await pushed('unlinked')
      await rm(layout.layerLink(repository, layer.digest))
      await registry.restart()
      expect(await put(repository, child.manifest)).toBe(400)
    })

    test('a mount needs a repository that has the link', async () => {
      const { repository, layer } = await pushed('mounted')
      expect((await post('target', `?mount=${layer.digest}`)).status).toBe(202)
      expect((await post('target', `?mount=${layer.digest}&from=unrelated`)).status).toBe(202)
      expect((await post('target', `?mount=${layer.digest}&from=${repository}`)).status).toBe(201)
    })

    test('a mount of a blob whose data is gone answers 201 while the cache is warm', async () => {
      const { repository, layer } = await pushed('gone')
      expect(await get(`${repository}/blobs/${layer.digest}`)).toEqual([200, layer.bytes.length])
      await rm(layout.data(layer.digest))
      expect((await post('gone-copy', `?mount=${layer.digest}&from=${repository}`)).status).toBe(201)
      expect((await get(`gone-copy/blobs/${layer.digest}`))[1]).toBeUndefined()
    })

    test('a push before the restart skips a blob whose data is gone', async () => {
      const { repository, contents, layer } = await pushed('skipped')
      await rm(layout.data(layer.digest))
      await push(registry.host, repository, contents, { tag: '1', skipExisting: true })
      await expect(stat(layout.data(layer.digest))).rejects.toThrow('ENOENT')
    })

    test('an upload over a damaged file answers 201 and changes nothing; moved away, it needs a restart', async () => {
      const { repository, layer } = await pushed('truncated')
      const path = layout.data(layer.digest)
      await truncate(path, 100)
      await registry.restart()
      expect(await get(`${repository}/blobs/${layer.digest}`)).toEqual([200, 100])
      expect(await upload(repository, layer.digest, layer.bytes)).toBe(201)
      expect((await stat(path)).size).toBe(100)
      await rename(path, `${path}.damaged`)
      expect(await upload(repository, layer.digest, layer.bytes)).toBe(201)
      expect(await get(`${repository}/blobs/${layer.digest}`)).toEqual([200, 100])
      await registry.restart()
      expect(await get(`${repository}/blobs/${layer.digest}`)).toEqual([200, layer.bytes.length])
      expect((await registry.garbageCollect({ deleteUntagged: false })).exitCode).toBe(0)
      expect(await readFile(path)).toEqual(layer.bytes)
    })

    test('a manifest whose data is gone is taken, and written by registry 3.1.2 alone', async () => {
      const { repository, child } = await pushed('manifest')
      await get(`${repository}/manifests/${child.manifest.digest}`)
      await rm(layout.data(child.manifest.digest))
      expect(await put(repository, child.manifest)).toBe(201)
      const [status] = await get(`${repository}/manifests/${child.manifest.digest}`)
      expect(status).toBe(generation === registry2 ? 404 : 200)
    })

    test('a manifest is served through its layer link by registry 2.8 alone, and a blob through a revision link by none', async () => {
      const { repository, child, layer } = await pushed('rules')
      const move = async (from: string, to: string) => {
        await mkdir(dirname(to), { recursive: true })
        await rename(from, to)
      }
      await move(
        layout.revisionLink(repository, child.manifest.digest),
        layout.layerLink(repository, child.manifest.digest),
      )
      await move(layout.layerLink(repository, layer.digest), layout.revisionLink(repository, layer.digest))
      await registry.restart()
      const [manifest] = await get(`${repository}/manifests/${child.manifest.digest}`)
      expect(manifest).toBe(generation === registry2 ? 200 : 404)
      expect((await get(`${repository}/blobs/${layer.digest}`))[0]).toBe(404)
    })

    test('a link that names another digest serves its content, also after the link is right, until a restart', async () => {
      const { repository, child, other } = await pushed('other')
      await writeFile(layout.revisionLink(repository, child.manifest.digest), other.manifest.digest)
      await registry.restart()
      const digestServed = async () => {
        const answer = await fetch(url(`${repository}/manifests/${child.manifest.digest}`), {
          headers: { accept: child.manifest.mediaType },
        })
        return Buffer.from(await answer.arrayBuffer()).equals(child.manifest.bytes)
      }
      expect(await digestServed()).toBe(false)
      expect(await put(repository, child.manifest)).toBe(201)
      await registry.restart()
      expect(await digestServed()).toBe(true)
    })
  })
}
