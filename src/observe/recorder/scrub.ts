import type { Area } from '../../core/observed.ts'
import type { RunnerFact } from '../../facts/runner.ts'
import { type AddressClass, widestClass } from '../../net/address-class.ts'
import { includesAddress, isAddress, isVersion6, parseAddress, parseNetwork, unmapped } from '../../net/ip.ts'
import { vocabulary } from './format.ts'

/**
 * Returns a function that makes facts safe to attach to an issue: it removes secrets, and public addresses that do not matter
 * for the findings. Peers on the Internet are left out, as a Docker network can shadow one only if it covers its address. Public
 * addresses in rules and log lines (banned clients, allowed logins) become `public-1`, `public-2`, …, consistently in all
 * samples, so that different rules stay different. Addresses that findings depend on are kept: those of the host, of networks,
 * of resolvers and of dialled targets.
 */
export function createScrubber(hide: (text: string) => string): (facts: RunnerFact) => RunnerFact {
  const names = new Map<string, string>()
  return (facts) => {
    const known = keptAddresses(facts)
    const rename = (text: string) => withoutForeign(text, known, names)
    const { routes, kernel, rules, again } = facts
    const renamed = (area: RunnerFact['rules']) =>
      mapSeen(area, ({ tables, ...rest }) => ({ ...rest, tables: textsIn(tables, rename) }))
    const plain: RunnerFact = {
      ...facts,
      routes: mapSeen(routes, ({ peers, ...rest }) => ({
        ...rest,
        peers: peers.filter((peer) => !isForeign(peer) || known(peer)),
      })),
      rules: renamed(rules),
      kernel: mapSeen(kernel, ({ lines, ...rest }) => ({ ...rest, lines: textsIn(lines, rename) })),
      ...(again && { again: { ...again, rules: renamed(again.rules) } }),
    }
    return textsIn(plain, (text) => (vocabulary.has(text) ? text : hide(text)))
  }
}

/** Classes of addresses that identify nobody: those of local networks, and of groups of hosts. */
const notIdentifying: ReadonlySet<AddressClass> = new Set([
  'loopback',
  'unspecified',
  'this-network',
  'link-local',
  'private',
  'multicast',
  'broadcast',
])

/** An address that may identify somebody else's host. A reserved IPv4 address looks like a netmask, and usually is one. */
function isForeign(address: string): boolean {
  if (!isAddress(address)) return false
  const found = widestClass([address])
  return !notIdentifying.has(found) && (found !== 'reserved' || isVersion6(address))
}

/** Returns whether a finding can depend on an address: the host's own, on one of its links, or in a network of the engine. */
function keptAddresses({ networks, routes, ports, links }: RunnerFact): (address: string) => boolean {
  const single = new Set<string>()
  const all = networks.seen ? networks.value : []
  const own = links.seen ? links.value.flatMap(({ addresses }) => addresses) : []
  const ranges = [...all.flatMap(({ subnets }) => subnets), ...own]
    .map(parseNetwork)
    .filter((range) => range !== undefined)
  const listed = [
    ...all.flatMap(({ gateways, addresses = [] }) => [...gateways, ...addresses]),
    ...(routes.seen ? [...routes.value.local, ...routes.value.resolvers] : []),
    ...(ports.seen ? ports.value.targets.map(({ address }) => address) : []),
  ]
  for (const address of listed) single.add(address)
  return (text) => {
    if (single.has(text)) return true
    const address = parseAddress(text)
    return address !== undefined && ranges.some((range) => includesAddress(range, unmapped(address)))
  }
}

const addresses = /\d{1,3}(?:\.\d{1,3}){3}|(?<![\w:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])/gi

const maxNames = 100_000

function withoutForeign(
  text: string,
  known: (address: string) => boolean,
  names: Map<string, string>,
): string {
  return text.replace(addresses, (address) => {
    if (!isForeign(address) || known(address)) return address
    const name = names.get(address) ?? `public-${names.size + 1}`
    if (names.size < maxNames) names.set(address, name)
    return name
  })
}

const mapSeen = <T>(area: Area<T>, change: (value: T) => T): Area<T> =>
  area.seen ? { ...area, value: change(area.value) } : area

/** A copy of a value with `change` applied to every string in it. */
function textsIn<T>(value: T, change: (text: string) => string): T {
  if (typeof value === 'string') return change(value) as T
  if (Array.isArray(value)) return value.map((item) => textsIn(item, change)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, textsIn(item, change)])) as T
}
