import { managerOfChain, managerOfTable } from '../runner/known-managers.ts'
import type { Loss, NoEgress } from './egress.ts'
import { opening, type Question } from './egress-way.ts'
import { packetOf } from './follow.ts'
import type { GuestHost, Guests } from './guests.ts'
import { isLimited } from './limited.ts'
import { openingWay } from './ways.ts'

/** Programs with networks that are isolated on purpose, which their own rules drop. */
const owners = new Set(['libvirt', 'Podman (netavark)', 'LXD or Incus'])

export const isOfOwner = ({ network }: Guests, stop: Loss['stop']): boolean =>
  network === undefined &&
  stop.kind === 'rule' &&
  owners.has(managerOfChain(stop.at.chain) ?? managerOfTable(stop.at.base.table.name) ?? '')

/**
 * How many rules may be looked at for all guests of a host. Rules are looked up by addresses, ports and interfaces; where they have none
 * of them, a host with 30,000 would take a minute.
 */
const maxRules = 1_000_000

/** Whether somebody wants what a rule does to these guests. */
export function meantBy(
  { host, guests: all }: GuestHost,
  guests: Guests,
  question: Question,
  { direction, stop, uplink }: Loss,
): NoEgress['meant'] {
  if (direction !== 'out' || stop.kind !== 'rule') return undefined
  const { chain, rule = '', base } = stop.at
  const packet = { ...packetOf(host, { ...opening(guests, question), tcpFlags: 0n }), oif: uplink }
  const last = host.work.rules + maxRules / all.length
  const isOpen = isLimited(base, packet, ({ address, port }) => {
    if (host.work.rules > last) return false
    const way = openingWay(host, opening(guests, { ...question, daddr: address, dport: port }))
    return way.verdict === 'passes' && way.route?.device === uplink
  })
  if (isOpen) return 'limited'
  return chain === 'DOCKER-USER' && /(?:^| )(?:-i|-s|-m (?!comment)) /.test(rule) ? 'by operator' : undefined
}
