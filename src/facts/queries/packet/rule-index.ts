import { type Demand, demandOf, type Lookup, lookupOf } from './lookup.ts'
import type { Field, MatchStep, Rule } from './model.ts'
import { type Packet, read } from './packet.ts'

/** A shorter chain is as fast without an index, which also takes the time of some ways through a chain to make. */
const minRules = 8
const minPackets = 10
/** A rule with longer lists is always looked at. */
const maxElements = 64
/** What no rule changes while a packet goes through a base chain. */
const fixed = new Set<Field>([
  ...(['iif', 'oif', 'saddr4', 'daddr4', 'saddr6', 'daddr6', 'protocol', 'sport', 'dport'] as const),
])

/**
 * Finds the rules of a chain that may match a packet, in their order, without a look at each: a host can have tens of thousands, and
 * many packets are followed.
 */
export function ruleIndex(rules: Rule[]): (packet: Packet) => readonly Rule[] {
  let packets = 0
  let find: Lookup<Rule> | undefined
  return (packet) => {
    packets += 1
    if (rules.length < minRules || packets < minPackets) return rules
    find ??= lookupOf(rules, demandsOf)
    return find((field) => read(packet, field))
  }
}

/** What a rule demands before it does anything: the values of each match that can be looked up. */
function demandsOf({ steps }: Rule): Demand[][] {
  const end = steps.findIndex(({ kind }) => kind !== 'match' && kind !== 'unknown')
  return steps
    .slice(0, end === -1 ? steps.length : end)
    .flatMap((step) => (step.kind === 'match' ? demandsOfMatch(step) : []))
}

function demandsOfMatch({ keys, elements, incomplete, negated }: MatchStep): Demand[][] {
  if (incomplete || negated || elements.length === 0 || elements.length > maxElements) return []
  if (elements.some(({ patterns }) => patterns.length !== keys.length)) return []
  return keys.flatMap(({ field, mask }, at) => {
    if (!fixed.has(field) || mask !== undefined) return []
    const demands = elements.flatMap(({ patterns }) => demandOf(field, patterns[at]) ?? [])
    return demands.length === elements.length ? [demands] : []
  })
}
