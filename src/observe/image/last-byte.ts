import { seen } from '../../core/observed.ts'
import type { BlobFact } from '../../facts/image.ts'
import { readBody } from '../http/body.ts'
import type { BlobContext } from './blob.ts'
import { parseContentRange } from './range.ts'

/**
 * True if the last byte of a blob can be read on its own. A storage that holds the end of a blob holds all of it, so the fault of
 * a download that breaks off is on the network path: a proxy with a size limit stops at the same byte each time.
 */
export async function canReadLastByte(
  context: BlobContext,
  { digest, descriptor }: BlobFact,
): Promise<boolean> {
  const last = descriptor.size - 1
  if (context.ranges.ignored || last < 0) return false
  const answer = await context.request(
    digest,
    'GET',
    { range: `bytes=${last}-${last}` },
    async (response) => {
      const range = parseContentRange(response.header('content-range'))
      if (response.status !== 206 || range?.first !== last) {
        response.discard()
        return seen(false)
      }
      const { bytes } = await readBody(response, 1)
      return seen(bytes.length === 1)
    },
  )
  return answer.seen && answer.value
}
