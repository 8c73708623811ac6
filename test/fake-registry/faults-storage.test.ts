import { describe, expect, test } from 'vitest'
import { FULL, lastByte, layer, useRegistry } from './corrupted.ts'

const { get, corrupt } = useRegistry()

describe('storage faults', () => {
  test('staleCache: a correct HEAD, 206 and 200 without a body', async () => {
    corrupt({ staleCache: true })
    expect(await get({ method: 'HEAD' })).toMatchObject({ status: 200, headers: FULL, error: undefined })
    const part = await get({ headers: lastByte })
    expect(part).toMatchObject({ status: 206, body: Buffer.alloc(0), error: 'UND_ERR_SOCKET' })
    expect(part.headers).toMatchObject({
      'content-length': '1',
      'content-range': `bytes 1999-1999/${layer.bytes.length}`,
    })
    const whole = await get()
    expect(whole).toMatchObject({
      status: 200,
      headers: FULL,
      body: Buffer.alloc(0),
      error: 'UND_ERR_SOCKET',
    })
  })

  test('truncateTo cold: the registry announces the shorter length', async () => {
    corrupt({ truncateTo: 57, as: 'cold' })
    expect((await get({ method: 'HEAD' })).headers['content-length']).toBe('57')
    const part = await get({ headers: lastByte })
    expect(part.status).toBe(416)
    expect(part.headers['content-range']).toBe('bytes */57')
    expect(await get()).toMatchObject({ status: 200, body: layer.bytes.subarray(0, 57), error: undefined })
  })

  test('truncateTo warm: the full length, the first bytes, a closed connection', async () => {
    corrupt({ truncateTo: 57, as: 'warm' })
    expect((await get({ method: 'HEAD' })).headers).toMatchObject(FULL)
    expect(await get({ headers: lastByte })).toMatchObject({
      status: 206,
      body: Buffer.alloc(0),
      error: 'UND_ERR_SOCKET',
    })
    expect(await get({ headers: { range: 'bytes=50-59' } })).toMatchObject({
      body: layer.bytes.subarray(50, 57),
    })
    expect(await get()).toMatchObject({
      headers: FULL,
      body: layer.bytes.subarray(0, 57),
      error: 'UND_ERR_SOCKET',
    })
  })

  test('truncateTo gitea: the same, without ranges', async () => {
    corrupt({ truncateTo: 57, as: 'gitea' })
    expect((await get({ method: 'HEAD' })).headers).toMatchObject(FULL)
    const part = await get({ headers: lastByte })
    expect(part).toMatchObject({ status: 200, body: layer.bytes.subarray(0, 57), error: 'UND_ERR_SOCKET' })
    expect(part.headers).not.toHaveProperty('accept-ranges')
  })

  test('bytes: different content under the same digest', async () => {
    const rotten = Buffer.from(layer.bytes).fill(0, 10, 11)
    corrupt({ bytes: rotten })
    const got = await get()
    expect(got.body).toEqual(rotten)
    expect(got.headers['docker-content-digest']).toBe(layer.digest)
  })

  test('ignoreRange: the whole content', async () => {
    corrupt({ ignoreRange: true })
    expect(await get({ headers: lastByte })).toMatchObject({ status: 200, body: layer.bytes })
  })
})
