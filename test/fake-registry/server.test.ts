import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { layer as layerOf } from '../../src/fake-registry/images/images.ts'
import { type EmbeddedRegistry, startRegistry } from '../../src/fake-registry/registry.ts'
import { request } from './request.ts'

const layer = layerOf({ 'etc/motd': 'hello' })
let registry: EmbeddedRegistry

beforeAll(async () => {
  registry = await startRegistry()
})
afterAll(() => registry.close())

describe('the server', () => {
  test('serves its base path, and refuses writes and unknown paths', async () => {
    expect((await request(`${registry.url}/v2/`)).status).toBe(200)
    expect((await request(`${registry.url}/v2/team/app/blobs/uploads`, { method: 'POST' })).status).toBe(405)
    expect((await request(`${registry.url}/v2/Upper/tags/list`)).status).toBe(404)
  })

  test('logs requests, with only the scheme of credentials', async () => {
    const headers = { range: 'bytes=0-0', authorization: 'Basic c2VjcmV0', accept: 'a/b' }
    registry.store.putBlob('team/app', layer)
    const path = `/v2/team/app/blobs/${layer.digest}?x=1`
    await request(registry.url + path, { headers })
    const entry = registry.requests.at(-1)
    expect(entry).toMatchObject({ method: 'GET', range: 'bytes=0-0', authorization: 'basic', accept: 'a/b' })
    expect(entry).toMatchObject({ path, status: 206, inFlight: 1 })
    expect(JSON.stringify(registry.requests)).not.toContain('c2VjcmV0')
  })

  test('counts concurrent requests', async () => {
    registry.faults.add({ path: '/v2/' }, { delayMs: 50 })
    await Promise.all([1, 2, 3].map(() => request(`${registry.url}/v2/`)))
    expect(Math.max(...registry.requests.map(({ inFlight }) => inFlight))).toBe(3)
  })
})
