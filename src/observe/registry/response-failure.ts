import type { Failure } from '../../core/failure.ts'
import { certificateRefused, failure } from '../http/failures.ts'
import { proxyOrHostFailure } from '../http/plain-proxy.ts'
import type { Response } from '../http/response.ts'
import { type RetryableFailure, retryAfterMs } from '../http/retries.ts'
import { errorEvidence } from './login-failures.ts'
import { readRefusal } from './refusal.ts'

/** The text with which Go and nginx answer plain HTTP on a TLS port. */
const tlsExpectedText = /http request to an? https server|plain http request was sent to https/i

/** The text of nginx's 400 for a client certificate that is missing or rejected (its internal codes 496 and 495). */
const certificateRequiredText = /no required ssl certificate was sent|the ssl certificate error/i

/**
 * The failure for an error response. Responses that say something of the object itself (404) and login challenges (401) are handled
 * elsewhere. `registry` is the host that was requested first, `anonymous` means that no credentials were sent, so that a refusal
 * says nothing of what is behind it, and `now` is in milliseconds since the epoch.
 */
export async function failureOfResponse(
  response: Response,
  registry: string,
  anonymous: boolean,
  now: number,
): Promise<RetryableFailure> {
  const { status, host } = response
  const waitMs = retryAfterMs(response.header('retry-after'), now)
  const retryAfter = waitMs === undefined ? {} : { retryAfterMs: waitMs }
  const remaining = response.header('ratelimit-remaining')
  const refusal = await readRefusal(response)
  const evidence = errorEvidence(host, refusal)
  const failed = (kind: Failure['kind'], detail: string): RetryableFailure => ({
    ...failure(kind, host, 'headers', detail, evidence),
    status,
    ...(refusal.code === '' ? {} : { code: refusal.code }),
    ...retryAfter,
  })
  if (response.possibleProxy && refusal.code === '' && (status === 403 || status >= 500)) {
    return { ...proxyOrHostFailure(response, response.possibleProxy, evidence), ...retryAfter }
  }
  const fromStorage = `HTTP ${status} from ${host}, where ${registry} redirects`
  if (host !== registry && (status === 401 || status === 403)) return failed('storage-forbidden', fromStorage)
  if (host !== registry && status >= 500) return failed('storage-unreachable', fromStorage)
  if (status === 429) {
    const left = remaining === undefined ? '' : `, RateLimit-Remaining: ${remaining}`
    return failed('rate-limited', `HTTP 429${left}${retryAfterText(waitMs)}`)
  }
  if (status === 403 && anonymous) return failed('denied-or-missing', 'HTTP 403, no credentials were sent')
  if (status === 403) return failed('access-denied', 'HTTP 403')
  if (status === 400 && certificateRequiredText.test(refusal.message))
    return failed('tls-client-certificate', certificateRefused)
  if (status === 400 && tlsExpectedText.test(refusal.message))
    return failed('tls-expected', 'the server expects TLS on this port, the request used plain HTTP')
  if (status === 500 && !refusal.html) return failed('registry-error', 'HTTP 500')
  if (status === 413) return failed('answer-invalid', 'HTTP 413, a proxy limits the size of bodies')
  if (status >= 500) return failed('registry-unavailable', `HTTP ${status}`)
  return failed(refusal.html ? 'not-a-registry' : 'answer-invalid', `HTTP ${status}`)
}

/** A `Retry-After` in milliseconds, as the end of a sentence; empty without one. */
export const retryAfterText = (waitMs: number | undefined): string =>
  waitMs === undefined ? '' : `, retry after ${Math.ceil(waitMs / 1000)} s`
