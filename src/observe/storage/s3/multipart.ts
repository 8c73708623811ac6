import type { MultipartFact } from '../../../facts/storage/multipart.ts'
import type { Bucket } from './bucket.ts'
import { urlDecoded } from './listing.ts'
import { elements, textOf } from './xml.ts'

/** Registry and S3 server give an upload up after this time at the latest (`uploadpurging` of distribution: 168 h). */
const staleMs = 7 * 24 * 3_600_000
/** A thousand uploads a page. */
const maxPages = 20
const maxExamples = 5

/** Lists the multipart uploads below a prefix that were begun and not completed; no listing of objects shows them. */
export async function observeMultipart(bucket: Bucket, prefix: string, now: number): Promise<MultipartFact> {
  const fact: Extract<MultipartFact, { state: 'listed' }> = {
    ...{ state: 'listed', total: 0, stale: 0, examples: [], isComplete: true },
  }
  let markers: Record<string, string> = {}
  for (let page = 0; page < maxPages; page += 1) {
    const query = { uploads: '', 'encoding-type': 'url', prefix, ...markers }
    const answer = await bucket.ask(query, 'list the multipart uploads')
    if (!answer.seen) return { state: 'refused', why: answer.why.detail }
    const xml = answer.value
    if (!/<\/ListMultipartUploadsResult>\s*$/.test(xml))
      return {
        state: 'refused',
        why: `${bucket.location.base.host} does not list multipart uploads as S3 does`,
      }
    for (const upload of elements(xml, 'Upload')) addUpload(fact, upload, now)
    const next = textOf(xml, 'NextKeyMarker')
    if (textOf(xml, 'IsTruncated') !== 'true' || !next) return fact
    markers = {
      'key-marker': urlDecoded(next) ?? next,
      'upload-id-marker': textOf(xml, 'NextUploadIdMarker') ?? '',
    }
  }
  return { ...fact, isComplete: false }
}

function addUpload(fact: Extract<MultipartFact, { state: 'listed' }>, upload: string, now: number): void {
  fact.total += 1
  const begun = Date.parse(textOf(upload, 'Initiated') ?? '')
  if (Number.isNaN(begun) || now - begun < staleMs) return
  fact.stale += 1
  fact.oldest = Math.min(fact.oldest ?? begun, begun)
  const key = textOf(upload, 'Key') ?? ''
  if (fact.examples.length < maxExamples) fact.examples.push(urlDecoded(key) ?? key)
}
