import { addressClass } from '../../../net/address-class.ts'
import { formatAddress } from '../../../net/ip.ts'
import { elementMatches, matches, valuesOf } from './match.ts'
import type { BaseChain, Element, Field, Rule, Step, Table, Verdict } from './model.ts'
import type { Packet } from './packet.ts'

/** A destination that a rule names. */
export interface Destination {
  address: bigint
  port: bigint
}

/** Rules that name more may be those of published ports. */
const maxFollowed = 200
const ofSource = new Set<Field>(['iif', 'physin', 'saddr4', 'saddr6', 'ctsaddr'])
const ofWay = new Set<Field>([...ofSource, 'oif', 'physout'])
/** Where no packet of a container goes by its gateway. */
const nowhere = new Set(['loopback', 'unspecified', 'this-network', 'link-local', 'multicast', 'broadcast'])

/**
 * Whether rules let packets of some guests out to a destination that they name, although others are stopped: somebody wants it so.
 * A private network counts only in rules for these guests; in a rule for everybody it is that of another program. `packet` is one
 * of these guests as it would leave.
 */
export function isLimited(
  { table }: BaseChain,
  packet: Packet,
  leaves: (to: Destination) => boolean,
): boolean {
  const own = chainsFor(table, packet)
  let followed = 0
  for (const { name, rules } of table.chains.values()) {
    for (const rule of rules()) {
      for (const to of destinationsIn(rule, packet, maxFollowed - followed)) {
        const who = subjectOf(rule, { ...packet, daddr: to.address, dport: to.port })
        if (who === 'others' || !isPlausible(to, packet, who === 'these' || own.has(name))) continue
        followed += 1
        if (followed > maxFollowed) return false
        if (leaves(to)) return true
      }
    }
  }
  return false
}

function isPlausible({ address }: Destination, { family }: Packet, isForThese: boolean): boolean {
  const reach = addressClass(formatAddress({ version: family === 'ip' ? 4 : 6, value: address }))
  return !nowhere.has(reach) && (isForThese || reach !== 'private')
}

/** Whether a rule is for packets of these guests, by their interface or source; `all` where it is for any. */
function subjectOf({ steps }: Rule, packet: Packet): 'these' | 'all' | 'others' {
  const about = steps.flatMap((step) =>
    step.kind === 'match' && step.keys.some(({ field }) => ofWay.has(field)) ? [step] : [],
  )
  if (about.some((step) => matches(packet, step) === 'no')) return 'others'
  const names = about.some(({ keys, negated }) => !negated && keys.some(({ field }) => ofSource.has(field)))
  return names ? 'these' : 'all'
}

/** DOCKER-USER, which is for packets of containers, and chains that rules for these guests lead to. */
function chainsFor({ chains }: Table, packet: Packet): Set<string> {
  const found = new Set(['DOCKER-USER'])
  for (const { rules } of chains.values())
    for (const rule of rules())
      for (const verdict of verdictsFor(rule, packet))
        if (verdict?.kind === 'jump' || verdict?.kind === 'goto') found.add(verdict.chain)
  return found
}

function verdictsFor(rule: Rule, packet: Packet): (Verdict | undefined)[] {
  if (!rule.steps.some(leadsOn)) return []
  const isForThese = subjectOf(rule, packet) === 'these'
  return rule.steps.flatMap((step) => {
    if (step.kind === 'verdict') return isForThese ? [step.verdict] : []
    if (step.kind !== 'map') return []
    const values = step.keys.some(({ field }) => ofSource.has(field))
      ? valuesOf(packet, step.keys)
      : undefined
    return step.elements
      .filter((one) => isForThese || (values !== undefined && elementMatches(values, one) === 'yes'))
      .map(({ verdict }) => verdict)
  })
}

const leadsOn = (step: Step): boolean =>
  step.kind === 'map' ||
  (step.kind === 'verdict' && (step.verdict.kind === 'jump' || step.verdict.kind === 'goto'))

/** The destinations that a rule names, except those that it drops itself. */
function destinationsIn({ steps }: Rule, { family, dport }: Packet, max: number): Destination[] {
  const field = family === 'ip' ? 'daddr4' : 'daddr6'
  const drops = steps.some((step) => step.kind === 'verdict' && isDrop(step.verdict))
  // Most rules of long lists: an answer without a look at their elements.
  const names = steps.filter(
    (step) =>
      (step.kind === 'map' || (step.kind === 'match' && (!drops || step.negated))) &&
      step.keys.some((key) => key.field === field),
  )
  if (names.length === 0) return []
  const ports = new Map(patternsOf(steps, 'dport').map(({ element, pattern }) => [element, pattern]))
  const [ofAll] = ports.values()
  const named = patternsOf(names, field).filter(({ element: { verdict } }) => !verdict || !isDrop(verdict))
  return named.slice(0, max + 1).map(({ element, pattern }) => {
    const { first, last } = ports.get(element) ?? ofAll ?? { first: dport, last: dport }
    // The first address of a network is its own.
    const address = pattern.last > pattern.first ? pattern.first + 1n : pattern.first
    return { address, port: first <= dport && dport <= last ? dport : first }
  })
}

const isDrop = ({ kind }: Verdict): boolean => kind === 'drop' || kind === 'reject'

/** The numbers that a rule compares a field with, each with the element of the set that it is in. */
function patternsOf(
  steps: Step[],
  field: Field,
): { element: Element; pattern: { first: bigint; last: bigint } }[] {
  return steps.flatMap((step) => {
    if (step.kind !== 'match' && step.kind !== 'map') return []
    const at = step.keys.findIndex((key) => key.field === field)
    return step.elements.flatMap((element) => {
      const pattern = element.patterns[at]
      return pattern !== undefined && pattern !== 'unknown' && 'first' in pattern
        ? [{ element, pattern }]
        : []
    })
  })
}
