import type { Transform } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { createLimit } from '../http/limit.ts'
import { followZstdFrames } from './zstd-frames.ts'

/** Turns compressed bytes into what they unpack to. `write` resolves when the bytes were worked off. */
export interface Unpacker {
  write: (chunk: Buffer) => Promise<void>
  /** Gives why the content could not be unpacked, or undefined when it was. */
  end: () => Promise<UnpackFailure | undefined>
}

/** `limit`: it may be sound, but needs more memory than a runner should give. */
export interface UnpackFailure {
  kind: 'broken' | 'limit'
  problem: string
}

/** RFC 8878 asks every reader to have 8 MiB; a frame may ask for more than the runner has. */
const maxWindowBytes = 8 * 1024 * 1024

/** Unpacks gzip, with all its members. */
export function gunzip(see: (plain: Buffer) => void): Unpacker {
  const decoder = createGunzip()
  decoder.on('data', see)
  const work = driven(decoder)
  return {
    write: work.write,
    end: async () => {
      decoder.end()
      await work.ended
      return work.failure()
    },
  }
}

/**
 * Unpacks zstd streams one after the other through one decoder: each decoder holds a window of up to 8 MiB, and what they give
 * back at their end stays with the process (docs/decisions/0004-memory.md).
 */
export function createZstdUnpackers(): (see: (plain: Buffer) => void) => Unpacker {
  const oneByOne = createLimit(1)
  let decoder: Transform | undefined
  let current: (plain: Buffer) => void = () => {}
  const ready = () => {
    if (decoder && !decoder.destroyed) return decoder
    decoder = createZstdDecompress()
    decoder.on('data', (plain: Buffer) => current(plain))
    return decoder
  }

  return (see) => {
    const frames = followZstdFrames()
    let failure: UnpackFailure | undefined
    let turnOver: (() => void) | undefined
    const begin = () =>
      new Promise<void>((begun) => {
        void oneByOne(
          () =>
            new Promise<void>((over) => {
              turnOver = over
              current = see
              begun()
            }),
        )
      })
    return {
      write: async (chunk) => {
        if (!turnOver) await begin()
        const pieces = frames.split(chunk)
        if (frames.windowBytes() > maxWindowBytes) {
          failure ??= { kind: 'limit', problem: `a frame asks for a window of ${frames.windowBytes()} bytes` }
        }
        for (const piece of pieces) {
          if (failure) return
          const work = driven(ready())
          await work.write(piece)
          while (decoder && !decoder.destroyed && decoder.readableLength > 0) await turn()
          failure = work.failure()
          work.release()
        }
      },
      end: async () => {
        if (!failure && !frames.complete())
          failure = { kind: 'broken', problem: 'it ends in the middle of a frame' }
        // A decoder that stopped inside a frame is no good for the next stream.
        if (failure) decoder?.destroy()
        turnOver?.()
        return failure
      },
    }
  }
}

function driven(decoder: Transform) {
  let problem: string | undefined
  let settle: () => void = () => {}
  const ended = new Promise<void>((done) => {
    settle = done
  })
  const fail = (error: Error) => {
    problem = `it does not decompress: ${error.message}`
    settle()
  }
  decoder.once('error', fail)
  decoder.once('end', settle)
  return {
    ended,
    write: async (chunk: Buffer) => {
      if (problem !== undefined) return
      await Promise.race([new Promise<void>((done) => decoder.write(chunk, () => done())), ended])
    },
    failure: (): UnpackFailure | undefined =>
      problem === undefined ? undefined : { kind: 'broken', problem },
    release: () => {
      decoder.off('error', fail)
      decoder.off('end', settle)
    },
  }
}
