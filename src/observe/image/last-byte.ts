import { seen } from '../../core/observed.ts'
import type { BlobFact } from '../../facts/image.ts'
import { readBody } from '../http/body.ts'
import type { BlobContext } from './blob.ts'
import { parseContentRange } from './range.ts'

/**
 * True when the last byte of a blob comes on its own. A storage that holds the end of a blob holds all of it, so a download that
 * breaks off before is the road's doing: a proxy that stops after so many bytes stops at the same one each time.
 */
export async function lastByteComes(
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
