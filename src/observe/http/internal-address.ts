import { lookup } from 'node:dns/promises'
import type { Failure } from '../../core/failure.ts'
import {
  type AddressClass,
  addressClass,
  isAllowedPrivate,
  isInternalAddress,
  literalAddress,
  widestClass,
} from '../../net/address-class.ts'
import { isAddress, withoutBrackets } from '../../net/ip.ts'
import type { Env } from '../../settings/sources.ts'
import { failure } from './failures.ts'
import { proxyFor } from './proxy.ts'
import type { RequestLog } from './request-log.ts'

/** An address that lies further inside than the host that leads there. */
export interface InternalAddress {
  address: string
  class: AddressClass
  /** The class of the host that leads there; without an address that is known, behind a proxy, it counts as public. */
  from: { class: AddressClass; assumed?: true }
}

/** Keeps servers from leading clients inward (docs/decisions/0006-internal-addresses.md). */
export interface AddressGuard {
  /** Where a host is that another leads to, by a redirect or a realm, if it must not be asked for that. */
  internalAddress: (from: URL, to: URL) => Promise<InternalAddress | undefined>
  /** Why a host that another led to is not dialled: its name has come to mean another address since it was judged. */
  refusal: (host: string, addresses: string[]) => Failure | undefined
}

export interface GuardOptions {
  env?: Env
  privateRedirects?: boolean
}

/** A guard for the hosts of one client. */
export function createAddressGuard(requestLog: RequestLog, options: GuardOptions): AddressGuard {
  /** By each host that a name led to, the classes of those that led there. */
  const leaders = new Map<string, Set<AddressClass>>()
  return {
    internalAddress: async (from, to) => {
      if (from.host === to.host) return undefined
      const reached = requestLog.addressesOf(from.host)
      const literal = literalAddress(to.hostname)
      const source = sourceOf(from, reached, literal !== undefined)
      const behindProxy = isProxied(to, options)
      // Where both hosts are behind a proxy, names are for it to resolve.
      if (literal === undefined && behindProxy && reached.length === 0) return undefined
      const addresses = literal === undefined ? await addressesOf(to) : [literal]
      const address = addresses.find((one) => isInternalAddress(one, source.class, options))
      if (address !== undefined) return { address, class: addressClass(address), from: source }
      if (literal === undefined && !behindProxy)
        leaders.set(to.host, (leaders.get(to.host) ?? new Set()).add(source.class))
      return undefined
    },
    refusal: (host, addresses) => {
      for (const source of leaders.get(host) ?? []) {
        const address = addresses.find((one) => isInternalAddress(one, source, options))
        if (address === undefined) continue
        const detail = `its address changed after it was checked, to ${placeText(address, addressClass(address))}`
        return failure('redirect-refused', host, 'dns', detail)
      }
      return undefined
    },
  }
}

/** Why a redirect to another host is not followed for where its address lies. */
export function redirectRefusal(from: URL, to: URL, found: InternalAddress): Failure {
  const assumed = found.from.assumed ? `; ${from.host} is behind a proxy and counts as public` : ''
  const at = isAddress(withoutBrackets(to.hostname)) ? '' : ` at ${found.address}`
  const detail = `a redirect to ${to.host}${at}, ${articleFor(found.class)} ${found.class} address${assumed}`
  return failure('redirect-refused', from.host, 'redirect', `${detail}${settingHint(found)}`)
}

/** Names the setting that allows an address, if one does; follows a sentence about it. */
export const settingHint = (found: InternalAddress): string =>
  isAllowedPrivate(found.class) ? '; private_redirects: true allows this' : ''

/** `10.0.0.5, a private address`. */
export const placeText = (address: string, is: AddressClass): string =>
  `${address}, ${articleFor(is)} ${is} address`

const articleFor = (is: AddressClass): string => (is === 'unspecified' ? 'an' : 'a')

/**
 * How public a host is: by the most public address that it was reached at, or by its name where that is an address. A name that is
 * reached at a loopback or link-local address counts as private when it leads to a literal: only clients on this machine or link
 * could follow.
 */
function sourceOf(from: URL, reached: string[], toLiteral: boolean): InternalAddress['from'] {
  const literal = literalAddress(from.hostname)
  if (literal !== undefined) return { class: widestClass(reached.length > 0 ? reached : [literal]) }
  if (reached.length === 0) return { class: 'public', assumed: true }
  const known = widestClass(reached)
  return { class: toLiteral && near.has(known) ? 'private' : known }
}

const near: ReadonlySet<AddressClass> = new Set(['loopback', 'unspecified', 'link-local'])

function isProxied({ protocol, hostname, port }: URL, { env = {} }: GuardOptions): boolean {
  return proxyFor(env, protocol, hostname, Number(port) || (protocol === 'https:' ? 443 : 80)) !== undefined
}

/** A name that does not resolve leads nowhere; the dialer reports that. */
const addressesOf = ({ hostname }: URL): Promise<string[]> =>
  lookup(hostname, { all: true }).then(
    (found) => found.map(({ address }) => address),
    () => [],
  )
