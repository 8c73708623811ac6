import { holds, parseAddress } from '../../../net/ip.ts'
import type { PolicyRule, TableRoute } from '../../routing.ts'
import type { RunnerView } from '../../view.ts'
import { cutOffPort } from './cut-off.ts'
import { type Question, whyUnanswered } from './egress-way.ts'
import type { Stop } from './follow.ts'
import { type GuestHost, type Guests, guestHostIn, type PacketView } from './guests.ts'
import { isOfOwner, meantBy } from './meant.ts'
import type { Place } from './model.ts'
import { resolversFor } from './resolvers.ts'
import { type Uplink, uplinkOf } from './uplink.ts'

export type EgressView = PacketView & RunnerView<'daemons'>

/** What keeps a packet from getting out, or its answer from coming back. */
export interface Loss {
  /** Where it happens: on the way out, or to the answer. */
  direction: 'out' | 'back'
  /** False where it depends on something that is not known. */
  certain: boolean
  stop:
    | Stop
    /** The answer leaves by another interface than the bridge. */
    | { kind: 'elsewhere'; rule?: PolicyRule; route: TableRoute }
    /**
     * The packet leaves with an address of the guests’ own subnet. `at`: the rule that keeps it from those of NAT; `routed`: it
     * may be meant, as a router may know the subnet.
     */
    | { kind: 'source'; at?: Place; routed?: true }
  /** The interface that the packets leave by, or would. */
  uplink: string
}

/** Why a guest gets no answer from other hosts. */
export interface NoEgress extends Loss {
  guests: Guests
  /**
   * Why it may be meant: packets get to some of the destinations that rules name, or an operator’s rule is for the packets of this
   * network.
   */
  meant?: 'limited' | 'by operator'
  /**
   * Only questions to this resolver are lost, or answers. `all`: and those to any other, of both families; `asked`: containers are
   * known to use it.
   */
  resolver?: { address: string; all: boolean; asked: boolean }
  /** The other network of the engine that this resolver is in. */
  peer?: string
  /** Guests of the same engine get out. */
  othersDo: boolean
}

/**
 * Follows a new connection of each bridge's guests to the Internet and its answer back, and questions to their resolvers. Where the
 * runner was read twice, both count.
 */
export function noEgressIn(runner: EgressView): NoEgress[] {
  const first = troublesOf(runner, guestHostIn(runner))
  if (!runner.again || first.length === 0) return first
  const second = new Set(troublesOf(runner, guestHostIn(runner, runner.again)).map(keyOf))
  return first.filter((one) => second.has(keyOf(one)))
}

/**
 * Whether one reading has packets that do not get out, those of networks included that are being created. What may be meant is no
 * reason to read again: it is the same in every run.
 */
export const seemsCutOff = (runner: EgressView): boolean =>
  troublesOf(runner, guestHostIn(runner, runner, 0)).some(
    ({ certain, meant, guests }) => certain && !meant && !(guests.idle && !guests.network),
  )

/** A container that starts has a link that is down for a moment: another one has another. */
const keyOf = ({ guests, direction, stop, resolver }: NoEgress): string =>
  [
    ...[guests.bridge, guests.family, direction, stop.kind],
    stop.kind === 'link' ? stop.name : '',
    resolver?.address ?? '',
  ].join(' ')

type Trouble = Omit<NoEgress, 'othersDo'>

function troublesOf(runner: EgressView, found: GuestHost | undefined): NoEgress[] {
  if (!found) return []
  const troubles = found.guests.flatMap((guests) => {
    const uplink = uplinkOf(found.host, guests.family)
    // Without a way to other hosts, there is no egress to lose.
    return uplink ? troublesAt(runner, found, guests, uplink) : []
  })
  const told = troubles.filter((one) => !troubles.some((other) => isSameLoss(other, one)))
  const cutOff = new Set(troubles.filter(isOfAll).map(({ guests }) => guests.bridge))
  const othersDo = found.guests.some(({ network, bridge, idle }) => network && !idle && !cutOff.has(bridge))
  return told.map((trouble) => ({ ...trouble, ...resolverOf(runner, trouble, troubles), othersDo }))
}

/** Whether nothing of these guests gets out, or nothing that is not let out on purpose. */
const isOfAll = ({ certain, meant, resolver, stop, guests }: Trouble): boolean =>
  certain &&
  !meant &&
  !resolver &&
  !(stop.kind === 'source' && stop.routed) &&
  !(guests.family === 'ip6' && guests.dual)

/** Guests with both families ask the resolvers of either: all are lost only where those of the other family are, too. */
function resolverOf(
  runner: EgressView,
  { guests, resolver }: Trouble,
  troubles: Trouble[],
): Pick<Trouble, 'resolver'> {
  if (!resolver?.all || !guests.dual) return {}
  const family = guests.family === 'ip' ? 'ip6' : 'ip'
  const hasOthers = resolversFor(runner, { ...guests, family }).addresses.length > 0
  const losesOthers = troubles.some(
    (one) =>
      one.guests.bridge === guests.bridge && one.guests.family === family && (one.resolver?.all ?? true),
  )
  return { resolver: { ...resolver, all: !hasOthers || losesOthers } }
}

/** What stops IPv6 stops IPv4 as well, and is told for that. */
const isSameLoss = (ofFour: Trouble, ofSix: Trouble): boolean =>
  ofFour.guests.family === 'ip' &&
  ofSix.guests.family === 'ip6' &&
  ofFour.guests.bridge === ofSix.guests.bridge &&
  placeOf(ofFour.stop) !== undefined &&
  placeOf(ofFour.stop) === placeOf(ofSix.stop)

function placeOf(stop: Loss['stop']): string | undefined {
  if (stop.kind === 'link') return stop.why === 'without address' ? undefined : `${stop.why} ${stop.name}`
  if (stop.kind !== 'rule') return undefined
  const { base, chain, rule = '' } = stop.at
  return `${base.table.family} ${base.table.name} ${base.chain.name} ${chain} ${rule}`
}

function troublesAt(runner: EgressView, found: GuestHost, guests: Guests, uplink: Uplink): Trouble[] {
  // Only Docker is known to want egress for every network without guests.
  if (guests.idle && guests.network && !found.dockerWritesRules) return []
  const question: Question = { daddr: uplink.target, protocol: 6n, dport: 443n }
  const loss = whyUnanswered(found, guests, question, uplink.device)
  if (loss) return judged(found, guests, question, loss)
  const cut = cutOffPort(found.host, guests)
  if (cut) return [{ guests, direction: 'out', certain: true, stop: cut, uplink: uplink.device }]
  return lostQuestions(runner, found, guests, uplink)
}

function judged(found: GuestHost, guests: Guests, question: Question, loss: Loss): Trouble[] {
  if (isOfOwner(guests, loss.stop)) return []
  const meant = loss.certain ? meantBy(found, guests, question, loss) : undefined
  return [{ guests, ...loss, ...(meant ? { meant } : {}) }]
}

/** Questions to resolvers of other hosts that the guests ask: the first that is lost, where connections get through. */
function lostQuestions(runner: EgressView, found: GuestHost, guests: Guests, uplink: Uplink): Trouble[] {
  const { addresses, asked } = resolversFor(runner, guests)
  const lost = addresses.flatMap((address) => {
    const daddr = parseAddress(address)?.value ?? 0n
    const question: Question = { daddr, protocol: 17n, dport: 53n, isOfNames: true }
    const loss = whyUnanswered(found, guests, question, uplink.device)
    return loss ? [{ address, question, loss }] : []
  })
  const [first] = lost
  if (!first) return []
  const resolver = { address: first.address, all: lost.length === addresses.length, asked }
  const peer = found.networks.find(
    ({ network, bridge }) =>
      bridge !== guests.bridge && network.subnets.some((subnet) => holds(subnet, first.address)),
  )?.network.name
  return judged(found, guests, first.question, first.loss).map((one) => ({
    ...{ ...one, resolver },
    ...(peer === undefined ? {} : { peer }),
  }))
}
