import { BlockList, isIP } from 'node:net'
import { isLoopback } from '../../net/address-class.ts'

/**
 * True for a host that `NO_PROXY` names. curl's rules, and Go's: names match their subdomains, with a leading dot or without, and
 * with a dot at their end or without; `*` matches all; a port may be named; addresses match themselves and their networks.
 * Nothing on this machine is reached through another one, whatever the list says.
 */
export function isExempt(list: string, hostname: string, port: number): boolean {
  const host = plainHost(hostname)
  if (isLoopback(host)) return true
  return list
    .split(/[\s,]+/)
    .filter(Boolean)
    .some((entry) => entry === '*' || matches(entry, host, port))
}

function matches(entry: string, host: string, port: number): boolean {
  const network = /^\[?([\d.a-fA-F:]+)\]?\/(\d{1,3})$/.exec(entry)
  if (network?.[1] && network[2]) return inNetwork(host, network[1], Number(network[2]))
  const withPort = isIP(entry) === 6 ? undefined : (/^(.*):(\d+)$/.exec(entry) ?? undefined)
  if (withPort && Number(withPort[2]) !== port) return false
  const name = plainHost((withPort?.[1] ?? entry).replace(/^\*?\./, ''))
  return name !== '' && (host === name || (isIP(host) === 0 && host.endsWith(`.${name}`)))
}

function inNetwork(host: string, address: string, bits: number): boolean {
  const version = isIP(address)
  if (version === 0 || isIP(host) !== version || bits > (version === 4 ? 32 : 128)) return false
  const family = version === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addSubnet(address, bits, family)
  return list.check(host, family)
}

/** A name or address in its one form: lower case, no brackets, no dot of the root, the shortest IPv6. */
function plainHost(text: string): string {
  const bare = text
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
  return isIP(bare) === 6 ? new URL(`http://[${bare}]/`).hostname.slice(1, -1) : bare
}
