import type { Failure } from '../../core/failure.ts'
import { failure } from '../http/failures.ts'
import { proxyOrHost } from '../http/plain-proxy.ts'
import type { Response } from '../http/response.ts'
import { retryAfterMs, type Waiting } from '../http/retries.ts'
import { readRefusal } from './refusal.ts'

/** What a TLS server says to plain http: Go's, and nginx's. */
const saysTls = /http request to an? https server|plain http request was sent to https/i

/** What nginx says with 400 to a client whose certificate is missing, or refused (its 496 and 495). */
const saysCertificate = /no required ssl certificate was sent|the ssl certificate error/i

/**
 * What an error answer means, once it is known not to be the object's own: a 404 and a login are judged elsewhere. `anonymous`
 * says that nobody logged in; then a refusal tells nothing of what is behind it.
 */
export async function refusedBy(
  response: Response,
  registry: string,
  anonymous: boolean,
  now: number,
): Promise<Waiting> {
  const { status, host } = response
  const wait = retryAfterMs(response.header('retry-after'), now)
  const remaining = response.header('ratelimit-remaining')
  const { code, message, html } = await readRefusal(response)
  const said = [code, message].filter(Boolean).join(' ')
  const evidence = said ? [`${host} said: ${said}`] : []
  const about = (kind: Failure['kind'], detail: string): Waiting => ({
    ...failure(kind, host, 'headers', detail, evidence),
    status,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  })
  if (response.perhaps && code === '' && (status === 403 || status >= 500)) {
    const why = proxyOrHost(response, response.perhaps, evidence)
    return { ...why, ...(wait === undefined ? {} : { retryAfterMs: wait }) }
  }
  if (host !== registry && (status === 401 || status === 403)) {
    return about('storage-forbidden', `${registry} redirects to ${host}, which answered ${status}`)
  }
  if (host !== registry && status >= 500) {
    return about('storage-unreachable', `${registry} redirects to ${host}, which answered ${status}`)
  }
  if (status === 429) {
    const left = remaining === undefined ? '' : `, RateLimit-Remaining ${remaining}`
    const reset = wait === undefined ? '' : `, and asks to wait ${Math.ceil(wait / 1000)} s`
    return about('rate-limited', `it answered 429${left}${reset}`)
  }
  if (status === 403 && anonymous)
    return about('denied-or-missing', 'it answered 403, and no credentials were sent')
  if (status === 403) return about('access-denied', 'it answered 403')
  if (status === 400 && saysCertificate.test(message)) {
    return about('tls-client-certificate', 'it wants another client certificate')
  }
  if (status === 400 && saysTls.test(message)) {
    return about('tls-expected', 'it speaks TLS on this port, and was asked in plain http')
  }
  if (status === 500 && !html) return about('registry-error', 'it answered 500')
  if (status >= 500) return about('registry-unavailable', `it answered ${status}`)
  return about(html ? 'not-a-registry' : 'answer-invalid', `it answered ${status}`)
}
