import { failureInfo } from '../core/failure.ts'
import type { Group } from '../core/groups.ts'
import type { Facts } from './facts.ts'
import { missingAreas } from './observations.ts'
import { failuresIn } from './queries/image/failures.ts'

/** How many things of a group could not be observed, and why the first of them. */
export interface Coverage {
  missing: number
  why?: string
}

const nothingMissing: Coverage = { missing: 0 }
const because = (reasons: string[]): Coverage => {
  const [why] = reasons
  return { missing: reasons.length, ...(why === undefined ? {} : { why }) }
}

/** What is missing of each group: one that misses anything cannot pass. */
export const coverage = {
  image: (facts) =>
    because([...failuresIn(facts).map(({ why }) => `${why.host}: ${why.detail}`), ...unlisted(facts)]),
  registry: ({ image, registry }) => {
    const asked = [
      ...image.targets.map(({ first }) => first),
      ...(registry.catalog ? [registry.catalog.listed] : []),
    ]
    const answered = asked.some((one) => one.seen || failureInfo(one.why.kind).answered)
    return answered ? nothingMissing : because(['no registry answered'])
  },
  path: ({ path }) => {
    const reached = path.hosts.some(({ addresses, proxy }) => addresses.length > 0 || proxy !== undefined)
    return reached ? nothingMissing : because(['no host was reached'])
  },
  runner: (facts) => {
    const { runner } = facts
    if (!runner) return because(['the runner was not inspected'])
    return because(
      missingAreas(facts).flatMap((name) => {
        const area = runner[name]
        return area.seen ? [] : [area.why]
      }),
    )
  },
} satisfies Record<Group, (facts: Facts) => Coverage>

/** A catalog that the registry refuses to give: what it would have listed was not verified. */
function unlisted({ registry: { catalog } }: Facts): string[] {
  if (!catalog?.listed.seen || catalog.listed.value.state !== 'refused') return []
  return [`${catalog.registry}: its catalog answers ${catalog.listed.value.refusal.status}`]
}
