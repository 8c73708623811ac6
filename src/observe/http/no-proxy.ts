import { isLoopback } from '../../net/address-class.ts'
import { canonicalHost, holds, isAddress } from '../../net/ip.ts'

/**
 * True for a host that `NO_PROXY` names. curl's rules, and Go's: names match their subdomains, with a leading dot or without, and
 * with a dot at their end or without; `*` matches all; a port may be named; addresses match themselves and their networks.
 * Nothing on this machine is reached through another one, whatever the list says.
 */
export function isExempt(list: string, hostname: string, port: number): boolean {
  const host = canonicalHost(hostname)
  if (isLoopback(host)) return true
  return list
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => entry === '*' || matches(entry, host, port))
}

function matches(entry: string, host: string, port: number): boolean {
  if (/^[[\]\d.a-fA-F:]+\/\d{1,3}$/.test(entry)) return holds(entry.replace(/[[\]]/g, ''), host)
  const withPort = isAddress(entry) ? undefined : (/^(.*):(\d+)$/.exec(entry) ?? undefined)
  if (withPort && Number(withPort[2]) !== port) return false
  const name = canonicalHost((withPort?.[1] ?? entry).replace(/^\*?\./, ''))
  return name !== '' && (host === name || (!isAddress(host) && host.endsWith(`.${name}`)))
}
