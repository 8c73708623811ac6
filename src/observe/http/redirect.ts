import type { Failure } from '../../core/failure.ts'
import { failure } from './failures.ts'

/** RFC 9110 gives no number; browsers and Go's client stop at 20 and 10. */
export const maxHops = 10

/** True for a status that names another place. */
export const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status)

/**
 * Where a redirect leads, or why it is not followed: without a valid Location header, to another scheme than http(s), or from https down to
 * http. Whether its host may be asked is for internal-address.ts to say.
 */
export function nextHop(
  from: URL,
  location: string | undefined,
  passed: string[],
): { ok: true; url: URL } | { ok: false; why: Failure } {
  const refuse = (detail: string) =>
    ({ ok: false, why: failure('redirect-refused', from.host, 'redirect', detail) }) as const
  if (passed.length >= maxHops) {
    // Without queries: they hold signatures.
    const chain = [...passed, from.href].map((address) => address.replace(/\?.*$/, ''))
    const detail = `more than ${maxHops} redirects`
    return { ok: false, why: failure('redirect-loop', from.host, 'redirect', detail, chain.slice(0, 4)) }
  }
  if (!location) return refuse('a redirect without a Location header')
  if (!URL.canParse(location, from.href)) return refuse('a redirect whose Location header is not a URL')
  const url = new URL(location, from)
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return refuse(`a redirect to the scheme ${url.protocol.slice(0, -1)}`)
  if (from.protocol === 'https:' && url.protocol === 'http:') {
    return refuse(`a redirect from https down to http://${url.host}`)
  }
  return { ok: true, url }
}
