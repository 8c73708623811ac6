import type { Area } from '../../../core/observed.ts'
import type { LinkFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import type { HostNetwork } from './host-network.ts'
import { observeLinks } from './links.ts'
import { type RuleReading, readRules } from './read-rules.ts'
import { interfacesIn } from './rule-interfaces.ts'

/** Links and rules, read in immediate succession. */
export interface LinksAndRules {
  links: Area<LinkFact[]>
  /** Undefined where rules cannot be read. */
  rules?: RuleReading
}

export async function readLinksAndRules(
  access: HostAccess,
  network: HostNetwork | undefined,
  withRules: boolean,
): Promise<LinksAndRules> {
  const links = await observeLinks(access, network)
  return withRules ? { links, rules: await readRules(access) } : { links }
}

const maxPassing = 1000

/**
 * Interfaces that exist in only one of two readings, or are named in a different number of rules. Docker adds the rules of a
 * bridge up to half a second after the bridge, possibly during a reading: only what both readings agree on is stable.
 */
export function changedBetween(before: LinksAndRules, after: LinksAndRules): string[] {
  const states = [before, after].map(({ links, rules }) => {
    const named = interfacesIn(rules?.tables ?? [])
    const present = new Set(links.seen ? links.value.map(({ name }) => name) : [])
    return {
      names: [...present, ...named.keys()],
      of: (name: string) => `${present.has(name)} ${named.get(name)}`,
    }
  })
  const [first, second] = states
  if (!first || !second) return []
  const names = new Set(states.flatMap((state) => state.names))
  return [...names].filter((name) => first.of(name) !== second.of(name)).slice(0, maxPassing)
}
