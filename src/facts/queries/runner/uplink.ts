import { seenIn } from '../../../core/observed.ts'
import type { LinkFact, NetworkFact, TableFact } from '../../runner.ts'
import type { RunnerView } from '../../view.ts'

/** A link whose MTU is known. */
export type SizedLink = LinkFact & { mtu: number }

const isSized = (link: LinkFact | undefined): link is SizedLink => link?.mtu !== undefined

/** The interface of the host's default route, IPv4 first, if its MTU is known. */
export function uplinkOf({ routes, links }: RunnerView<'routes' | 'links'>): SizedLink | undefined {
  const defaults = seenIn(routes)?.routes.filter(({ destination }) => destination === 'default') ?? []
  const devices = new Set(defaults.map(({ device }) => device))
  return [...devices].map((device) => seenIn(links)?.find(({ name }) => name === device)).find(isSized)
}

/** The MTU that Docker gives a network without one (daemon option `mtu`). */
const dockerMtu = 1500

/** The networks of Docker on this host whose containers send packets larger than the uplink takes, with their MTU, by name. */
export function tooLargeNetworks(
  { networks, links }: RunnerView<'networks' | 'links'>,
  uplink: SizedLink,
): (NetworkFact & { mtu: number })[] {
  // The networks of a nested engine have their bridges elsewhere.
  const here = new Set(seenIn(links)?.map(({ name }) => name))
  return (seenIn(networks) ?? [])
    .filter(({ driver, internal, bridge }) => driver === 'bridge' && !internal && here.has(bridge ?? ''))
    .map((network) => ({ ...network, mtu: network.mtu ?? dockerMtu }))
    .filter(({ mtu }) => mtu > uplink.mtu)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * Bridges with addresses and guests, which send packets larger than the uplink takes. The MTU of a bridge without guests says nothing:
 * Linux lowers it to that of the smallest port.
 */
export const tooLargeBridges = ({ links }: RunnerView<'links'>, uplink: SizedLink): SizedLink[] =>
  (seenIn(links) ?? [])
    .filter(isSized)
    .filter(
      ({ kind, carrier, name, addresses, mtu }) =>
        kind === 'bridge' &&
        carrier === true &&
        name !== uplink.name &&
        addresses.length > 0 &&
        mtu > uplink.mtu,
    )

/** A rule that lowers the MSS in SYN packets that are forwarded. */
export interface MssClamp {
  chain: string
  rule: string
  /** It covers what guests announce, so that servers send smaller packets. */
  inbound: boolean
  /** It covers what servers announce, so that guests send smaller packets. */
  outbound: boolean
}

/** The rules that clamp the MSS of forwarded connections through the uplink. */
export const mssClampsIn = (tables: TableFact[], uplink: string): MssClamp[] =>
  tables.flatMap(({ family, name: table, chains }) =>
    chains.flatMap(({ name: chain, rules }) =>
      chain === 'OUTPUT' || chain === 'INPUT'
        ? []
        : rules
            .filter((rule) => /-j TCPMSS\b|\bmaxseg size set\b/.test(rule))
            .map((rule) => ({ chain: `${family} ${table} ${chain}`, rule, ...directionsOf(rule, uplink) })),
    ),
  )

/** SYN without ACK: the packet that opens a connection, and not the answer to it. */
const onlySyn =
  /--syn\b|--tcp-flags \S*ACK\S* SYN\b|tcp flags (?:==? )?syn(?! ?[|/])\s|& \([^)]*ack[^)]*\) == syn/

function directionsOf(rule: string, uplink: string): Pick<MssClamp, 'inbound' | 'outbound'> {
  const entering = /(?<!! )(?:-i|\biifname) "?([^\s"]+)/.exec(rule)?.[1]
  const leaving = /(?<!! )(?:-o|\boifname) "?([^\s"]+)/.exec(rule)?.[1]
  const isUplink = (name: string) =>
    name === uplink || (name.endsWith('+') && uplink.startsWith(name.slice(0, -1)))
  const goesOut = leaving === undefined ? entering === undefined || !isUplink(entering) : isUplink(leaving)
  const comesIn = entering === undefined ? leaving === undefined || !isUplink(leaving) : isUplink(entering)
  return { inbound: goesOut, outbound: comesIn && !onlySyn.test(rule) }
}
