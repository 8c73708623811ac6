import { failureInfo } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { seen } from '../../core/observed.ts'
import type { BlobFact, BlobState } from '../../facts/image.ts'
import type { Response } from '../http/response.ts'
import { absentBlob } from './absent.ts'
import type { BlobContext } from './blob.ts'
import { probeBlob } from './probe.ts'
import { lengthOf } from './whole.ts'

/** Answers to HEAD that say nothing of the blob: some servers know no HEAD, some storages sign only GET. */
const noAnswer = [400, 403, 405, 501]

/**
 * Asks with HEAD whether a blob is listed with the right length. That proves no more than that it is listed; any answer
 * that isn't a plain yes is followed up with a probe, because a HEAD has no body to explain itself.
 */
export async function headBlob(context: BlobContext, fact: BlobFact): Promise<Observed<BlobState>> {
  const listed = await context.request(
    fact.digest,
    'HEAD',
    {},
    (response) => judge(response, fact, context),
    noAnswer,
  )
  if (!listed.seen) {
    if (!failureInfo(listed.why.kind).maybeOnlyHead) return listed
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

type Answer = BlobState | { state: 'ask'; zero: boolean }

async function judge(response: Response, fact: BlobFact, context: BlobContext): Promise<Observed<Answer>> {
  if (response.status === 404) return absentBlob(response)
  const announced = lengthOf(response)
  response.discard()
  if (response.status === 405 || response.status === 501) context.quirk('head-unsupported')
  if (response.status === 200) {
    if (announced === fact.descriptor.size) return seen({ state: 'proven', proof: 'listed', bytesRead: 0 })
    if (response.encoding) context.quirk('content-encoded')
    else if (announced === undefined) context.quirk('length-unknown')
  }
  return seen({ state: 'ask', zero: response.status === 200 && announced === 0 })
}
