import { createHash } from 'node:crypto'
import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import type { BlobFact, BlobState } from '../../facts/image.ts'
import { hashAlgorithm } from '../../oci/digest.ts'
import { readBody } from '../http/body.ts'
import type { Response } from '../http/response.ts'
import { absentBlob } from './absent.ts'
import type { BlobContext } from './blob.ts'
import { smallBlobBytes } from './budget.ts'
import { isGzip } from './last-byte.ts'
import { type ContentRange, parseContentRange } from './range.ts'
import { doubtOf, tailOf } from './tail.ts'
import { type Download, downloadOnce, isPage, lengthOf, pageFailure, readWhole } from './whole.ts'

/** The result of one request for the last bytes, or for the whole blob where ranges are ignored. */
type Probe =
  | { result: 'done'; observed: BlobState }
  /** The end of the blob was received. */
  | { result: 'tail'; bytes: Buffer }
  /** Not all of it was received. */
  | { result: 'cut' }
  /** The registry states another length. */
  | { result: 'length'; total: number }
  /** The range was not served as requested. */
  | { result: 'unranged' }
  /** The answer was the whole blob. */
  | { result: 'whole'; first: Download }

/**
 * Proves that a blob is served to its end, with one ranged GET of its last bytes: a registry may answer HEAD with 200 and the right length
 * although the data is gone (distribution#1803, #4269). If they are not received, further requests find out what is stored.
 */
export async function probeBlob(context: BlobContext, fact: BlobFact): Promise<Observed<BlobState>> {
  const { size } = fact.descriptor
  if (size === 0) return readWhole(context, fact, {})
  if (context.ranges.ignored || fact.sample === 'read') return openBlob(context, fact)
  const probe = await requestTail(context, fact)
  if (!probe.seen) return probe
  const { value } = probe
  if (value.result === 'done') return seen(value.observed)
  if (value.result === 'tail') return judgeTail(context, fact, value.bytes)
  if (value.result === 'unranged') return openBlob(context, fact)
  if (value.result === 'whole') return readWhole(context, fact, { first: value.first })
  if (value.result === 'length') return otherLength(context, fact, value.total)
  const again = await requestTail(context, fact)
  if (!again.seen) return again
  if (again.value.result === 'done') return seen(again.value.observed)
  if (again.value.result === 'tail') return judgeTail(context, fact, again.value.bytes)
  return readWhole(context, fact, { maxBytes: smallBlobBytes })
}

function requestTail(context: BlobContext, fact: BlobFact): Promise<Observed<Probe>> {
  const { first, last } = tailOf(fact.descriptor.size)
  return context.request(fact.digest, 'GET', { range: `bytes=${first}-${last}` }, (response) =>
    judge(response, fact, context),
  )
}

async function judge(response: Response, fact: BlobFact, context: BlobContext): Promise<Observed<Probe>> {
  const { size } = fact.descriptor
  const range = parseContentRange(response.header('content-range'))
  if (response.status === 416) {
    response.discard()
    if (range?.total === undefined || range.total === size) return seen({ result: 'unranged' })
    return seen({ result: 'length', total: range.total })
  }
  if (response.status === 200) {
    context.ranges.ignored = true
    context.quirk('ranges-ignored')
    return readOpened(response, fact, context)
  }
  if (response.status !== 206) {
    const observed = await absentBlob(response)
    return observed.seen ? seen({ result: 'done', observed: observed.value }) : observed
  }
  if (range?.total !== undefined && range.total !== size) {
    response.discard()
    return seen({ result: 'length', total: range.total })
  }
  const served = endOf(range, size)
  if (served === undefined || response.encoding) {
    response.discard()
    return seen({ result: 'unranged' })
  }
  const body = await readBody(response, served)
  if (body.bytes.length === served) return seen({ result: 'tail', bytes: body.bytes })
  return body.end === 'cut' && body.why.kind !== 'connection-cut' ? unseen(body.why) : seen({ result: 'cut' })
}

/** How many bytes at the end of the blob a range holds; undefined if it is another part. A server may serve fewer than requested. */
function endOf(range: ContentRange | undefined, size: number): number | undefined {
  const { first, last } = tailOf(size)
  if (range?.first === undefined || range.last !== last || range.first < first) return undefined
  return range.first <= last ? last - range.first + 1 : undefined
}

/**
 * Judges the last bytes. Where they cannot end a layer, its digest shows whether the storage damaged it or it was pushed so; a layer
 * that is too large for that is judged by its trailer alone, if it is gzip at all: media types may be wrong.
 */
async function judgeTail(context: BlobContext, fact: BlobFact, tail: Buffer): Promise<Observed<BlobState>> {
  const { mediaType, size } = fact.descriptor
  const doubt = doubtOf(mediaType, tail, size)
  if (doubt && context.mayReadWhole(size)) return readWhole(context, fact, {})
  if (doubt?.what === 'gzip' && (await isGzip(context, fact))) fact.gzipTrailer = doubt.trailer
  return seen({ state: 'proven', proof: 'last-byte', bytesRead: tail.length })
}

/** Requests a whole blob, as a sample or from a registry that ignores ranges: reads it to its end if chosen, else its first byte. */
async function openBlob(context: BlobContext, fact: BlobFact): Promise<Observed<BlobState>> {
  const probe = await context.request(fact.digest, 'GET', {}, (response) =>
    readOpened(response, fact, context),
  )
  if (!probe.seen) return probe
  const { value } = probe
  if (value.result === 'done') return seen(value.observed)
  if (value.result === 'length') return otherLength(context, fact, value.total)
  return readWhole(context, fact, value.result === 'whole' ? { first: value.first } : {})
}

async function readOpened(
  response: Response,
  fact: BlobFact,
  context: BlobContext,
): Promise<Observed<Probe>> {
  const announced = lengthOf(response)
  const { size, mediaType } = fact.descriptor
  const isOtherLength = announced !== undefined && announced !== size
  if (fact.sample === 'read' && response.status === 200 && isOtherLength && !isPage(response)) {
    response.discard()
    return seen({ result: 'length', total: announced })
  }
  const readsWhole = fact.sample === 'read' || context.wholeReads().has(fact.digest)
  if (readsWhole || response.status !== 200) {
    const whole = await downloadOnce(response, fact, context, {})
    return whole.seen ? seen({ result: 'whole', first: whole.value }) : whole
  }
  if (isPage(response) && mediaType !== 'text/html') {
    response.discard()
    return unseen(pageFailure(response.host))
  }
  if (isOtherLength) {
    response.discard()
    return seen({ result: 'done', observed: { state: 'length', storedBytes: announced, intact: undefined } })
  }
  const { bytes, ...rest } = await readBody(response, 1)
  if (bytes.length > 0)
    return seen({ result: 'done', observed: { state: 'proven', proof: 'opened', bytesRead: 1 } })
  if (rest.end === 'cut' && rest.why.kind !== 'connection-cut') return unseen(rest.why)
  const cut = { result: 'cut' as const, received: 0, announced: size }
  const why = {
    kind: 'connection-cut' as const,
    host: response.host,
    phase: 'body' as const,
    detail: 'no data received',
    evidence: [],
  }
  return seen({ result: 'whole', first: { ...cut, why } })
}

/** The registry stores another length than the manifest states: the digest of what it stores shows which is wrong. */
async function otherLength(
  context: BlobContext,
  fact: BlobFact,
  total: number,
): Promise<Observed<BlobState>> {
  if (total > 0 && total <= smallBlobBytes) {
    const whole = await readWhole(context, fact, {})
    if (!whole.seen || whole.value.state !== 'proven') return whole
  }
  return seen({
    state: 'length',
    storedBytes: total,
    intact: total === 0 ? isEmptyDigest(fact.digest) : undefined,
  })
}

/** True for the digest of empty content: then the empty file is what was pushed, and the size in the manifest is wrong. */
function isEmptyDigest(digest: string): boolean {
  const algorithm = hashAlgorithm(digest)
  return algorithm !== undefined && digest === `${algorithm}:${createHash(algorithm).digest('hex')}`
}
