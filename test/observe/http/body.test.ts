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

async function answerTo(listener: RequestListener, limits = {}) {
  const { host } = await start(createServer(listener))
  const client = clientOf({ limits })
  return { client, answer: seenIn(await get(client, `http://${host}/`)) }
}

describe('a body', () => {
  test('that fits the cap to the byte comes whole', async () => {
    const { answer } = await answerTo((_, response) => response.end(bytes))
    expect(await readBody(answer, bytes.length)).toEqual({ end: 'whole', bytes })
  })

  test('that is one byte over the cap is given up there', async () => {
    const { answer } = await answerTo((_, response) => response.end(bytes))
    expect(await readBody(answer, bytes.length - 1)).toEqual({ end: 'capped', bytes: bytes.subarray(0, -1) })
  })

  test('without an end is read no further than the cap', async () => {
    let open = true
    const { answer, client } = await answerTo((_, response) => {
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
    expect(await readBody(answer, 1000)).toEqual({ end: 'capped', bytes: bytes.subarray(0, 1000) })
    expect(client.requestLog.fact().bytes).toBeLessThan(1_000_000)
    await expect.poll(() => open).toBe(false)
  })

  test('that breaks off is given as far as it came, with why', async () => {
    const { answer } = await answerTo((_, response) => {
      response.writeHead(200, { 'content-length': bytes.length })
      response.write(bytes.subarray(0, 500), () => response.socket?.destroySoon())
    })
    const body = await readBody(answer, 1_000_000)
    expect(body).toMatchObject({ end: 'cut', why: { kind: 'connection-cut', phase: 'body' } })
    expect(body.bytes.equals(bytes.subarray(0, 500))).toBe(true)
  })

  test('that stalls is given up after its limit', async () => {
    const stall: RequestListener = (_, response) => {
      response.writeHead(200, { 'content-length': 10 })
      response.write('12345')
    }
    const { answer } = await answerTo(stall, { bodyMs: 200 })
    const body = await readBody(answer, 100)
    expect(body).toMatchObject({ end: 'cut', why: { kind: 'answer-timeout', phase: 'body' } })
  })

  test('is hashed and counted without being kept', async () => {
    const { answer, client } = await answerTo((_, response) => response.end(bytes))
    let seen = 0
    const streamed = await streamBody(answer, 'sha256', 1_000_000, async (chunk) => {
      await null
      seen += chunk.length
    })
    expect(streamed).toEqual({ end: 'whole', received: bytes.length, digest: sha256 })
    expect(seen).toBe(bytes.length)
    expect(client.requestLog.fact().bytes).toBe(bytes.length)
  })
})

describe('a body that is encoded though nobody asked', () => {
  test.each([
    ['gzip', gzipSync(bytes)],
    ['x-gzip', gzipSync(bytes)],
    ['GZIP', gzipSync(bytes)],
    ['deflate', deflateSync(bytes)],
    ['br', brotliCompressSync(bytes)],
    ['zstd', zstdCompressSync(bytes)],
    ['identity', bytes],
  ])('with %s gives the decoded bytes', async (encoding, encoded) => {
    const { answer } = await answerTo((_, response) => {
      response.writeHead(200, { 'content-encoding': encoding })
      response.end(encoded)
    })
    expect(await streamBody(answer, 'sha256', 1_000_000)).toMatchObject({ end: 'whole', digest: sha256 })
    expect(answer.encoding).toBe(encoding === 'identity' ? '' : encoding.toLowerCase())
  })

  test('is capped by what it unpacks to, so a small answer cannot fill the memory', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
    expect(bomb.length).toBeLessThan(100_000)
    const { answer } = await answerTo((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.end(bomb)
    })
    const body = await readBody(answer, 4096)
    expect([body.end, body.bytes.length]).toEqual(['capped', 4096])
  })

  test('is cut where the connection breaks off in the middle of it', async () => {
    const encoded = gzipSync(bytes)
    const { answer } = await answerTo((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': encoded.length })
      response.write(encoded.subarray(0, 50_000), () => response.socket?.destroySoon())
    })
    expect((await streamBody(answer, 'sha256', 1_000_000)).end).toBe('cut')
  })

  test('is cut where it is no such encoding at all', async () => {
    const { answer } = await answerTo((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.end('this is no gzip')
    })
    expect((await readBody(answer, 1000)).end).toBe('cut')
  })

  test('stays as it is where nobody knows the encoding', async () => {
    const { answer } = await answerTo((_, response) => {
      response.writeHead(200, { 'content-encoding': 'x-rot13' })
      response.end('uryyb')
    })
    expect((await readBody(answer, 1000)).bytes.toString()).toBe('uryyb')
  })
})
