import type { Failure } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import type { BlobFact, BlobState } from '../../facts/image.ts'
import { hashAlgorithm } from '../../oci/digest.ts'
import { bareMediaType } from '../../oci/media-types.ts'
import { type Streamed, streamBody } from '../http/body.ts'
import { failure } from '../http/failures.ts'
import type { Response } from '../http/response.ts'
import { isHtml } from '../registry/refusal.ts'
import { absentBlob } from './absent.ts'
import type { BlobContext } from './blob.ts'
import { smallBlobBytes } from './budget.ts'
import { createDiffId } from './diff-id.ts'
import { canReadLastByte } from './last-byte.ts'
import { followEnds } from './tail.ts'

/** The result of one download. Only a second download shows whether a cut is the fault of the storage or of the network path. */
export type Download =
  | { result: 'done'; observed: BlobState }
  | { result: 'capped'; received: number; announced: number }
  | { result: 'cut'; received: number; announced: number; why: Extract<Streamed, { end: 'cut' }>['why'] }

export interface WholeOptions {
  /** Read at most this many bytes; undefined for all. */
  maxBytes?: number
  /** Receives the content after a download that reached its end. */
  keep?: { bytes: Buffer }
  /** A download that has already taken place; it counts as the first. */
  first?: Download
}

/** Downloads needed to distinguish a storage that ends at one byte from a network path that cuts anywhere. */
const maxDownloads = 3

/**
 * Reads a blob to its end. Two downloads that end at the same byte are the fault of the storage. Downloads that each end at another
 * byte are the fault of the network path, and say nothing about the image.
 */
export async function readWhole(
  context: BlobContext,
  fact: BlobFact,
  options: WholeOptions,
): Promise<Observed<BlobState>> {
  const cuts: number[] = []
  let latest: Observed<Download> | undefined = options.first && seen(options.first)
  for (let count = 0; count < maxDownloads; count += 1) {
    latest ??= await context.request(fact.digest, 'GET', {}, (response) =>
      downloadOnce(response, fact, context, options),
    )
    if (!latest.seen) return latest
    const download = latest.value
    if (download.result === 'done') return seen(download.observed)
    const { received, announced } = download
    if (download.result === 'capped')
      return seen({ state: 'cut', announcedBytes: announced, receivedBytes: received, atLeast: true })
    if (download.why.kind !== 'connection-cut') return unseen(download.why)
    if (cuts.includes(received)) {
      if (received > 0 && (await canReadLastByte(context, fact))) {
        return unseen({
          ...download.why,
          detail: `downloads break off after ${received} bytes, but the last byte can be read`,
        })
      }
      return seen({ state: 'cut', announcedBytes: announced, receivedBytes: received, atLeast: false })
    }
    cuts.push(received)
    if (count === maxDownloads - 1)
      return unseen({
        ...download.why,
        detail: `each of ${maxDownloads} downloads broke off at a different byte`,
      })
    latest = undefined
  }
  throw new Error('unreachable: the last download returns')
}

/** Reads one answer to its end and compares its length and digest with the descriptor. */
export async function downloadOnce(
  response: Response,
  fact: BlobFact,
  context: BlobContext,
  { maxBytes, keep }: WholeOptions,
): Promise<Observed<Download>> {
  if (response.status !== 200) {
    const observed = await absentBlob(response)
    return observed.seen ? seen({ result: 'done', observed: observed.value }) : observed
  }
  const { size } = fact.descriptor
  const algorithm = hashAlgorithm(fact.digest)
  const diffId =
    context.depth === 'full' && maxBytes === undefined && isLayer(fact)
      ? createDiffId(context.zstd)
      : undefined
  const announced = lengthOf(response)
  if (response.encoding) context.quirk('content-encoded')
  else if (announced === undefined) context.quirk('length-unknown')
  // A body longer than the descriptor states is read only if it is small: its digest shows which of the two is wrong.
  const limitBytes = Math.min(
    maxBytes ?? Number.POSITIVE_INFINITY,
    Math.max(size, Math.min(announced ?? 0, smallBlobBytes)),
  )
  const parts: Buffer[] = []
  let beginning = ''
  const ends = followEnds()
  const streamed = await streamBody(response, algorithm ?? 'sha256', limitBytes, async (chunk) => {
    if (keep) parts.push(chunk)
    if (beginning === '') beginning = chunk.toString('latin1', 0, 100)
    ends.take(chunk)
    await diffId?.take(chunk)
  })
  const { received } = streamed
  // Some servers close the connection abruptly after the last byte. The body is whole if its digest is right, unless a longer length
  // was announced: clients treat that as a cut.
  const complete =
    streamed.end === 'cut' &&
    algorithm !== undefined &&
    (announced === undefined || announced === received) &&
    judge(streamed, fact, true).state === 'proven'
  if (streamed.end !== 'whole' && !complete) await diffId?.abandon()
  if (streamed.end === 'cut' && !complete)
    return seen({ result: 'cut', received, announced: announced ?? size, why: streamed.why })
  if (streamed.end === 'capped') {
    if (maxBytes !== undefined && limitBytes === maxBytes)
      return seen({ result: 'capped', received, announced: announced ?? size })
    const storedBytes = announced ?? received + 1
    return seen({ result: 'done', observed: { state: 'length', storedBytes, intact: undefined } })
  }
  if (keep) keep.bytes = Buffer.concat(parts)
  if (diffId) Object.assign(fact, await diffId.end())
  const observed = judge(streamed, fact, algorithm !== undefined)
  if (observed.state !== 'proven' && (isPage(response) || isHtml('', beginning)))
    return unseen(pageFailure(response.host))
  if (announced !== undefined && received < announced) {
    return seen({ result: 'cut', received, announced, why: shortBody(response.host) })
  }
  // A layer that is unpacked needs no judgement of its end alone.
  const trailer = diffId || observed.state !== 'proven' ? undefined : ends.impossibleTrailer(fact)
  if (trailer) fact.gzipTrailer = trailer
  return seen({ result: 'done', observed })
}

function judge({ received, digest }: Streamed, fact: BlobFact, hashed: boolean): BlobState {
  const intact = hashed ? digest === fact.digest : undefined
  if (received !== fact.descriptor.size) return { state: 'length', storedBytes: received, intact }
  if (intact === false) return { state: 'altered', actual: digest, sizeBytes: received }
  return { state: 'proven', proof: 'whole', bytesRead: received }
}

/** `Content-Length` as a number; undefined when it is absent, or counts compressed bytes. */
export function lengthOf(response: Response): number | undefined {
  const value = response.header('content-length')
  return value === undefined || response.encoding || !/^\d+$/.test(value) ? undefined : Number(value)
}

/** True for an HTML page. A layer is never one, and an artifact that is one has the right digest. */
export const isPage = (response: Response): boolean =>
  bareMediaType(response.header('content-type') ?? '') === 'text/html'

/** An HTML page instead of a blob: a login page, or the error page of a proxy. */
export const pageFailure = (host: string): Failure =>
  failure('not-a-registry', host, 'body', 'it answered 200 with a web page instead of a blob')

const shortBody = (host: string) => ({
  kind: 'connection-cut' as const,
  host,
  phase: 'body' as const,
  detail: 'the body ended before the announced length',
  evidence: [],
})

/** True for layers that can be unpacked; an encrypted one (ocicrypt) cannot. */
const isLayer = ({ uses, descriptor }: BlobFact): boolean =>
  uses.some(({ field }) => field.startsWith('layers')) && !descriptor.mediaType.endsWith('+encrypted')
