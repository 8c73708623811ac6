import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { layer, useRegistry } from './corrupted.ts'

const { get, corrupt } = useRegistry()

describe('answer faults', () => {
  test('status, with a JSON document or a text, and headers', async () => {
    corrupt({ status: 429, body: { errors: [] }, headers: { 'Retry-After': '7' } }, { times: 1 })
    const limited = await get()
    expect(limited).toMatchObject({ status: 429, body: Buffer.from('{"errors":[]}') })
    expect(limited.headers['retry-after']).toBe('7')
    corrupt({ status: 502, body: 'bad gateway' })
    expect(await get()).toMatchObject({ status: 502, body: Buffer.from('bad gateway') })
  })

  test('html: 200 with a page', async () => {
    corrupt({ html: '<title>Sign in</title>' })
    const got = await get()
    expect(got.status).toBe(200)
    expect(got.headers['content-type']).toBe('text/html; charset=utf-8')
  })

  test('redirect: to a fixed or a computed URL', async () => {
    corrupt({ redirect: 'http://127.0.0.1:1/x' }, { times: 1 })
    expect(await get()).toMatchObject({ status: 307, headers: { location: 'http://127.0.0.1:1/x' } })
    corrupt({ redirect: ({ method }) => `/only/${method}`, status: 302 })
    expect(await get()).toMatchObject({ status: 302, headers: { location: '/only/GET' } })
  })

  test('contentLength: missing, zero or another', async () => {
    const rule = corrupt({ contentLength: 'missing' })
    const unknown = await get()
    expect(unknown.headers).not.toHaveProperty('content-length')
    expect(unknown.body).toEqual(layer.bytes)
    expect((await get({ method: 'HEAD' })).headers).not.toHaveProperty('content-length')
    rule.remove()
    corrupt({ contentLength: 'zero' }, { times: 1 })
    expect(await get()).toMatchObject({
      headers: { 'content-length': '0' },
      body: Buffer.alloc(0),
      error: undefined,
    })
    corrupt({ contentLength: layer.bytes.length + 1 })
    expect(await get()).toMatchObject({ body: layer.bytes, error: 'UND_ERR_SOCKET' })
  })

  test('contentEncoding: the body is encoded', async () => {
    corrupt({ contentEncoding: 'gzip' })
    const got = await get()
    expect(got.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(got.body)).toEqual(layer.bytes)
  })

  test('dropHeader and setHeader', async () => {
    corrupt([{ dropHeader: 'Docker-Content-Digest' }, { setHeader: { Warning: '299 - "old"' } }])
    const { headers } = await get()
    expect(headers).not.toHaveProperty('docker-content-digest')
    expect(headers.warning).toBe('299 - "old"')
  })
})
