import { createHash, randomBytes } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readBody, streamBody } from '../../../src/observe/http/body.ts'
import { get, seenIn, useServers, useWires } from '../kit.ts'

const start = useServers()
const clientOf = useWires()
const bytes = randomBytes(100_000)
const sha256 = `sha256:${createHash('sha256').update(bytes).digest('hex')}`

async function responseFrom(listener: RequestListener, limits = {}) {
  const { host } = await start(createServer(listener))
  const client = clientOf({ limits })
  return { client, response: seenIn(await get(client, `http://${host}/`)) }
}

describe('a body', () => {
  test('of exactly the cap is read whole', async () => {
    const { response } = await responseFrom((_, response) => response.end(bytes))
    expect(await readBody(response, bytes.length)).toEqual({ end: 'whole', bytes })
  })

  test('that is one byte longer than the cap is capped', async () => {
    const { response } = await responseFrom((_, response) => response.end(bytes))
    expect(await readBody(response, bytes.length - 1)).toEqual({
      end: 'capped',
      bytes: bytes.subarray(0, -1),
    })
  })

  test('without an end is read up to the cap, and the connection is closed', async () => {
    let open = true
    const { response, client } = await responseFrom((_, response) => {
      response.on('close', () => {
        open = false
      })
      response.on('error', () => {})
      const pour = () => {
        while (open && response.write(bytes));
        if (open) response.once('drain', pour)
      }
      pour()
    })
    expect(await readBody(response, 1000)).toEqual({ end: 'capped', bytes: bytes.subarray(0, 1000) })
    expect(client.requestLog.fact().bytes).toBeLessThan(1_000_000)
    await expect.poll(() => open).toBe(false)
  })

  test('that is cut off is returned as far as it arrived, with the failure', async () => {
    const { response } = await responseFrom((_, response) => {
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(bytes.subarray(0, 500), () => response.socket?.destroySoon())
    })
    const body = await readBody(response, 1_000_000)
    expect(body).toMatchObject({ end: 'cut', why: { kind: 'connection-cut', phase: 'body' } })
    expect(body.bytes.equals(bytes.subarray(0, 500))).toBe(true)
  })

  test('that stalls fails after the body limit', async () => {
    const stall: RequestListener = (_, response) => {
      response.writeHead(200, { 'content-length': 10 })
      response.write('12345')
    }
    const { response } = await responseFrom(stall, { bodyMs: 200 })
    const body = await readBody(response, 100)
    expect(body).toMatchObject({ end: 'cut', why: { kind: 'answer-timeout', phase: 'body' } })
  })

  test('is hashed and counted while it is streamed', async () => {
    const { response, client } = await responseFrom((_, response) => response.end(bytes))
    let seen = 0
    const streamed = await streamBody(response, 'sha256', 1_000_000, async (chunk) => {
      await null
      seen += chunk.length
    })
    expect(streamed).toEqual({ end: 'whole', received: bytes.length, digest: sha256 })
    expect(seen).toBe(bytes.length)
    expect(client.requestLog.fact().bytes).toBe(bytes.length)
  })
})

describe('a body with an unrequested content coding', () => {
  test.each([
    ['gzip', gzipSync(bytes)],
    ['x-gzip', gzipSync(bytes)],
    ['GZIP', gzipSync(bytes)],
    ['deflate', deflateSync(bytes)],
    ['br', brotliCompressSync(bytes)],
    ['zstd', zstdCompressSync(bytes)],
    ['identity', bytes],
  ])('of %s is decoded', async (encoding, encoded) => {
    const { response } = await responseFrom((_, response) => {
      response.writeHead(200, { 'content-encoding': encoding })
      response.end(encoded)
    })
    expect(await streamBody(response, 'sha256', 1_000_000)).toMatchObject({ end: 'whole', digest: sha256 })
    expect(response.encoding).toBe(encoding === 'identity' ? '' : encoding.toLowerCase())
  })

  test('is capped by its decoded length, so a small response cannot fill the memory', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
    expect(bomb.length).toBeLessThan(100_000)
    const { response } = await responseFrom((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.end(bomb)
    })
    const body = await readBody(response, 4096)
    expect([body.end, body.bytes.length]).toEqual(['capped', 4096])
  })

  test('is cut if the connection breaks in the middle', async () => {
    const encoded = gzipSync(bytes)
    const { response } = await responseFrom((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': encoded.length })
      response.write(encoded.subarray(0, 50_000), () => response.socket?.destroySoon())
    })
    expect((await streamBody(response, 'sha256', 1_000_000)).end).toBe('cut')
  })

  test('is cut if it cannot be decoded', async () => {
    const { response } = await responseFrom((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.end('this is not gzip')
    })
    expect((await readBody(response, 1000)).end).toBe('cut')
  })

  test('of an unknown kind is returned as it is', async () => {
    const { response } = await responseFrom((_, response) => {
      response.writeHead(200, { 'content-encoding': 'x-rot13' })
      response.end('uryyb')
    })
    expect((await readBody(response, 1000)).bytes.toString()).toBe('uryyb')
  })
})
