import { seen } from '../../core/observed.ts'
import type { BlobFact } from '../../facts/image.ts'
import { readBody } from '../http/body.ts'
import type { BlobContext } from './blob.ts'
import { parseContentRange } from './range.ts'

/**
 * True if the last byte of a blob can be read on its own. A storage that holds the end of a blob holds all of it, so the fault of
 * a download that breaks off is on the network path: a proxy with a size limit stops at the same byte each time.
 */
export async function canReadLastByte(context: BlobContext, fact: BlobFact): Promise<boolean> {
  const last = fact.descriptor.size - 1
  if (context.ranges.ignored || last < 0) return false
  return (await readRange(context, fact, last, last)) !== undefined
}

/** True if a blob begins as gzip does, whatever its media type says; false also if that could not be read. */
export async function isGzip(context: BlobContext, fact: BlobFact): Promise<boolean> {
  const start = await readRange(context, fact, 0, 1)
  return start?.[0] === 0x1f && start[1] === 0x8b
}

async function readRange(
  context: BlobContext,
  { digest }: BlobFact,
  first: number,
  last: number,
): Promise<Buffer | undefined> {
  const length = last - first + 1
  const headers = { range: `bytes=${first}-${last}` }
  const answer = await context.request(digest, 'GET', headers, async (response) => {
    const range = parseContentRange(response.header('content-range'))
    if (response.status !== 206 || range?.first !== first) {
      response.discard()
      return seen(undefined)
    }
    const { bytes } = await readBody(response, length)
    return seen(bytes.length === length ? bytes : undefined)
  })
  return answer.seen ? answer.value : undefined
}
