import { createHash, type Hash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import type { Failure } from '../../core/failure.ts'
import { ConnectionError, failure, failureOf, stopped } from './failures.ts'
import type { Response } from './response.ts'

/** A body that was read: complete, longer than the cap, or cut off before its end. */
export type BodyEnd =
  | { end: 'whole'; bytes: Buffer }
  | { end: 'capped'; bytes: Buffer }
  | { end: 'cut'; bytes: Buffer; why: Failure }

/** How long a short body, such as a manifest or a token, may take in all. */
const maxBodyMs = 60_000

/** Reads at most `cap` bytes of a body, for at most 60 seconds. A longer body closes the connection. */
export async function readBody(response: Response, cap: number): Promise<BodyEnd> {
  const parts: Buffer[] = []
  const timer = setTimeout(() => {
    const detail = `response not complete after ${maxBodyMs / 1000} s`
    response.body.destroy(new ConnectionError(failure('answer-timeout', response.host, 'body', detail)))
  }, maxBodyMs)
  const end = await collect(response, cap, parts)
  clearTimeout(timer)
  if (!response.body.destroyed) response.body.destroy()
  const [first] = parts
  return { ...end, bytes: first && parts.length === 1 ? first : Buffer.concat(parts) }
}

/** Reads a body as it arrives. An iterator over it costs several times as much, and a registry has thousands of short bodies. */
function collect(response: Response, cap: number, parts: Buffer[]): Promise<End> {
  const body = decoded(response)
  let received = 0
  let isDone = false
  return new Promise((resolve) => {
    const done = (end: End) => {
      isDone = true
      resolve(end)
    }
    body.on('data', (chunk: Buffer) => {
      response.count(chunk.length)
      const room = cap - received
      if (room < 0) return
      received += chunk.length
      parts.push(chunk.length > room ? chunk.subarray(0, room) : chunk)
      if (chunk.length <= room) return
      done({ end: 'capped' })
      body.destroy()
    })
    body.once('end', () => done({ end: 'whole' }))
    body.once('error', (error) => done(cutBy(error, response)))
    // A stream that is destroyed by something else has neither ended nor failed.
    body.once('close', () => isDone || done(cutBy(new Error('the response ended early'), response)))
  })
}

/** A body that was hashed while it was streamed: its length in bytes, its digest, and how it ended. */
export type Streamed = { received: number; digest: string } & (
  | { end: 'whole' | 'capped' }
  | { end: 'cut'; why: Failure }
)

/**
 * Hashes at most `cap` bytes of a body without keeping it. Each chunk is passed to `onChunk`; a promise that it returns pauses the
 * stream.
 */
export async function streamBody(
  response: Response,
  algorithm: 'sha256' | 'sha512',
  cap: number,
  onChunk?: (chunk: Buffer) => void | Promise<void>,
): Promise<Streamed> {
  const hash: Hash = createHash(algorithm)
  let received = 0
  const end = await consume(response, cap, (chunk) => {
    received += chunk.length
    hash.update(chunk)
    return onChunk?.(chunk)
  })
  return { ...end, received, digest: `${algorithm}:${hash.digest('hex')}` }
}

type End = { end: 'whole' } | { end: 'capped' } | { end: 'cut'; why: Failure }

async function consume(response: Response, cap: number, onChunk: (chunk: Buffer) => unknown): Promise<End> {
  let received = 0
  try {
    for await (const chunk of decoded(response) as AsyncIterable<Buffer>) {
      response.count(chunk.length)
      const room = cap - received
      received += chunk.length
      if (chunk.length > room) {
        await onChunk(chunk.subarray(0, room))
        return { end: 'capped' }
      }
      await onChunk(chunk)
    }
  } catch (error) {
    return cutBy(error, response)
  } finally {
    if (!response.body.destroyed) response.body.destroy()
  }
  return { end: 'whole' }
}

const cutBy = (error: unknown, { signal, host }: Response): End => ({
  end: 'cut',
  why: signal.aborted ? stopped(host, signal, 'body') : failureOf(error, host, 'body'),
})

/**
 * The body without its content coding. Requests ask for `identity`, but some proxies compress anyway (quay#1310). The digest is
 * that of the decoded bytes, and the Content-Length header is that of the encoded ones.
 */
function decoded(response: Response): Readable {
  const decoder = decoders[response.encoding]?.()
  if (!decoder) return response.body
  response.body.on('error', (error) => decoder.destroy(error))
  return response.body.pipe(decoder)
}

const decoders: Record<string, (() => NodeJS.ReadWriteStream & Readable) | undefined> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
}
