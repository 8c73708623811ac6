import * as z from 'zod'
import { type Finding, type Status, statuses } from '../../core/finding.ts'
import type { Facts } from '../../facts/facts.ts'
import type { ImageFact, RepositoryFact, TargetFact } from '../../facts/image.ts'
import { documentOf, manifestOf } from '../../facts/queries/image/graph.ts'
import { attestationsBelow, objectsBelow } from '../../facts/queries/image/members.ts'
import { unpackedLayers } from '../../facts/queries/image/unpacked.ts'
import { referenceName, repositoryName } from '../../oci/reference.ts'
import { isRunnable } from '../../oci/runnable.ts'
import { memberSchema, membersOf, proofOf, proofSchema, sizeOf, sumOf } from './members.ts'
import { withinLimit } from './objects.ts'

export const targetSchema = z.object({
  reference: z.string(),
  status: z.enum(statuses),
  kind: z.enum(['index', 'image', 'artifact', 'schema1']).optional(),
  digest: z.string().optional(),
  members: z.array(memberSchema).describe('The platform images, in the order the index lists them.'),
  objects: z.int().describe('Manifests and blobs below it, each counted once; itself included.'),
  sizeBytes: z.int().min(0).describe('What these take, as the registry stores them.'),
  proof: proofSchema.describe('How its blobs were proven.'),
  attestations: z.int(),
  referrers: z.int().optional(),
  faults: z.array(z.string()).describe('What is wrong with the target itself.'),
})
export type ReportTarget = z.infer<typeof targetSchema>

/** Every target, with what was proven of it and what is wrong with it. */
export function reportTargets(facts: Facts, findings: readonly Finding[]): ReportTarget[] {
  const { image } = facts
  const faults = findings.filter(({ severity }) => severity !== 'note')
  const repositories = new Map(image.repositories.map((repository) => [repository.name, repository]))
  const known = {
    extent: image.extent,
    repositories,
    bySubject: Map.groupBy(faults, ({ subject }) => subject),
    byRepository: Map.groupBy(faults, ({ repository }) => repository ?? ''),
  }
  return withinLimit(image.targets.map((target) => reportTarget(target, known)))
}

/** What the entries of all targets are made of: a registry has thousands, so that nothing is searched for each. */
interface Known {
  extent: ImageFact['extent']
  repositories: ReadonlyMap<string, RepositoryFact>
  /** The findings that are more than a note. */
  bySubject: ReadonlyMap<string, readonly Finding[]>
  byRepository: ReadonlyMap<string, readonly Finding[]>
}

function reportTarget(fact: TargetFact, { extent, ...known }: Known): ReportTarget {
  const { reference } = fact.target
  const name = referenceName(reference)
  const own = known.bySubject.get(name) ?? []
  const base = {
    ...{ reference: name, members: [], attestations: 0, objects: 0, sizeBytes: 0 },
    proof: proofOf([], { layers: 0, unpacked: 0 }),
    faults: own.map(({ message }) => message),
  }
  if (!fact.first.seen) return { ...base, status: 'unknown', faults: [fact.first.why.detail] }
  if (fact.first.value.state === 'absent') return { ...base, status: 'fail' }
  const { digest } = fact.first.value
  const repository = known.repositories.get(repositoryName(reference))
  const root = repository && manifestOf(repository, digest)
  if (!repository || !root) return { ...base, status: 'unknown' }
  const faults = known.byRepository.get(repository.name) ?? []
  const members = membersOf(repository, root, faults)
  const rootFaults = faults.filter((finding) => finding.digest === digest)
  const kind = kindOf(root)
  const statuses = [
    ...members.map(({ status }) => status),
    ...[...own, ...rootFaults].map(
      ({ severity }): Status => (severity === 'error' ? 'fail' : severity === 'warning' ? 'warn' : 'pass'),
    ),
  ]
  const { referrers } = repository
  const { manifests, blobs } = objectsBelow(repository, root)
  return {
    ...base,
    status: statusOf(statuses, extent),
    ...(kind ? { kind } : {}),
    digest,
    members,
    objects: manifests.length + blobs.length,
    sizeBytes: sumOf([...manifests.map(sizeOf), ...blobs.map(({ descriptor }) => descriptor.size)]),
    proof: proofOf(blobs, unpackedLayers(repository, manifests)),
    attestations: attestationsBelow(repository, root),
    ...(referrers?.seen ? { referrers: referrers.value.count } : {}),
    faults: [...base.faults, ...(kind === 'index' ? rootFaults.map(({ message }) => message) : [])],
  }
}

function kindOf(root: Parameters<typeof documentOf>[0]): ReportTarget['kind'] {
  const document = documentOf(root)
  if (document?.kind === 'image') return isRunnable(document) ? 'image' : 'artifact'
  return document?.kind
}

/** Of an image that was only followed to one blob, nothing good is claimed. */
function statusOf(statuses: Status[], extent: ImageFact['extent']): Status {
  const status = worst(statuses)
  return status === 'pass' && extent === 'sample' ? 'off' : status
}

function worst(statuses: Status[]): Status {
  const order: Status[] = ['fail', 'unknown', 'warn']
  return order.find((status) => statuses.includes(status)) ?? 'pass'
}
