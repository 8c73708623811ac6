import { failureInfo } from '../core/failure.ts'
import type { Finding } from '../core/finding.ts'
import type { PullRow } from '../facts/cluster/pulls.ts'
import type { Facts } from '../facts/facts.ts'
import { classOf } from '../facts/queries/cluster/pull-text.ts'
import { pulledReference } from '../facts/queries/cluster/targets.ts'
import { failuresIn } from '../facts/queries/image/failures.ts'
import { manifestOf } from '../facts/queries/image/graph.ts'
import { objectsBelow } from '../facts/queries/image/members.ts'
import { referenceName, repositoryName } from '../oci/reference.ts'

export const pullVerdictStates = ['whole', 'broken', 'refused', 'unreachable', 'not-verified'] as const

/** What a verification from here showed of an image that nodes cannot pull. */
export interface PullVerdict {
  /** `broken`: for all. `refused` and `unreachable`: here, too. `not-verified`: it was not asked, or this login may not. */
  state: (typeof pullVerdictStates)[number]
  /** The findings, or kinds of failure, that show it. */
  ids: string[]
  /** Why it was not verified. */
  why?: string
  /** The addresses at which the registry answered here. */
  addresses: string[]
}

/** The verdict about the image of a row. `findings` are those of the whole run. */
export function pullVerdict(row: PullRow, facts: Facts, findings: readonly Finding[]): PullVerdict {
  const reference = pulledReference(row.image)
  const name = reference && referenceName(reference)
  const target = facts.image.targets.find((one) => referenceName(one.target.reference) === name)
  if (!reference || !target) return { state: 'not-verified', ids: [], addresses: [] }
  const addresses = facts.path.hosts.find(({ host }) => host === reference.apiHost)?.addresses ?? []
  const broken = brokenBy(target, facts, findings)
  if (broken.length > 0) return { state: 'broken', ids: [...new Set(broken.map(({ id }) => id))], addresses }
  const failure = target.first.seen
    ? failuresIn(facts).find(({ why, subject }) => subject.startsWith(repositoryName(reference)) && why)?.why
    : target.first.why
  if (!failure) return { state: 'whole', ids: [], addresses }
  const { kind, detail } = failure
  const { group, refusal } = failureInfo(kind)
  // This login is another than that of the pods, so that a refusal of it says nothing of theirs.
  const state =
    refusal !== undefined && classOf(row) !== 'registry'
      ? 'not-verified'
      : group === 'registry'
        ? 'refused'
        : group === 'path'
          ? 'unreachable'
          : 'not-verified'
  return { state, ids: [kind], why: detail, addresses }
}

/** The errors of the image that a target names: of its tag, or of an object below it. */
export function brokenBy(
  { target: { reference }, first }: Facts['image']['targets'][number],
  { image }: Facts,
  findings: readonly Finding[],
): Finding[] {
  const [name, repositoryOf] = [referenceName(reference), repositoryName(reference)]
  const repository = image.repositories.find((one) => one.name === repositoryOf)
  const root = first.seen && first.value.state === 'found' ? first.value.digest : undefined
  const manifest = repository && root !== undefined ? manifestOf(repository, root) : undefined
  const below = repository && manifest ? objectsBelow(repository, manifest) : { manifests: [], blobs: [] }
  const digests = new Set([root, ...[...below.manifests, ...below.blobs].map(({ digest }) => digest)])
  return findings.filter(
    (one) =>
      one.group === 'image' &&
      one.severity === 'error' &&
      one.id !== 'run-stopped' &&
      (one.subject === name || (one.repository === repositoryOf && digests.has(one.digest))),
  )
}
