import { createHash, type Hash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import type { Failure } from '../../core/failure.ts'
import { ConnectionError, failure, failureOf, stopped } from './failures.ts'
import type { Response } from './response.ts'

/** How a body ended: with all that came, over the cap, or before its end. */
export type BodyEnd =
  | { end: 'whole'; bytes: Buffer }
  | { end: 'capped'; bytes: Buffer }
  | { end: 'cut'; bytes: Buffer; why: Failure }

/** A short answer that drips for longer than this is not worth waiting for. */
const slowMs = 60_000

/** Reads a body to its end, but no more than `cap` bytes of it. The connection is given up when more comes. */
export async function readBody(response: Response, cap: number): Promise<BodyEnd> {
  const parts: Buffer[] = []
  const timer = setTimeout(() => {
    const detail = `its answer had not ended after ${slowMs / 1000} s`
    response.body.destroy(new ConnectionError(failure('answer-timeout', response.host, 'body', detail)))
  }, slowMs)
  try {
    const end = await consume(response, cap, (chunk) => parts.push(chunk))
    return { ...end, bytes: Buffer.concat(parts) }
  } finally {
    clearTimeout(timer)
  }
}

/** What a streamed body came to. */
export type Streamed = { received: number; digest: string } & (
  | { end: 'whole' | 'capped' }
  | { end: 'cut'; why: Failure }
)

/** Reads a body without keeping it: its length and digest, and each chunk to `see`, which may ask to wait. */
export async function streamBody(
  response: Response,
  algorithm: 'sha256' | 'sha512',
  cap: number,
  see?: (chunk: Buffer) => void | Promise<void>,
): Promise<Streamed> {
  const hash: Hash = createHash(algorithm)
  let received = 0
  const end = await consume(response, cap, (chunk) => {
    received += chunk.length
    hash.update(chunk)
    return see?.(chunk)
  })
  return { ...end, received, digest: `${algorithm}:${hash.digest('hex')}` }
}

type End = { end: 'whole' } | { end: 'capped' } | { end: 'cut'; why: Failure }

async function consume(response: Response, cap: number, see: (chunk: Buffer) => unknown): Promise<End> {
  let received = 0
  try {
    for await (const chunk of decoded(response) as AsyncIterable<Buffer>) {
      response.count(chunk.length)
      const room = cap - received
      received += chunk.length
      if (chunk.length > room) {
        await see(chunk.subarray(0, room))
        return { end: 'capped' }
      }
      await see(chunk)
    }
  } catch (error) {
    const why = response.signal.aborted
      ? stopped(response.host, response.signal)
      : failureOf(error, response.host, 'body')
    return { end: 'cut', why }
  } finally {
    if (!response.body.destroyed) response.body.destroy()
  }
  return { end: 'whole' }
}

/**
 * We ask for `identity`; some proxies compress all the same (quay#1310). Then the decoded bytes are what
 * the digest is of, and the length in the headers is of something else.
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
