import type { BlobSight, Observed } from '../../core/model.ts'
import { seen, trouble, unseen } from '../http/failures.ts'
import type { Reply } from '../http/response.ts'
import { readRefusal } from '../registry/refusal.ts'

/** A 404 of the blobs endpoint, as a sight; any other status here, or a web page, is no registry's answer. */
export async function absentBlob(reply: Reply): Promise<Observed<BlobSight>> {
  const { html, status, code, message } = await readRefusal(reply)
  // An object store says in its own way that an object is gone.
  if (status === 404 && (!html || reply.fromStorage))
    return seen({ state: 'absent', refusal: { status, code, message } })
  const detail = `it answered ${status} ${html ? `with a web page (“${message}”)` : 'to a blob'}`
  return unseen({
    ...trouble(html ? 'not-a-registry' : 'answer-invalid', reply.host, 'headers', detail),
    status,
  })
}
