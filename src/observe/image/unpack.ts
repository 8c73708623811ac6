import type { Transform } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { createLimit } from '../http/limit.ts'
import { followZstdFrames } from './zstd-frames.ts'

/** Decompresses a stream. `write` resolves when the bytes were processed. */
export interface Unpacker {
  write: (chunk: Buffer) => Promise<void>
  /** Resolves to why the content could not be unpacked, or to undefined if it was. */
  end: () => Promise<UnpackFailure | undefined>
  /** After the end: how many bytes follow the last member or frame and belong to none. */
  trailingBytes: () => number
}

/** `limit`: the content may be intact, but unpacking it takes more memory than a runner should spend. */
interface UnpackFailure {
  kind: 'broken' | 'limit'
  problem: string
}

/** RFC 8878 recommends that every decoder supports 8 MiB; a frame may require more memory than the runner has. */
const maxWindowBytes = 8 * 1024 * 1024

/**
 * How much a decoder unpacks before it hands it on. Node's own 16 KiB cost a third more processor time: each piece is a turn of the event loop
 * and of a thread (docs/decisions/0032-parts-and-pace.md).
 */
const outputBytes = 64 * 1024

/**
 * Unpacks gzip, including streams of several members. zlib ends at a byte of 0 after a member, where Go expects another member
 * (`gzip: invalid header`): what it did not read is counted.
 */
export function gunzip(onData: (plain: Buffer) => void): Unpacker {
  const decoder = createGunzip({ chunkSize: outputBytes })
  decoder.on('data', onData)
  const work = drive(decoder)
  let writtenBytes = 0
  return {
    write: (chunk) => {
      writtenBytes += chunk.length
      return work.write(chunk)
    },
    end: async () => {
      decoder.end()
      await work.ended
      return work.failure()
    },
    trailingBytes: () => writtenBytes - decoder.bytesWritten,
  }
}

/**
 * Unpacks zstd streams one after the other with a single decoder: each decoder holds a window of up to 8 MiB, and the process
 * keeps the memory that a closed decoder frees (docs/decisions/0004-memory.md).
 */
export function createZstdUnpackers(): (onData: (plain: Buffer) => void) => Unpacker {
  const oneAtATime = createLimit(1)
  let decoder: Transform | undefined
  let currentOnData: (plain: Buffer) => void = () => {}
  const openDecoder = () => {
    if (decoder && !decoder.destroyed) return decoder
    decoder = createZstdDecompress()
    decoder.on('data', (plain: Buffer) => currentOnData(plain))
    return decoder
  }

  return (onData) => {
    const frames = followZstdFrames()
    let failure: UnpackFailure | undefined
    let release: (() => void) | undefined
    const acquire = () =>
      new Promise<void>((acquired) => {
        void oneAtATime(
          () =>
            new Promise<void>((done) => {
              release = done
              currentOnData = onData
              acquired()
            }),
        )
      })
    return {
      write: async (chunk) => {
        if (!release) await acquire()
        const pieces = frames.split(chunk)
        if (frames.windowBytes() > maxWindowBytes) {
          failure ??= { kind: 'limit', problem: `a frame requires a window of ${frames.windowBytes()} bytes` }
        }
        for (const piece of pieces) {
          if (failure) return
          const work = drive(openDecoder())
          await work.write(piece)
          while (decoder && !decoder.destroyed && decoder.readableLength > 0) await nextTurn()
          failure = work.failure()
          work.detach()
        }
      },
      end: async () => {
        if (!failure && !frames.complete())
          failure = { kind: 'broken', problem: 'ends in the middle of a frame' }
        // A decoder that stopped inside a frame cannot be used for the next stream.
        if (failure) decoder?.destroy()
        release?.()
        return failure
      },
      trailingBytes: () => 0,
    }
  }
}

/** Writes to a decoder one chunk at a time, and records its first error. */
function drive(decoder: Transform) {
  let problem: string | undefined
  let finish: () => void = () => {}
  const ended = new Promise<void>((done) => {
    finish = done
  })
  const fail = (error: Error) => {
    problem = `does not decompress: ${error.message}`
    finish()
  }
  decoder.once('error', fail)
  decoder.once('end', finish)
  return {
    ended,
    write: async (chunk: Buffer) => {
      if (problem !== undefined) return
      await Promise.race([new Promise<void>((done) => decoder.write(chunk, () => done())), ended])
    },
    failure: (): UnpackFailure | undefined =>
      problem === undefined ? undefined : { kind: 'broken', problem },
    detach: () => {
      decoder.off('error', fail)
      decoder.off('end', finish)
    },
  }
}
