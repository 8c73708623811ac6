import { readdir, truncate, unlink } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  documentTypes,
  type Image,
  type Layer,
  multiPlatform,
} from '../../src/fake-registry/images/images.ts'
import { type EmbeddedRegistry, type Fault, startRegistry } from '../../src/fake-registry/registry.ts'
import { type Answer, acceptAll, lastByteOf, request } from '../fake-registry/request.ts'
import { suiteNeeds } from '../support/need.ts'
import { push } from '../support/push.ts'
import { type RealRegistry, startRealRegistry } from '../support/real-registry.ts'

suiteNeeds(['docker-registry'])('the real registry', () => {
  let real: RealRegistry
  let embedded: EmbeddedRegistry

  beforeAll(async () => {
    real = await startRealRegistry()
    embedded = await startRegistry()
  })
  afterAll(async () => {
    await real.stop()
    await embedded.close()
  })

  function manifestOf(repository: string, reference: string): Promise<Answer> {
    return request(`http://${real.host}/v2/${repository}/manifests/${reference}`, {
      headers: { accept: acceptAll },
    })
  }

  test('takes a push, and loses the children of an index to garbage-collect -m', async () => {
    const whole = multiPlatform({ attestations: true })
    await push(real.host, 'team/app', whole.contents, { tag: 'v1' })
    expect((await manifestOf('team/app', 'v1')).body).toEqual(whole.index.manifest.bytes)
    const { exitCode } = await real.garbageCollect({ deleteUntagged: true })
    expect(exitCode).toBe(0)
    expect((await manifestOf('team/app', 'v1')).status).toBe(200)
    for (const { manifest } of [...whole.images, ...whole.attestations]) {
      expect((await manifestOf('team/app', manifest.digest)).status).toBe(404)
    }
    const sent = await push(real.host, 'team/app', whole.contents, { tag: 'v1', skipExisting: true })
    expect(sent).toHaveLength(whole.contents.filter(({ kind }) => kind === 'manifest').length)
  })

  test('serves the storage of another one read-only', async () => {
    const { contents } = multiPlatform({ seed: 'readonly' })
    await push(real.host, 'kept', contents, { tag: 'v1' })
    const reader = await startRealRegistry({ root: real.root, readonly: true })
    const got = await request(`http://${reader.host}/v2/kept/tags/list`)
    const refused = push(reader.host, 'kept', contents)
    await expect(refused).rejects.toThrow('Expected 202, got 405')
    await reader.stop()
    expect(JSON.parse(got.body.toString())).toEqual({ name: 'kept', tags: ['v1'] })
    expect((await readdir(real.repositoryPath('kept'))).sort()).toEqual(['_layers', '_manifests', '_uploads'])
  })

  const damages: [string, Fault, Fault | undefined, number | undefined][] = [
    ['deleted', { staleCache: true }, undefined, undefined],
    ['truncated', { truncateTo: 100, as: 'warm' }, { truncateTo: 100, as: 'cold' }, 100],
    ['reduced-to-little', { truncateTo: 20, as: 'warm' }, { truncateTo: 20, as: 'cold' }, 20],
    ['emptied', { truncateTo: 0, as: 'warm' }, { truncateTo: 0, as: 'cold' }, 0],
  ]

  test.each(damages)(
    'with a layer %s on disk answers as the embedded one pretends',
    async (name, warm, cold, left) => {
      const { layers, blobs, manifest } = multiPlatform({
        platforms: ['linux/amd64'],
        layersPer: 1,
        seed: name,
      }).images[0] as Image
      const layer = layers[0] as Layer
      await push(real.host, name, [...blobs, manifest], { tag: 'v1' })
      embedded.store.push(name, [...blobs, manifest], 'v1')
      await expectSameAnswers(name, layer)

      const rule = embedded.faults.add({ digest: layer.digest }, warm)
      if (left === undefined) await unlink(real.blobPath(layer.digest))
      else await truncate(real.blobPath(layer.digest), left)
      await expectSameAnswers(name, layer)
      rule.remove()

      await real.restart()
      if (cold) embedded.faults.add({ digest: layer.digest }, cold)
      else embedded.store.remove(name, layer.digest)
      await expectSameAnswers(name, layer)
    },
  )

  async function expectSameAnswers(repository: string, { digest, bytes }: Layer): Promise<void> {
    const path = `/v2/${repository}/blobs/${digest}`
    for (const question of [{ method: 'HEAD' }, { headers: lastByteOf(bytes.length) }, {}] as const) {
      const truth = await request(`http://${real.host}${path}`, question)
      const ours = await request(`${embedded.url}${path}`, question)
      expect(essenceOf(ours), JSON.stringify(question)).toEqual(essenceOf(truth))
    }
  }

  test.each([acceptAll, '*/*', documentTypes.oci.manifest])(
    'answers manifests alike for Accept: %s',
    async (accept) => {
      const { contents, images } = multiPlatform({ layersPer: 1 })
      await push(real.host, 'alike', contents, { tag: 'v1' })
      embedded.store.push('alike', contents, 'v1')
      for (const reference of ['v1', images[0]?.manifest.digest, 'absent']) {
        const path = `/v2/alike/manifests/${reference}`
        const truth = await request(`http://${real.host}${path}`, { headers: { accept } })
        const ours = await request(`${embedded.url}${path}`, { headers: { accept } })
        expect(firstErrorOf(ours)).toEqual(firstErrorOf(truth))
        expect(essenceOf(ours)).toEqual(essenceOf(truth))
      }
    },
  )
})

// The error document differs in its `detail` only, and with it in length.
function essenceOf({ status, headers, body, error }: Answer) {
  if (status === 404) return { status, type: headers['content-type'], error }
  const { 'content-length': length, 'content-range': range, 'accept-ranges': ranges } = headers
  const { 'content-type': type, 'docker-content-digest': digest, etag } = headers
  return { status, length, range, ranges, type, digest, etag, body, error }
}

function firstErrorOf({ status, body }: Answer): { code: string; message: string } | undefined {
  if (status !== 404) return undefined
  const { code, message } = JSON.parse(body.toString()).errors[0]
  return { code, message }
}
