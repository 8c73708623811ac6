import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type MultiPlatform, multiPlatform, referrer } from '../../src/fake-registry/images/images.ts'
import { type EmbeddedRegistry, startRegistry } from '../../src/fake-registry/registry.ts'
import { acceptAll, lastByteOf, request } from './request.ts'

const whole: MultiPlatform = multiPlatform({ layersPer: 1 })
const { manifest } = whole.index
const layer = whole.contents[0]
let registry: EmbeddedRegistry

beforeAll(async () => {
  registry = await startRegistry({ pageSize: 2 })
  registry.store.push('team/app', whole.contents, 'v1')
})
afterAll(() => registry.close())
beforeEach(() => {
  Object.assign(registry.behaviour, { ignoreRanges: false, referrers: true, catalog: true, tagPages: true })
})

const manifestUrl = (reference: string) => `${registry.url}/v2/team/app/manifests/${reference}`
const blobUrl = () => `${registry.url}/v2/team/app/blobs/${layer?.digest}`
const codeOf = (body: Buffer) => JSON.parse(body.toString()).errors[0].code

describe('manifests', () => {
  test.each(['v1', manifest.digest])('are served by %s', async (reference) => {
    const got = await request(manifestUrl(reference), { headers: { accept: acceptAll } })
    expect(got).toMatchObject({ status: 200, body: manifest.bytes })
    expect(got.headers).toMatchObject({
      'content-type': manifest.mediaType,
      'docker-content-digest': manifest.digest,
      'content-length': String(manifest.bytes.length),
    })
    const head = await request(manifestUrl(reference), { method: 'HEAD', headers: { accept: acceptAll } })
    expect(head.headers['content-length']).toBe(String(manifest.bytes.length))
    expect(head.body).toHaveLength(0)
  })

  test('are refused as by registry 2 if Accept lacks their type', async () => {
    const got = await request(manifestUrl('v1'), { headers: { accept: '*/*' } })
    expect(got.status).toBe(404)
    expect(got.body.toString()).toContain('OCI index found, but accept header does not support OCI indexes')
  })

  test('are unknown under another tag and in another repository', async () => {
    const headers = { accept: acceptAll }
    expect(codeOf((await request(manifestUrl('v2'), { headers })).body)).toBe('MANIFEST_UNKNOWN')
    const elsewhere = `${registry.url}/v2/other/manifests/${manifest.digest}`
    expect((await request(elsewhere, { headers })).status).toBe(404)
  })
})

describe('blobs', () => {
  const bytes = layer?.bytes ?? Buffer.alloc(0)
  const end = bytes.length - 1

  test.each([
    [`bytes=${end}-${end}`, `bytes ${end}-${end}/${bytes.length}`, bytes.subarray(-1)],
    ['bytes=10-19', `bytes 10-19/${bytes.length}`, bytes.subarray(10, 20)],
    ['bytes=-4', `bytes ${end - 3}-${end}/${bytes.length}`, bytes.subarray(-4)],
    [`bytes=${end}-`, `bytes ${end}-${end}/${bytes.length}`, bytes.subarray(-1)],
  ])('answer %s with 206', async (range, contentRange, part) => {
    const got = await request(blobUrl(), { headers: { range } })
    expect(got).toMatchObject({ status: 206, body: part, error: undefined })
    expect(got.headers['content-range']).toBe(contentRange)
  })

  test('answer a range past the end with 416 and the length', async () => {
    const got = await request(blobUrl(), { headers: lastByteOf(bytes.length + 1) })
    expect(got.status).toBe(416)
    expect(got.headers['content-range']).toBe(`bytes */${bytes.length}`)
  })

  test('are served completely by a registry without ranges', async () => {
    registry.behaviour.ignoreRanges = true
    const got = await request(blobUrl(), { headers: lastByteOf(bytes.length) })
    expect(got).toMatchObject({ status: 200, body: bytes })
    expect(got.headers).not.toHaveProperty('accept-ranges')
  })

  test('are missing once removed; manifests are served as blobs as well', async () => {
    const url = `${registry.url}/v2/team/app/blobs/${manifest.digest}`
    expect((await request(url)).body).toEqual(manifest.bytes)
    registry.store.push('short', whole.contents)
    registry.store.remove('short', manifest.digest)
    const got = await request(`${registry.url}/v2/short/blobs/${manifest.digest}`)
    expect(codeOf(got.body)).toBe('BLOB_UNKNOWN')
  })
})

describe('lists', () => {
  test('of tags are sorted and paginated with Link', async () => {
    for (const tag of ['c', 'a', 'b']) registry.store.tag('tags', tag, manifest.digest)
    const first = await request(`${registry.url}/v2/tags/tags/list`)
    expect(JSON.parse(first.body.toString())).toEqual({ name: 'tags', tags: ['a', 'b'] })
    expect(first.headers.link).toBe('</v2/tags/tags/list?last=b&n=2>; rel="next"')
    const second = await request(`${registry.url}/v2/tags/tags/list?last=b&n=2`)
    expect(JSON.parse(second.body.toString()).tags).toEqual(['c'])
    expect(second.headers).not.toHaveProperty('link')
    registry.behaviour.tagPages = false
    const all = await request(`${registry.url}/v2/tags/tags/list?n=1`)
    expect(JSON.parse(all.body.toString()).tags).toEqual(['c', 'a', 'b'])
  })

  test('of tags are null without tags, and an error for an unknown repository', async () => {
    registry.store.create('empty')
    expect(JSON.parse((await request(`${registry.url}/v2/empty/tags/list`)).body.toString()).tags).toBeNull()
    expect(codeOf((await request(`${registry.url}/v2/absent/tags/list`)).body)).toBe('NAME_UNKNOWN')
  })

  test('of repositories are paginated, limited in size, and can be unsupported', async () => {
    const first = await request(`${registry.url}/v2/_catalog?n=1`)
    expect(JSON.parse(first.body.toString()).repositories).toHaveLength(1)
    expect(first.headers.link).toContain('rel="next"')
    expect((await request(`${registry.url}/v2/_catalog?n=1001`)).status).toBe(400)
    registry.behaviour.catalog = false
    expect((await request(`${registry.url}/v2/_catalog`)).status).toBe(404)
  })

  test('of referrers can be filtered, and can be unsupported', async () => {
    const signature = referrer(manifest, { artifactType: 'application/vnd.example.signature' })
    registry.store.push('team/app', [...signature.blobs, signature.manifest])
    registry.store.putManifest('team/app', { ...manifest, digest: 'sha256:broken', bytes: Buffer.from('{') })
    const url = `${registry.url}/v2/team/app/referrers/${manifest.digest.replace(':', '%3A')}`
    const found = JSON.parse((await request(url)).body.toString())
    expect(found.manifests).toMatchObject([
      { digest: signature.manifest.digest, artifactType: 'application/vnd.example.signature' },
    ])
    const filtered = await request(`${url}?artifactType=other`)
    expect(JSON.parse(filtered.body.toString()).manifests).toEqual([])
    expect(filtered.headers['oci-filters-applied']).toBe('artifactType')
    registry.behaviour.referrers = false
    expect((await request(url)).status).toBe(404)
  })
})
