import { type Address, includesAddress, parseAddress, parseNetwork } from '../../../net/ip.ts'
import type { RoutingFact } from '../../routing.ts'
import type { LinkFact, RulesFact, TableFact } from '../../runner.ts'
import { filterOf } from './filter.ts'
import type { NatSources } from './hooks.ts'
import type { Filter } from './model.ts'
import { type Routing, routingOf } from './routing.ts'

/** A host as packets meet it. */
export interface Host {
  links: Map<string, LinkFact>
  filter: Filter
  routing: Routing
  nat: NatSources
  /** Whether there are policies of IPsec; undefined where that was not read. */
  ipsec: boolean | undefined
  /** Rules that were looked at so far. */
  work: { rules: number }
  /** The value of a setting of the kernel; undefined where it was not read. */
  sysctl(name: string): string | undefined
}

export interface HostFacts {
  links: LinkFact[]
  tables: TableFact[]
  /** The sets that rules of iptables name, where they could be read. */
  ipsets?: RulesFact['ipsets']
  routing: RoutingFact
}

/** Prepares the facts of a host for following packets through it. */
export function packetHost({ links, tables, ipsets, routing: facts }: HostFacts): Host {
  const byName = new Map(links.map((link) => [link.name, link]))
  const vrfs = new Set(links.flatMap(({ name, kind }) => (kind === 'vrf' ? [name] : [])))
  const ofVrf = links.filter(({ name, master = '' }) => vrfs.has(name) || vrfs.has(master))
  const routing = routingOf(facts, new Set(ofVrf.map(({ name }) => name)))
  return {
    links: byName,
    filter: filterOf(tables, ipsets),
    routing,
    nat: {
      masquerade(device, packet) {
        const routed = routing.lookup(packet)
        const gateway = routed.kind === 'route' ? routed.route.gateway : undefined
        // IPv6 chooses an address for the destination, and routers are known by addresses of their link.
        const next = packet.family === 'ip' ? parseAddress(gateway ?? '')?.value : undefined
        return addressOn(byName.get(device), packet.family, next ?? packet.daddr)?.value
      },
      redirect: (device, { family, daddr }) => addressOn(byName.get(device), family, daddr)?.value,
    },
    ipsec: facts.ipsec,
    work: { rules: 0 },
    sysctl: (name) => facts.sysctls[name],
  }
}

/** The address of an interface in the subnet of another address, else its first one. */
function addressOn(link: LinkFact | undefined, family: 'ip' | 'ip6', towards: bigint): Address | undefined {
  const version = family === 'ip' ? 4 : 6
  const own = (link?.addresses ?? []).flatMap((text) => {
    const [address, network] = [parseAddress(text.split('/')[0] ?? ''), parseNetwork(text)]
    return address && network && address.version === version ? [{ address, network }] : []
  })
  const near = own.find(({ network }) => includesAddress(network, { version, value: towards }))
  return (near ?? own.find(({ address }) => !isOfLink(address)) ?? own[0])?.address
}

/** fe80::/10, which only this link knows. */
const isOfLink = ({ version, value }: Address): boolean => version === 6 && value >> 118n === 0x3fan
