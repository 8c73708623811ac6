import type { BlobFact, BlobSight, Observed, TroubleKind } from '../../core/model.ts'
import { seen } from '../http/failures.ts'
import type { Reply } from '../http/response.ts'
import { absentBlob } from './absent.ts'
import type { BlobContext } from './blob.ts'
import { probeBlob } from './probe.ts'
import { lengthOf } from './whole.ts'

/** Refusals that may be of HEAD and not of the blob: ECR Public's blobs, addresses that are signed for GET alone. */
const mayBeHeadAlone = new Set<TroubleKind>([
  'access-denied',
  'denied-or-missing',
  'insufficient-scope',
  'bad-credentials',
  'storage-forbidden',
])

/** Answers to HEAD that say nothing of the blob: some servers know no HEAD, some storages sign only GET. */
const noAnswer = [400, 403, 405, 501]

/**
 * Asks with HEAD whether a blob is listed with the right length. That proves no more than that it is listed; any answer
 * that isn't a plain yes is followed up with a probe, because a HEAD has no body to explain itself.
 */
export async function headBlob(context: BlobContext, fact: BlobFact): Promise<Observed<BlobSight>> {
  const listed = await context.ask(fact.digest, 'HEAD', {}, (reply) => judge(reply, fact, context), noAnswer)
  if (!listed.seen) {
    if (!mayBeHeadAlone.has(listed.why.kind)) return listed
    const probed = await probeBlob(context, fact)
    if (!probed.seen) return listed
    context.quirk('head-unauthorized')
    return probed
  }
  if (listed.value.state !== 'ask') return seen(listed.value)
  const probed = await probeBlob(context, fact)
  if (listed.value.zero && probed.seen && probed.value.state === 'proven') context.quirk('length-zero')
  return probed
}

type Answer = BlobSight | { state: 'ask'; zero: boolean }

async function judge(reply: Reply, fact: BlobFact, context: BlobContext): Promise<Observed<Answer>> {
  if (reply.status === 404) return absentBlob(reply)
  const announced = lengthOf(reply)
  reply.discard()
  if (reply.status === 405 || reply.status === 501) context.quirk('head-unsupported')
  if (reply.status === 200) {
    if (announced === fact.descriptor.size) return seen({ state: 'proven', proof: 'listed', bytesRead: 0 })
    if (reply.encoding) context.quirk('content-encoded')
    else if (announced === undefined) context.quirk('length-unknown')
  }
  return seen({ state: 'ask', zero: reply.status === 200 && announced === 0 })
}
