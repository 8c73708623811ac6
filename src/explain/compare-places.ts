import type { LegFact } from '../facts/path/leg.ts'
import { legState } from '../facts/queries/path/legs.ts'
import type { View, Where } from './compare.ts'

/**
 * How places lie to each other, by their default routes and addresses. `through`: the packets of `from` pass another place, which gets
 * through. `same-router`: they leave by the same router as others, which get through. `all-by`: all places leave by one router.
 */
export type Relation =
  | { kind: 'through'; from: string[]; through: string; address: string }
  | { kind: 'same-router'; from: string[]; others: string[]; router: string }
  | { kind: 'all-by'; router: string }

/** What the ways out of the places say of where a leg breaks. Nothing is said that their reports do not show. */
export function relationsOf(
  verdict: Where,
  seen: readonly (LegFact | undefined)[],
  views: readonly View[],
): Relation[] {
  if (verdict.where === 'everywhere') return allBy(views.filter((_, at) => seen[at] !== undefined))
  if (verdict.where !== 'some') return []
  const { vantages } = verdict
  const failing = views.filter(({ vantage }) => vantages.includes(vantage))
  const working = views.filter((_, at) => {
    const leg = seen[at]
    return leg !== undefined && legState(leg) === 'works'
  })
  const through = failing.flatMap((view) => {
    const passed = working.find((other) => leavesThrough(view, other))
    return passed && view.machine?.gateway !== undefined
      ? [{ view, through: passed.vantage, address: view.machine.gateway }]
      : []
  })
  const beside = failing.flatMap((view) => {
    if (through.some((one) => one.view === view)) return []
    const others = working.filter((other) => shareRouter(view, other))
    const router = view.machine?.gateway
    return others.length > 0 && router !== undefined
      ? [{ view, router, others: others.map(({ vantage }) => vantage) }]
      : []
  })
  return [
    ...[...Map.groupBy(through, ({ through: by }) => by)].map(
      ([by, same]): Relation => ({
        ...{ kind: 'through', through: by, address: [...new Set(same.map((one) => one.address))].join(', ') },
        from: same.map(({ view }) => view.vantage),
      }),
    ),
    ...[...Map.groupBy(beside, ({ router }) => router)].map(
      ([router, same]): Relation => ({
        ...{ kind: 'same-router', router, others: [...new Set(same.flatMap(({ others }) => others))] },
        from: same.map(({ view }) => view.vantage),
      }),
    ),
  ]
}

const leavesThrough = ({ machine }: View, other: View): boolean =>
  machine?.gateway !== undefined && other.machine?.addresses?.includes(machine.gateway) === true

/** Routers of many networks have one address: the places must be in the network of theirs. */
function shareRouter(view: View, other: View): boolean {
  const router = view.machine?.gateway
  return (
    router !== undefined &&
    router === other.machine?.gateway &&
    [view, other].every(({ machine }) => machine?.addresses?.some((one) => isNear(one, router)) === true)
  )
}

/** In one network of 256 addresses; of IPv6, in one of 64 bits. */
function isNear(one: string, other: string): boolean {
  const [separator, parts] = other.includes(':') ? [':', 4] : ['.', 3]
  const network = (address: string) => address.split(separator).slice(0, parts).join(separator)
  return one.includes(separator) && network(one) === network(other)
}

/** The one router by which all places leave, directly or through another of them. */
function allBy(views: readonly View[]): Relation[] {
  const outermost = views.filter(
    (view) => !views.some((other) => other !== view && leavesThrough(view, other)),
  )
  const routers = new Set(outermost.map(({ machine }) => machine?.gateway))
  const [first, ...others] = outermost
  const [router] = routers
  const isOne =
    routers.size === 1 && others.every((other) => first !== undefined && shareRouter(first, other))
  return views.length > 1 && router !== undefined && isOne ? [{ kind: 'all-by', router }] : []
}
