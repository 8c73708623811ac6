import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** How many streamed bytes trigger one collection of the young generation. */
const everyBytes = 1024 * 1024

/**
 * Returns a counter of streamed bytes that collects the young generation once per MiB. Each chunk is garbage as soon as it is
 * hashed, but V8 lets such buffers pile up to 64 MB and more before it collects: 175 MB measured where 110 are enough
 * (docs/decisions/0004-memory.md).
 */
export function createMinorGc(): (bytes: number) => void {
  let streamed = 0
  let collect: ((options: { type: 'minor' }) => void) | undefined
  return (bytes) => {
    streamed += bytes
    if (streamed < everyBytes) return
    streamed = 0
    collect ??= exposeCollector()
    collect({ type: 'minor' })
  }
}

function exposeCollector(): (options: { type: 'minor' }) => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc')
}
