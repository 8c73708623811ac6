import { formatAddress, includesAddress, parseIpv4Network } from '../../../net/ip.ts'
import type { Place } from './model.ts'
import { type PublishedPort, targetText } from './published-ports.ts'
import type { Unreachable } from './published-way.ts'
import { lossText, placeText, routingText, stopEvidence } from './stop-text.ts'

const addressText = (value: bigint): string => formatAddress({ version: 4, value })

/** What happens to a connection to a published port, in a few words. */
export function portEffect({ port, direction, certain, stop, from }: Unreachable): string {
  const what = direction === 'there' ? `packets from ${from}` : `answers to ${from}`
  if (!certain) return `whether ${what} get through cannot be told`
  switch (stop.kind) {
    case 'elsewhere':
      return `a rule of the engine leads it to ${addressText(stop.to)}, not to ${targetText(port)}`
    case 'nothing':
      return `no rule leads it to ${targetText(port)}, and ${stop.at ? 'what is for the host itself is dropped' : 'no docker-proxy listens'}`
    case 'astray':
      return `packets to ${targetText(port)} leave by ${stop.route.device} instead of ${bridgeOf(port)}`
    case 'address':
      return `it is published at ${port.address}, which this host does not have`
    case 'source':
      return `packets reach ${targetText(port)} with an address of the loopback network: no rule masquerades them`
    case 'direct':
      return 'answers to containers of its network come from the container’s own address: br_netfilter is off, and no docker-proxy listens'
    default:
      return lossText(what, stop)
  }
}

/** The bridge at which the container is, or those. */
export const bridgeOf = ({ places }: PublishedPort): string => places.map(({ bridge }) => bridge).join(' or ')

/** The facts that this rests on, as the programs of the host print them. */
export function portEvidence({ stop }: Unreachable): string[] {
  switch (stop.kind) {
    case 'elsewhere':
      return placeText(stop.at)
    case 'nothing':
      return stop.at ? placeText(stop.at) : []
    case 'astray':
      return routingText(stop)
    case 'source':
    case 'address':
      return []
    case 'direct':
      return ['net.bridge.bridge-nf-call-iptables is not 1']
    default:
      return stopEvidence(stop)
  }
}

/**
 * Whether a firewall may keep other hosts out on purpose: its rule names where packets come from, or it drops by default in a chain
 * that is not the one whose policy Docker sets. Nobody keeps hosts out by dropping the answers to them.
 */
export function isFirewall({ from, direction, stop, port }: Unreachable): boolean {
  if (from !== 'other hosts' || direction === 'back' || stop.kind !== 'rule' || isEngines(stop.at))
    return false
  const { base, chain, rule } = stop.at
  if (base.table.name === 'firewalld' || chain.startsWith('ufw-')) return true
  if (rule === undefined) return base.table.backend === 'native'
  return sourcesIn(rule).some((source) => !isOfContainers(source, port))
}

const sourceOption = /(?:^|\s)(?:-s|-i|--src-range|--match-set|saddr|iifname|iif) (?:[!=]= )?(\{[^}]*\}|\S+)/g

/** What a rule names as the place where packets come from, or do not come from. */
const sourcesIn = (rule: string): string[] =>
  [...rule.matchAll(sourceOption)].flatMap(([, operand = '']) =>
    operand.split(/[\s{},"]+/).filter((one) => one !== ''),
  )

/** “Not from the bridge of the containers” says nothing about the hosts that are kept out. */
function isOfContainers(source: string, { places }: PublishedPort): boolean {
  if (/^(?:docker0|br-[0-9a-f]{12}|br-[+*]|docker[+*])$/.test(source)) return true
  const network = parseIpv4Network(source)
  return places.some(
    ({ bridge, address }) =>
      source === bridge ||
      (network !== undefined && includesAddress(network, { version: 4, value: address })),
  )
}

/** A chain that the engine writes. */
export const isEngines = ({ base: { table }, chain }: Place): boolean =>
  table.name === 'docker-bridges' ||
  table.name === 'netavark' ||
  /^(?:DOCKER(?:-(?!USER$)|$)|NETAVARK)/.test(chain)
