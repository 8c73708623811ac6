import { failureInfo } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { seen } from '../../core/observed.ts'
import type { BlobFact, BlobState } from '../../facts/image.ts'
import type { Response } from '../http/response.ts'
import { isOfRegistry } from '../registry/refusal.ts'
import { absentBlob } from './absent.ts'
import type { BlobContext } from './blob.ts'
import { probeBlob } from './probe.ts'
import { lengthOf } from './whole.ts'

/**
 * Statuses of HEAD that say nothing about the blob: some servers do not support HEAD, some storages sign only GET. Whether a 500 comes from
 * the registry or from a proxy, only a body shows.
 */
const inconclusive = [400, 403, 405, 500, 501]

/**
 * Checks with HEAD that a blob is listed with the right length, which proves nothing more. Any other answer than 404 is followed by a
 * probe, because the answer to HEAD has no body with an error code.
 */
export async function headBlob(context: BlobContext, fact: BlobFact): Promise<Observed<BlobState>> {
  const listed = await context.request(
    fact.digest,
    'HEAD',
    {},
    (response) => judge(response, fact, context),
    inconclusive,
  )
  if (!listed.seen) {
    if (!failureInfo(listed.why.kind).maybeOnlyHead) return listed
    const probed = await probeBlob(context, fact)
    if (!probed.seen) return listed
    context.quirk('head-unauthorized')
    return probed
  }
  if (listed.value.state !== 'probe') return seen(listed.value)
  const probed = await probeBlob(context, fact)
  if (listed.value.zeroLength && probed.seen && probed.value.state === 'proven') context.quirk('length-zero')
  return probed
}

type HeadResult = BlobState | { state: 'probe'; zeroLength: boolean }

async function judge(
  response: Response,
  fact: BlobFact,
  context: BlobContext,
): Promise<Observed<HeadResult>> {
  if (response.status === 404 && (response.fromStorage || isOfRegistry(response, '')))
    return absentBlob(response)
  const announced = lengthOf(response)
  response.discard()
  if (response.status === 405 || response.status === 501) context.quirk('head-unsupported')
  if (response.status === 200) {
    if (announced === fact.descriptor.size) return seen({ state: 'proven', proof: 'listed', bytesRead: 0 })
    if (response.encoding) context.quirk('content-encoded')
    else if (announced === undefined) context.quirk('length-unknown')
  }
  return seen({ state: 'probe', zeroLength: response.status === 200 && announced === 0 })
}
