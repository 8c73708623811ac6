import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import type { BlobState } from '../../facts/image.ts'
import { failure } from '../http/failures.ts'
import type { Response } from '../http/response.ts'
import { readRefusal } from '../registry/refusal.ts'

/** A 404 of the blobs endpoint, as a sight; any other status here, or a web page, is no registry's answer. */
export async function absentBlob(response: Response): Promise<Observed<BlobState>> {
  const { html, status, code, message } = await readRefusal(response)
  // An object store says in its own way that an object is gone.
  if (status === 404 && (!html || response.fromStorage))
    return seen({ state: 'absent', refusal: { status, code, message } })
  const detail = `it answered ${status} ${html ? `with a web page (“${message}”)` : 'to a blob'}`
  return unseen({
    ...failure(html ? 'not-a-registry' : 'answer-invalid', response.host, 'headers', detail),
    status,
  })
}
