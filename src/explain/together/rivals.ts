import type { Status } from '../../core/finding.ts'
import type { Group } from '../../core/groups.ts'
import { firstOf } from '../../core/names.ts'
import { count } from '../../core/units.ts'
import type { Facts } from '../../facts/facts.ts'
import { stateOf } from '../../facts/observations.ts'
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
    if (objects.length === 0) return left('nothing of it could be inspected')
    if (unseen > 0) return left(`${unseen} of its ${count(objects.length, 'object')} could not be inspected`)
    return isWell(standing)
      ? ruledOut(`all ${count(objects.length, 'object')} of it were inspected`)
      : unproven(standing)
  },
  registry: registryProof,
  path: (standing, { path }) => {
    const failed = path.log.filter(({ failure }) => failure !== undefined).length
    if (failed > 0) return left(`${count(failed, 'request')} failed`)
    return isWell(standing) && path.requests > 0
      ? ruledOut(`all ${count(path.requests, 'request')} were answered`)
      : unproven(standing)
  },
  runner: (standing, facts) => {
    if (!facts.runner) return left('it was not inspected')
    const states = runnerAreas.map((area) => stateOf(`runner.${area}`, facts).state)
    const missing = states.filter((state) => state === 'missing').length
    const all = states.filter((state) => state !== 'off').length
    if (missing > 0)
      return left(`${missing} of its ${all} areas ${missing === 1 ? 'was' : 'were'} not inspected`)
    return isWell(standing) ? ruledOut('all its areas were inspected') : unproven(standing)
  },
  storage: (standing, { storage }) =>
    isWell(standing) ? ruledOut(`every image in ${storage?.root ?? 'it'} is whole`) : unproven(standing),
  cluster: (standing) =>
    isWell(standing) ? ruledOut('no pod waits for an image that fails') : unproven(standing),
}

/** The registry answered every request, or it answers at other addresses than the ones that failed, under each name that failed. */
function registryProof(standing: Standing, { path }: Facts): Omit<Rival, 'group'> {
  const requests = path.log.filter(({ role }) => role === 'registry')
  const failed = requests.filter(({ status, failure }) => status === undefined || failure !== undefined)
  const answered = `it answered ${requests.length - failed.length} of ${count(requests.length, 'request')}`
  if (requests.length > 0 && failed.length === 0)
    return isWell(standing) ? ruledOut(answered) : unproven(standing)
  const tried = failed.flatMap(({ failure }) => failure?.addresses ?? [])
  const hosts = [...new Set(failed.map(({ url }) => new URL(url).hostname))]
  const elsewhere = hosts.map((host) =>
    answeringAddresses(path, host).filter((address) => !tried.includes(address)),
  )
  if (hosts.length > 0 && elsewhere.every((addresses) => addresses.length > 0))
    return ruledOut(`it answers at ${firstOf([...new Set(elsewhere.flat())])}`)
  return left(failed.length === requests.length ? 'it answered no request' : answered)
}

/** The addresses of a registry that answered when each was dialled by itself. */
const answeringAddresses = ({ names, legs = [] }: Facts['path'], host: string): string[] => [
  ...new Set(
    [
      ...(names?.names ?? [])
        .filter(({ name, uses }) => name === host && uses.includes('registry'))
        .flatMap(({ dialled }) => dialled),
      ...legs
        .filter(({ step, url }) => step === 'challenge' && new URL(url).hostname === host)
        .flatMap(({ addresses }) => addresses),
    ]
      .filter(isAlive)
      .map(({ address }) => address),
  ),
]

/** What is said of a group that is not proven: where nothing is missing, a check of it crashed, or none ran. */
const unproven = ({ missing }: Standing) =>
  missing > 0 ? left('not all of it could be inspected') : left('its checks did not all run')

const isWell = ({ status, missing }: Standing): boolean => missing === 0 && status === 'pass'
