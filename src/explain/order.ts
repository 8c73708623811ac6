import { type FailureKind, failureKinds } from '../core/failure.ts'
import type { Cause, Finding } from '../core/finding.ts'
import type { Facts } from '../facts/facts.ts'
import type { RequestFact } from '../facts/path.ts'

/** When a cause was first met: the request that met it. */
export interface FirstMet {
  /** The id of the cause. */
  id: string
  group: Cause['group']
  /** Milliseconds since the epoch, at the end of the request. */
  at: number
  /** What was asked, without query, and the host that it was asked of. */
  url: string
}

/**
 * In which order the faults of a run were met, if both the image and the way to it have one: they may have nothing to do with each
 * other, and a fault of the path hides what is wrong with the image behind it. Empty for any other run.
 */
export function orderOfFaults(causes: readonly Cause[], { path: { log } }: Pick<Facts, 'path'>): FirstMet[] {
  const faults = causes.filter(({ severity }) => severity === 'error')
  const ofImage = faults.filter(({ group, id }) => group === 'image' && !(id in failureKinds))
  const ofPath = faults.filter(
    ({ group, id }) => (group === 'path' || id in failureKinds) && id !== 'run-stopped',
  )
  if (ofImage.length === 0 || ofPath.length === 0) return []
  const met = [...ofImage, ...ofPath].flatMap(({ id, group, findings }) => {
    const requests = findings.flatMap((finding) => requestOf({ id, group }, finding, log) ?? [])
    const [first] = requests.toSorted((a, b) => endOf(a) - endOf(b))
    return first ? { id, group, at: endOf(first), url: first.url } : []
  })
  return met.toSorted((a, b) => a.at - b.at)
}

/** The first request that met a finding: by the kind and host of its failure, or by the object that it is about. */
function requestOf(
  { id, group }: Pick<Cause, 'id' | 'group'>,
  { subject, digest }: Finding,
  log: readonly RequestFact[],
): RequestFact | undefined {
  if (id in failureKinds)
    return log.find(
      ({ failure, url }) => failure && sameKind(failure.kind, id) && new URL(url).host === subject,
    )
  if (group === 'path') return log.find(({ failure }) => failure !== undefined)
  const name = digest ?? /(?<=:)[^:/@]+$/.exec(subject)?.[0]
  return name === undefined ? undefined : log.find(({ url }) => url.endsWith(`/${name}`))
}

/** Behind a redirect each kind becomes `storage-unreachable`, and at a token server `token-server-unreachable`. */
const sameKind = (kind: FailureKind, id: string): boolean =>
  kind === id || id === 'storage-unreachable' || id === 'token-server-unreachable'

const endOf = ({ at, phases }: RequestFact): number =>
  at + Object.values(phases).reduce((total, ms) => total + ms, 0)
