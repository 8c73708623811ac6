import type { Status } from '../../core/finding.ts'
import type { Group } from '../../core/groups.ts'
import { firstOf } from '../../core/names.ts'
import { count } from '../../core/units.ts'
import type { Facts } from '../../facts/facts.ts'
import { missingAreas } from '../../facts/observations.ts'
import { isAlive } from '../../facts/queries/path/dialled.ts'
import { runnerAreas } from '../../facts/runner.ts'

/** Another group that could be at fault, and what rules it out; where nothing does, what is missing. */
export interface Rival {
  group: Group
  ruledOut: boolean
  why: string
}

/** How a group without a fault of its own stands. */
export interface Standing {
  group: Group
  status: Status
  missing: number
}

/** Which groups could be behind a fault of a group. */
const rivalsOf: Record<Group, readonly Group[]> = {
  image: [],
  registry: ['path', 'image', 'storage'],
  path: ['runner', 'registry', 'image', 'storage'],
  runner: ['registry', 'image'],
  storage: [],
  cluster: [],
}

/** The groups that could be behind faults of these groups, other than the groups that have part in them. */
export function rivals(
  first: readonly Group[],
  involved: ReadonlySet<Group>,
  standings: readonly Standing[],
  facts: Facts,
): Rival[] {
  const wanted = new Set(first.flatMap((group) => rivalsOf[group]))
  return standings.flatMap((standing) => {
    const { group, status } = standing
    if (!wanted.has(group) || involved.has(group) || status === 'off') return []
    return {
      group,
      ...(status === 'warn' ? left('it has warnings of its own') : proofs[group](standing, facts)),
    }
  })
}

const ruledOut = (why: string) => ({ ruledOut: true, why })
const left = (why: string) => ({ ruledOut: false, why })

/** What rules a group out. */
const proofs: Record<Group, (standing: Standing, facts: Facts) => Omit<Rival, 'group'>> = {
  image: (standing, { image }) => {
    const objects = image.repositories.flatMap(({ manifests, blobs }) => [...manifests, ...blobs])
    const unseen = objects.filter(({ observed }) => !observed.seen).length
    if (isWell(standing) && objects.length > 0)
      return ruledOut(`all ${count(objects.length, 'object')} of it were inspected`)
    return left(
      objects.length === 0
        ? 'nothing of it could be inspected'
        : `${unseen} of its ${count(objects.length, 'object')} could not be inspected`,
    )
  },
  registry: (standing, { path }) => {
    const requests = path.log.filter(({ role }) => role === 'registry')
    const answered = requests.filter(({ status }) => status !== undefined).length
    if (answered > 0 && isWell(standing))
      return ruledOut(`it answered ${answered} of ${count(requests.length, 'request')}`)
    const elsewhere = answeringAddresses(path)
    return elsewhere.length > 0
      ? ruledOut(`it answers at ${firstOf(elsewhere)}`)
      : left('it answered no request')
  },
  path: (standing, { path }) => {
    const failed = path.log.filter(({ failure }) => failure !== undefined).length
    return isWell(standing) && failed === 0 && path.requests > 0
      ? ruledOut(`all ${count(path.requests, 'request')} were answered`)
      : left(failed > 0 ? `${count(failed, 'request')} failed` : 'not all of it could be inspected')
  },
  runner: (standing, facts) => {
    const missing = facts.runner ? missingAreas(facts).length : runnerAreas.length
    return isWell(standing) && missing === 0
      ? ruledOut('all its areas were inspected')
      : left(`${missing} of its ${runnerAreas.length} areas ${missing === 1 ? 'was' : 'were'} not inspected`)
  },
  storage: (standing, { storage }) =>
    isWell(standing)
      ? ruledOut(`every image in ${storage?.root ?? 'it'} is whole`)
      : left('not all of it could be read'),
  cluster: (standing) =>
    isWell(standing) ? ruledOut('no pod waits for an image that fails') : left('not all of it could be read'),
}

/** The addresses of the registry that answered when each was dialled by itself. */
const answeringAddresses = ({ names, legs = [] }: Facts['path']): string[] => [
  ...new Set(
    [
      ...(names?.names ?? [])
        .filter(({ uses }) => uses.includes('registry'))
        .flatMap(({ dialled }) => dialled),
      ...legs.filter(({ step }) => step === 'challenge').flatMap(({ addresses }) => addresses),
    ]
      .filter(isAlive)
      .map(({ address }) => address),
  ),
]

const isWell = ({ status, missing }: Standing): boolean => missing === 0 && status === 'pass'
