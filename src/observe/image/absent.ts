import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import type { BlobState } from '../../facts/image.ts'
import { failure } from '../http/failures.ts'
import type { Response } from '../http/response.ts'
import { isOfRegistry, readRefusal } from '../registry/refusal.ts'

/** Reads an error answer of the blobs endpoint: a registry's 404 means absent; it sends no other status here, and no web page. */
export async function absentBlob(response: Response): Promise<Observed<BlobState>> {
  const { html, status, code, message } = await readRefusal(response)
  // An object store reports a missing object in a format of its own.
  if (status === 404 && (response.fromStorage || (!html && isOfRegistry(response, code))))
    return seen({
      state: 'absent',
      refusal: { status, code, message, ...(response.fromStorage ? { storage: response.host } : {}) },
    })
  const isForeign = html || status === 404
  const what = html ? `with a web page (“${message}”)` : isForeign ? foreign404 : 'for a blob'
  return unseen({
    ...failure(
      isForeign ? 'not-a-registry' : 'answer-invalid',
      response.host,
      'headers',
      `it answered ${status} ${what}`,
    ),
    status,
  })
}

/** What is said of a 404 that no registry sent. */
export const foreign404 = 'without the error code or the header of a registry'
