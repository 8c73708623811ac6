import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import type { BlobState } from '../../facts/image.ts'
import { failure } from '../http/failures.ts'
import type { Response } from '../http/response.ts'
import { readRefusal } from '../registry/refusal.ts'

/** Reads an error answer of the blobs endpoint: a 404 means absent; a registry sends no other status here, and no web page. */
export async function absentBlob(response: Response): Promise<Observed<BlobState>> {
  const { html, status, code, message } = await readRefusal(response)
  // An object store reports a missing object in a format of its own.
  if (status === 404 && (!html || response.fromStorage))
    return seen({
      state: 'absent',
      refusal: { status, code, message, ...(response.fromStorage ? { storage: response.host } : {}) },
    })
  const detail = `it answered ${status} ${html ? `with a web page (“${message}”)` : 'for a blob'}`
  return unseen({
    ...failure(html ? 'not-a-registry' : 'answer-invalid', response.host, 'headers', detail),
    status,
  })
}
