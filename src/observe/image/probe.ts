import { createHash } from 'node:crypto'
import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import type { BlobFact, BlobState } from '../../facts/image.ts'
import { hashAlgorithm } from '../../oci/digest.ts'
import { readBody } from '../http/body.ts'
import type { Response } from '../http/response.ts'
import { absentBlob } from './absent.ts'
import type { BlobContext } from './blob.ts'
import { smallBlob } from './budget.ts'
import { parseContentRange } from './range.ts'
import { isPage, lengthOf, lookWhole, pageTrouble, readWhole, type WholeLook } from './whole.ts'

type Area =
  | { look: 'done'; observed: BlobState }
  | { look: 'cut' }
  | { look: 'length'; total: number }
  | { look: 'unranged' }
  | { look: 'whole'; first: WholeLook }

/**
 * Proves that a blob can be read with one ranged GET of its last byte: a registry may say 200 and the right length
 * to HEAD for a blob whose data is gone (distribution#1803, #4269). Where the answer isn't the byte, a second
 * look finds out what is stored.
 */
export async function probeBlob(context: BlobContext, fact: BlobFact): Promise<Observed<BlobState>> {
  const { size } = fact.descriptor
  if (size === 0) return readWhole(context, fact, {})
  if (context.ranges.ignored) return openBlob(context, fact)
  const look = await askLastByte(context, fact)
  if (!look.seen) return look
  const { value } = look
  if (value.look === 'done') return seen(value.observed)
  if (value.look === 'unranged') return openBlob(context, fact)
  if (value.look === 'whole') return readWhole(context, fact, { first: value.first })
  if (value.look === 'length') return otherLength(context, fact, value.total)
  const again = await askLastByte(context, fact)
  if (!again.seen) return again
  if (again.value.look === 'done') return seen(again.value.observed)
  return readWhole(context, fact, { cap: smallBlob })
}

function askLastByte(context: BlobContext, fact: BlobFact): Promise<Observed<Area>> {
  const last = fact.descriptor.size - 1
  return context.request(fact.digest, 'GET', { range: `bytes=${last}-${last}` }, (response) =>
    judge(response, fact, context),
  )
}

async function judge(response: Response, fact: BlobFact, context: BlobContext): Promise<Observed<Area>> {
  const { size } = fact.descriptor
  const range = parseContentRange(response.header('content-range'))
  if (response.status === 416) {
    response.discard()
    if (range?.total === undefined || range.total === size) return seen({ look: 'unranged' })
    return seen({ look: 'length', total: range.total })
  }
  if (response.status === 200) {
    context.ranges.ignored = true
    context.quirk('ranges-ignored')
    return openReply(response, fact, context)
  }
  if (response.status !== 206) {
    const observed = await absentBlob(response)
    return observed.seen ? seen({ look: 'done', observed: observed.value }) : observed
  }
  if (range?.total !== undefined && range.total !== size) {
    response.discard()
    return seen({ look: 'length', total: range.total })
  }
  if (range?.first !== size - 1 || range.last !== size - 1 || response.encoding) {
    response.discard()
    return seen({ look: 'unranged' })
  }
  const body = await readBody(response, 1)
  if (body.bytes.length === 1)
    return seen({ look: 'done', observed: { state: 'proven', proof: 'last-byte', bytesRead: 1 } })
  return body.end === 'cut' && body.why.kind !== 'connection-cut' ? unseen(body.why) : seen({ look: 'cut' })
}

/** A blob from a registry that ignores ranges: read to its end where that was granted, else only opened. */
async function openBlob(context: BlobContext, fact: BlobFact): Promise<Observed<BlobState>> {
  const look = await context.request(fact.digest, 'GET', {}, (response) => openReply(response, fact, context))
  if (!look.seen) return look
  const { value } = look
  if (value.look === 'done') return seen(value.observed)
  return readWhole(context, fact, value.look === 'whole' ? { first: value.first } : {})
}

async function openReply(response: Response, fact: BlobFact, context: BlobContext): Promise<Observed<Area>> {
  const granted = context.granted().has(fact.digest)
  if (granted || response.status !== 200) {
    const whole = await lookWhole(response, fact, context, {})
    return whole.seen ? seen({ look: 'whole', first: whole.value }) : whole
  }
  const { size, mediaType } = fact.descriptor
  if (isPage(response) && mediaType !== 'text/html') {
    response.discard()
    return unseen(pageTrouble(response.host))
  }
  const announced = lengthOf(response)
  if (announced !== undefined && announced !== size) {
    response.discard()
    return seen({ look: 'done', observed: { state: 'length', storedBytes: announced, intact: undefined } })
  }
  const { bytes, ...rest } = await readBody(response, 1)
  if (bytes.length > 0)
    return seen({ look: 'done', observed: { state: 'proven', proof: 'opened', bytesRead: 1 } })
  if (rest.end === 'cut' && rest.why.kind !== 'connection-cut') return unseen(rest.why)
  const cut = { look: 'cut' as const, received: 0, announced: size }
  const why = {
    kind: 'connection-cut' as const,
    host: response.host,
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
): Promise<Observed<BlobState>> {
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
