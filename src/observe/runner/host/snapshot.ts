import type { Area } from '../../../core/observed.ts'
import type { LinkFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { observeLinks } from './links.ts'
import type { Place } from './place.ts'
import { type RuleReading, readRules } from './read-rules.ts'
import { interfacesIn } from './rule-interfaces.ts'

/** Links and rules, read one right after the other. */
export interface Snapshot {
  links: Area<LinkFact[]>
  /** Undefined where rules may not be read. */
  rules?: RuleReading
}

export async function takeSnapshot(
  access: HostAccess,
  place: Place | undefined,
  withRules: boolean,
): Promise<Snapshot> {
  const links = await observeLinks(access, place)
  return withRules ? { links, rules: await readRules(access) } : { links }
}

const maxPassing = 1000

/**
 * Interfaces that were there in one snapshot only, or are named in another number of rules. Docker takes up to half a second
 * between a bridge and its rules, and may be at it whenever we look: what two looks find the same has come to rest.
 */
export function passingBetween(before: Snapshot, after: Snapshot): string[] {
  const states = [before, after].map(({ links, rules }) => {
    const named = interfacesIn(rules?.tables ?? [])
    const there = new Set(links.seen ? links.value.map(({ name }) => name) : [])
    return {
      names: [...there, ...named.keys()],
      of: (name: string) => `${there.has(name)} ${named.get(name)}`,
    }
  })
  const [first, second] = states
  if (!first || !second) return []
  const names = new Set(states.flatMap((state) => state.names))
  return [...names].filter((name) => first.of(name) !== second.of(name)).slice(0, maxPassing)
}
