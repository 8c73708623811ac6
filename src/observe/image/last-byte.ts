import type { BlobFact } from '../../core/model.ts'
import { readBody } from '../http/body.ts'
import { seen } from '../http/failures.ts'
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
  const answer = await context.ask(digest, 'GET', { range: `bytes=${last}-${last}` }, async (reply) => {
    const range = parseContentRange(reply.header('content-range'))
    if (reply.status !== 206 || range?.first !== last) {
      reply.discard()
      return seen(false)
    }
    const { bytes } = await readBody(reply, 1)
    return seen(bytes.length === 1)
  })
  return answer.seen && answer.value
}
