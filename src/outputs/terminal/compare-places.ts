import { firstOf } from '../../core/names.ts'
import type { View } from '../../explain/compare.ts'
import type { Relation } from '../../explain/compare-places.ts'
import { machineText } from '../../facts/queries/cluster/node-text.ts'
import { clean } from './clean.ts'

/** Names of places, the first of many. */
export const placeNames = (names: readonly string[]): string => firstOf(names.map((name) => clean(name, 40)))

/** Where it breaks, by how the places lie to each other. */
export function relationText(relation: Relation): string {
  switch (relation.kind) {
    case 'through': {
      const { from, through, address } = relation
      const by = clean(through, 40)
      return `${placeNames(from)} ${from.length === 1 ? 'leaves' : 'leave'} through ${by} (${clean(address, 80)}), which gets through: what lies between is at fault. Look at ${by}: its bridge and the MTU of it, forwarding, NAT, firewall rules for what passes.`
    }
    case 'same-router': {
      const { from, others, router } = relation
      return `${placeNames(others)} ${others.length === 1 ? 'leaves' : 'leave'} by the same router ${clean(router, 40)} and ${others.length === 1 ? 'gets' : 'get'} through: the fault is before it, in ${placeNames(from)} or the switch between: network card (a virtual one, too), MTU, firewall, resolvers.`
    }
    case 'all-by':
      return `All of them leave by ${clean(relation.router, 40)}: the fault is there or beyond, and not in one of them.`
  }
}

/** What each place has for its way out: once for places that agree. */
export function placeLines(views: readonly View[]): string[] {
  const known = views.flatMap(({ vantage, machine }) =>
    machine ? [{ vantage, text: machineText(machine) }] : [],
  )
  const groups = [...Map.groupBy(known, ({ text }) => text)]
  return groups.map(
    ([text, same]) => `    ${placeNames(same.map(({ vantage }) => vantage))}: ${clean(text, 200)}`,
  )
}
