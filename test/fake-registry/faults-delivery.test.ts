import { describe, expect, test } from 'vitest'
import { startRegistry } from '../../src/fake-registry/registry.ts'
import { FULL, lastByte, layer, useRegistry } from './corrupted.ts'
import { request } from './request.ts'

const { get, registry, corrupt } = useRegistry()

describe('delivery faults', () => {
  test('reset before the headers, after them, and after some bytes', async () => {
    corrupt({ reset: 'before-headers' }, { times: 1 })
    await expect(get()).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(registry().requests.at(-1)?.status).toBe(0)
    corrupt({ reset: 'after-headers' }, { times: 1 })
    expect(await get()).toMatchObject({
      status: 200,
      headers: FULL,
      body: Buffer.alloc(0),
      error: 'ECONNRESET',
    })
    corrupt({ reset: 'after', bytes: 100 })
    expect(await get()).toMatchObject({ body: layer.bytes.subarray(0, 100), error: 'ECONNRESET' })
  })

  test('cutBodyAfter: announces the full length, and sends a part', async () => {
    corrupt({ cutBodyAfter: 1500 })
    const got = await get()
    expect(got).toMatchObject({ status: 200, headers: FULL, error: 'UND_ERR_SOCKET' })
    expect(got.body).toEqual(layer.bytes.subarray(0, 1500))
  })

  test('delayMs and drip slow the response down, and lose nothing', async () => {
    corrupt([{ delayMs: 60 }, { drip: { bytes: 500, everyMs: 20 } }])
    const begun = performance.now()
    expect(await get()).toMatchObject({ status: 200, body: layer.bytes, error: undefined })
    expect(performance.now() - begun).toBeGreaterThan(120)
  })

  test('hang: no response, and closing the registry ends it', async () => {
    const own = await startRegistry()
    own.faults.add({}, { hang: true })
    const asked = request(`${own.url}/v2/`).catch((error: { code: string }) => error.code)
    const first = await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, 100, 'waiting'))])
    expect(first).toBe('waiting')
    await own.close()
    expect(await asked).toMatch(/UND_ERR_SOCKET|ECONNRESET/)
  })

  test('endless: the body never ends', async () => {
    corrupt({ endless: true })
    const response = await fetch(`${registry().url}/v2/app/blobs/${layer.digest}`)
    let received = 0
    for await (const chunk of response.body ?? []) {
      received += chunk.length
      if (received > 5_000_000) break
    }
    expect(received).toBeGreaterThan(5_000_000)
    expect((await request(`${registry().url}/v2/`)).status).toBe(200)
  })
})

describe('matching', () => {
  test('is by method, path, digest, any condition and count', async () => {
    const rule = corrupt({ status: 500 }, { method: 'GET', path: /^\/v2\/app\/blobs\//, skip: 1, times: 1 })
    const statuses = [await get({ method: 'HEAD' }), await get(), await get(), await get()].map(
      (each) => each.status,
    )
    expect(statuses).toEqual([200, 200, 500, 200])
    expect(rule.hits).toBe(1)
    corrupt({ status: 418 }, { when: ({ headers }) => headers.range !== undefined })
    expect((await get()).status).toBe(200)
    expect((await get({ headers: lastByte })).status).toBe(418)
    registry().faults.add({ path: '/v2/' }, { status: 503 })
    expect((await request(`${registry().url}/v2/`)).status).toBe(503)
  })

  test('applies faults in the order they were added', async () => {
    corrupt({ truncateTo: 57, as: 'warm' })
    corrupt([{ dropHeader: 'etag' }, { delayMs: 5 }])
    const got = await get()
    expect(got).toMatchObject({ body: layer.bytes.subarray(0, 57), error: 'UND_ERR_SOCKET' })
    expect(got.headers).not.toHaveProperty('etag')
  })
})
