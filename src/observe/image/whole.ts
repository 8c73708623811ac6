import type { Failure } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import type { BlobFact, BlobState } from '../../facts/image.ts'
import { hashAlgorithm } from '../../oci/digest.ts'
import { bareMediaType } from '../../oci/media-types.ts'
import { type Streamed, streamBody } from '../http/body.ts'
import { failure } from '../http/failures.ts'
import type { Response } from '../http/response.ts'
import { absentBlob } from './absent.ts'
import type { BlobContext } from './blob.ts'
import { smallBlob } from './budget.ts'
import { createDiffId } from './diff-id.ts'
import { lastByteComes } from './last-byte.ts'

/** One reading of a blob's body; whether a cut lies in the storage or on the road shows only when it is repeated. */
export type WholeLook =
  | { look: 'done'; observed: BlobState }
  | { look: 'capped'; received: number; announced: number }
  | { look: 'cut'; received: number; announced: number; why: Extract<Streamed, { end: 'cut' }>['why'] }

export interface WholeOptions {
  /** Read no more than this; undefined for all of it. */
  cap?: number
  /** Holds the whole content after a look that reached its end. */
  keep?: { bytes: Buffer }
  /** An answer that has come already is the first to be read. */
  first?: WholeLook
}

/** How often a body is read to tell a storage that cuts at one place from a road that cuts anywhere. */
const looks = 3

/**
 * Reads a blob to its end. A body that breaks off at the same byte twice is the storage's doing; one that
 * breaks off each time elsewhere is the road's, and tells nothing of the image.
 */
export async function readWhole(
  context: BlobContext,
  fact: BlobFact,
  options: WholeOptions,
): Promise<Observed<BlobState>> {
  const cuts: number[] = []
  let last: Observed<WholeLook> | undefined = options.first && seen(options.first)
  for (let turn = 0; turn < looks; turn += 1) {
    last ??= await context.request(fact.digest, 'GET', {}, (response) =>
      lookWhole(response, fact, context, options),
    )
    if (!last.seen) return last
    const look = last.value
    if (look.look === 'done') return seen(look.observed)
    const { received, announced } = look
    if (look.look === 'capped')
      return seen({ state: 'cut', announcedBytes: announced, receivedBytes: received, atLeast: true })
    if (look.why.kind !== 'connection-cut') return unseen(look.why)
    if (cuts.includes(received)) {
      if (received > 0 && (await lastByteComes(context, fact))) {
        return unseen({
          ...look.why,
          detail: `downloads break off after ${received} bytes, and the last byte is there`,
        })
      }
      return seen({ state: 'cut', announcedBytes: announced, receivedBytes: received, atLeast: false })
    }
    cuts.push(received)
    if (turn === looks - 1)
      return unseen({ ...look.why, detail: `each of ${looks} downloads broke off at another byte` })
    last = undefined
  }
  throw new Error('unreachable: the last look returns')
}

/** Reads one answer to its end and compares length and digest with the descriptor. */
export async function lookWhole(
  response: Response,
  fact: BlobFact,
  context: BlobContext,
  { cap, keep }: WholeOptions,
): Promise<Observed<WholeLook>> {
  if (response.status !== 200) {
    const observed = await absentBlob(response)
    return observed.seen ? seen({ look: 'done', observed: observed.value }) : observed
  }
  const { size } = fact.descriptor
  const algorithm = hashAlgorithm(fact.digest)
  const diffId =
    context.depth === 'full' && cap === undefined && isLayer(fact) ? createDiffId(context.zstd) : undefined
  const announced = lengthOf(response)
  if (response.encoding) context.quirk('content-encoded')
  else if (announced === undefined) context.quirk('length-unknown')
  // A longer body than the descriptor says is read only while it is small: its digest tells who is wrong.
  const most = Math.min(cap ?? Number.POSITIVE_INFINITY, Math.max(size, Math.min(announced ?? 0, smallBlob)))
  const parts: Buffer[] = []
  const streamed = await streamBody(response, algorithm ?? 'sha256', most, async (chunk) => {
    if (keep) parts.push(chunk)
    await diffId?.take(chunk)
  })
  const { received } = streamed
  // Some servers close a connection without a word after the last byte: what came is whole, and its digest says so. With a longer
  // length announced clients take the same for a cut, and so do we.
  const complete =
    streamed.end === 'cut' &&
    algorithm !== undefined &&
    (announced === undefined || announced === received) &&
    judge(streamed, fact, true).state === 'proven'
  if (streamed.end !== 'whole' && !complete) await diffId?.abandon()
  if (streamed.end === 'cut' && !complete)
    return seen({ look: 'cut', received, announced: announced ?? size, why: streamed.why })
  if (streamed.end === 'capped') {
    if (cap !== undefined && most === cap)
      return seen({ look: 'capped', received, announced: announced ?? size })
    const storedBytes = announced ?? received + 1
    return seen({ look: 'done', observed: { state: 'length', storedBytes, intact: undefined } })
  }
  if (keep) keep.bytes = Buffer.concat(parts)
  if (diffId) fact.diffId = await diffId.end()
  const observed = judge(streamed, fact, algorithm !== undefined)
  if (observed.state !== 'proven' && isPage(response)) return unseen(pageTrouble(response.host))
  if (announced !== undefined && received < announced) {
    return seen({ look: 'cut', received, announced, why: shortBody(response.host) })
  }
  return seen({ look: 'done', observed })
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

/** True for a page for people; a layer is never one, and an artifact that is has the right digest. */
export const isPage = (response: Response): boolean =>
  bareMediaType(response.header('content-type') ?? '') === 'text/html'

/** A page for people in place of a blob: a login, or an error of a proxy. */
export const pageTrouble = (host: string): Failure =>
  failure('not-a-registry', host, 'body', 'it answered 200 to a blob with a web page')

const shortBody = (host: string) => ({
  kind: 'connection-cut' as const,
  host,
  phase: 'body' as const,
  detail: 'the body ended before the length that was announced',
  evidence: [],
})

/** An encrypted layer (ocicrypt) unpacks to nothing before it is decrypted. */
const isLayer = ({ uses, descriptor }: BlobFact): boolean =>
  uses.some(({ field }) => field.startsWith('layers')) && !descriptor.mediaType.endsWith('+encrypted')
