import { createHash } from 'node:crypto'
import type { BlobFact, BlobSight, Observed } from '../../core/model.ts'
import { hashAlgorithm } from '../../oci/digest.ts'
import { readBody } from '../http/body.ts'
import { seen, unseen } from '../http/failures.ts'
import type { Reply } from '../http/response.ts'
import { absentBlob } from './absent.ts'
import type { BlobContext } from './blob.ts'
import { smallBlob } from './budget.ts'
import { parseContentRange } from './range.ts'
import { isPage, lengthOf, lookWhole, pageTrouble, readWhole, type WholeLook } from './whole.ts'

type Look =
  | { look: 'done'; sight: BlobSight }
  | { look: 'cut' }
  | { look: 'length'; total: number }
  | { look: 'unranged' }
  | { look: 'whole'; first: WholeLook }

/**
 * Proves that a blob can be read with one ranged GET of its last byte: a registry may say 200 and the right length
 * to HEAD for a blob whose data is gone (distribution#1803, #4269). Where the answer isn't the byte, a second
 * look finds out what is stored.
 */
export async function probeBlob(context: BlobContext, fact: BlobFact): Promise<Observed<BlobSight>> {
  const { size } = fact.descriptor
  if (size === 0) return readWhole(context, fact, {})
  if (context.ranges.ignored) return openBlob(context, fact)
  const look = await askLastByte(context, fact)
  if (!look.seen) return look
  const { value } = look
  if (value.look === 'done') return seen(value.sight)
  if (value.look === 'unranged') return openBlob(context, fact)
  if (value.look === 'whole') return readWhole(context, fact, { first: value.first })
  if (value.look === 'length') return otherLength(context, fact, value.total)
  const again = await askLastByte(context, fact)
  if (!again.seen) return again
  if (again.value.look === 'done') return seen(again.value.sight)
  return readWhole(context, fact, { cap: smallBlob })
}

function askLastByte(context: BlobContext, fact: BlobFact): Promise<Observed<Look>> {
  const last = fact.descriptor.size - 1
  return context.ask(fact.digest, 'GET', { range: `bytes=${last}-${last}` }, (reply) =>
    judge(reply, fact, context),
  )
}

async function judge(reply: Reply, fact: BlobFact, context: BlobContext): Promise<Observed<Look>> {
  const { size } = fact.descriptor
  const range = parseContentRange(reply.header('content-range'))
  if (reply.status === 416) {
    reply.discard()
    if (range?.total === undefined || range.total === size) return seen({ look: 'unranged' })
    return seen({ look: 'length', total: range.total })
  }
  if (reply.status === 200) {
    context.ranges.ignored = true
    context.quirk('ranges-ignored')
    return openReply(reply, fact, context)
  }
  if (reply.status !== 206) {
    const sight = await absentBlob(reply)
    return sight.seen ? seen({ look: 'done', sight: sight.value }) : sight
  }
  if (range?.total !== undefined && range.total !== size) {
    reply.discard()
    return seen({ look: 'length', total: range.total })
  }
  if (range?.first !== size - 1 || range.last !== size - 1 || reply.encoding) {
    reply.discard()
    return seen({ look: 'unranged' })
  }
  const body = await readBody(reply, 1)
  if (body.bytes.length === 1)
    return seen({ look: 'done', sight: { state: 'proven', proof: 'last-byte', bytesRead: 1 } })
  return body.end === 'cut' && body.why.kind !== 'connection-cut' ? unseen(body.why) : seen({ look: 'cut' })
}

/** A blob from a registry that ignores ranges: read to its end where that was granted, else only opened. */
async function openBlob(context: BlobContext, fact: BlobFact): Promise<Observed<BlobSight>> {
  const look = await context.ask(fact.digest, 'GET', {}, (reply) => openReply(reply, fact, context))
  if (!look.seen) return look
  const { value } = look
  if (value.look === 'done') return seen(value.sight)
  return readWhole(context, fact, value.look === 'whole' ? { first: value.first } : {})
}

async function openReply(reply: Reply, fact: BlobFact, context: BlobContext): Promise<Observed<Look>> {
  const granted = context.granted().has(fact.digest)
  if (granted || reply.status !== 200) {
    const whole = await lookWhole(reply, fact, context, {})
    return whole.seen ? seen({ look: 'whole', first: whole.value }) : whole
  }
  const { size, mediaType } = fact.descriptor
  if (isPage(reply) && mediaType !== 'text/html') {
    reply.discard()
    return unseen(pageTrouble(reply.host))
  }
  const announced = lengthOf(reply)
  if (announced !== undefined && announced !== size) {
    reply.discard()
    return seen({ look: 'done', sight: { state: 'length', storedBytes: announced, intact: undefined } })
  }
  const { bytes, ...rest } = await readBody(reply, 1)
  if (bytes.length > 0)
    return seen({ look: 'done', sight: { state: 'proven', proof: 'opened', bytesRead: 1 } })
  if (rest.end === 'cut' && rest.why.kind !== 'connection-cut') return unseen(rest.why)
  const cut = { look: 'cut' as const, received: 0, announced: size }
  const why = {
    kind: 'connection-cut' as const,
    host: reply.host,
    phase: 'body' as const,
    detail: 'no byte came',
    evidence: [],
  }
  return seen({ look: 'whole', first: { ...cut, why } })
}

/** The registry holds another length than the manifest says: the digest of what it holds tells who is wrong. */
async function otherLength(
  context: BlobContext,
  fact: BlobFact,
  total: number,
): Promise<Observed<BlobSight>> {
  if (total > 0 && total <= smallBlob) {
    const whole = await readWhole(context, fact, {})
    if (!whole.seen || whole.value.state !== 'proven') return whole
  }
  return seen({
    state: 'length',
    storedBytes: total,
    intact: total === 0 ? isOfNothing(fact.digest) : undefined,
  })
}

/** True for the digest of no bytes at all: then an empty file is what was pushed, and its size was told wrongly. */
function isOfNothing(digest: string): boolean {
  const algorithm = hashAlgorithm(digest)
  return algorithm !== undefined && digest === `${algorithm}:${createHash(algorithm).digest('hex')}`
}
