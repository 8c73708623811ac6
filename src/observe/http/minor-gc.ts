import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** After so many streamed bytes the young generation is swept. */
const everyBytes = 1024 * 1024

/**
 * Counts streamed bytes and sweeps what they left behind. Each chunk is garbage as soon as it is hashed, but V8 lets
 * such buffers gather to 64 MB and more before it looks: measured, 175 MB where 110 are enough
 * (docs/decisions/0004-memory.md).
 */
export function createSweep(): (bytes: number) => void {
  let since = 0
  let collect: ((options: { type: 'minor' }) => void) | undefined
  return (bytes) => {
    since += bytes
    if (since < everyBytes) return
    since = 0
    collect ??= exposeCollector()
    collect({ type: 'minor' })
  }
}

function exposeCollector(): (options: { type: 'minor' }) => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc')
}
