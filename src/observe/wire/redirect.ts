import { isIP } from 'node:net'
import type { Trouble } from '../../model.ts'
import { trouble } from './trouble.ts'

/** RFC 9110 gives no number; browsers and Go's client stop at 20 and 10. */
export const maxHops = 10

/** True for a status that names another place. */
export const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status)

/**
 * Where a redirect leads, or why it is not followed: without a place, to another scheme than http(s), from https
 * down to http, or from a public registry to a loopback or link-local address.
 */
export function nextHop(
  from: URL,
  location: string | undefined,
  hops: number,
): { ok: true; url: URL } | { ok: false; why: Trouble } {
  const refuse = (detail: string) =>
    ({ ok: false, why: trouble('redirect-refused', from.host, 'redirect', detail) }) as const
  if (hops >= maxHops) {
    return {
      ok: false,
      why: trouble('redirect-loop', from.host, 'redirect', `more than ${maxHops} redirects`),
    }
  }
  if (!location || !URL.canParse(location, from.href)) return refuse('a redirect without a place to go')
  const url = new URL(location, from)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return refuse(`a redirect to ${url.protocol}`)
  if (from.protocol === 'https:' && url.protocol === 'http:') {
    return refuse(`a redirect from https down to http://${url.host}`)
  }
  if (isLocal(url.hostname) && !isLocal(from.hostname))
    return refuse(`a redirect to ${url.host}, this machine's own`)
  return { ok: true, url }
}

/** Loopback and link-local addresses: never a registry's storage, sometimes a cloud's credentials. */
export function isLocal(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (name === 'localhost' || name.endsWith('.localhost')) return true
  if (isIP(name) === 4) return name.startsWith('127.') || name.startsWith('169.254.')
  return isIP(name) === 6 && (name === '::1' || /^fe[89ab]/.test(name) || /^::ffff:(7f|127\.)/.test(name))
}
