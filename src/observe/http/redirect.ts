import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Failure } from '../../core/failure.ts'
import { type AddressClass, addressClass, canRedirectTo } from '../../net/address-class.ts'
import { failure } from './failures.ts'
import type { RequestLog } from './request-log.ts'

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

/** An address that lies further inside than the host that leads there. */
export interface InternalAddress {
  address: string
  reached: AddressClass
}

/**
 * Where a host is that another leads to, if it lies further inside: a public registry has no business at an address of this machine,
 * this link or a private network (it may be a cloud's credentials), unless the setting allows a private one.
 */
export async function internalAddressOf(
  from: URL,
  to: URL,
  requestLog: RequestLog,
  { privateRedirects = false }: { privateRedirects?: boolean },
): Promise<InternalAddress | undefined> {
  if (from.host === to.host) return undefined
  const known = requestLog.addressesOf(from.host)
  // Behind a proxy nothing is known of where hosts lie.
  if (known.length === 0) return undefined
  const source = widest(known)
  return (await addressesOf(to))
    .map((address) => ({ address, reached: addressClass(address) }))
    .find(({ reached }) => !canRedirectTo(source, reached) && !(privateRedirects && reached === 'private'))
}

/** Why a redirect to another host is not followed for where its address lies. */
export async function redirectsInside(
  from: URL,
  to: URL,
  requestLog: RequestLog,
  options: { privateRedirects?: boolean },
): Promise<Failure | undefined> {
  const internalAddress = await internalAddressOf(from, to, requestLog, options)
  if (internalAddress === undefined) return undefined
  const detail = `a redirect to ${to.host} at ${internalAddress.address}, a ${internalAddress.reached} address`
  return failure('redirect-refused', from.host, 'redirect', detail)
}

const widest = (addresses: string[]): AddressClass =>
  (['public', 'private', 'link-local', 'loopback'] as const).find((one) =>
    addresses.map(addressClass).includes(one),
  ) ?? 'public'

/** A name that does not resolve leads nowhere; the dialer tells that. */
async function addressesOf({ hostname }: URL): Promise<string[]> {
  const bare = hostname.replace(/^\[|\]$/g, '')
  if (isIP(bare)) return [bare]
  return lookup(bare, { all: true }).then(
    (found) => found.map(({ address }) => address),
    () => [],
  )
}
