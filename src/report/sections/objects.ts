import * as z from 'zod'
import type { Status } from '../../core/finding.ts'
import { proofs } from '../../core/proof.ts'
import type { BlobFact, ManifestFact } from '../../facts/image.ts'
import { mayBeAbsent } from '../../facts/queries/image/foreign-layers.ts'

const states = ['proven', 'absent', 'damaged', 'elsewhere', 'unknown'] as const

export const objectSchema = z.object({
  role: z.enum(['configuration', 'layer']),
  digest: z.string(),
  sizeBytes: z.int().min(0).describe('As the manifest states it.'),
  state: z
    .enum(states)
    .describe(
      '`damaged`: what is served is not what the digest says. `elsewhere`: a layer that no registry has to hold. `unknown`: it could not be observed.',
    ),
  proof: z.enum(proofs).optional().describe('How it was proven.'),
})
export type ReportObject = z.infer<typeof objectSchema>

export const manifestStates = ['read', 'absent', 'damaged', 'unknown'] as const

/** How the manifest of a platform image stands. */
export function manifestStateOf({ observed }: ManifestFact): (typeof manifestStates)[number] {
  if (!observed.seen) return 'unknown'
  const { state } = observed.value
  if (state === 'read' || state === 'absent') return state
  return state === 'oversized' ? 'unknown' : 'damaged'
}

/** The configuration and the layers of a platform image, in the order of its manifest. */
export const objectsOf = (config: string | undefined, own: readonly BlobFact[]): ReportObject[] =>
  own.map((blob) => ({
    role: blob.digest === config ? 'configuration' : 'layer',
    digest: blob.digest,
    sizeBytes: blob.descriptor.size,
    ...stateOf(blob),
  }))

function stateOf(blob: BlobFact): Pick<ReportObject, 'state' | 'proof'> {
  const { observed } = blob
  if (!observed.seen) return { state: 'unknown' }
  const { value } = observed
  if (value.state === 'proven') return { state: 'proven', proof: value.proof }
  if (value.state === 'absent') return { state: mayBeAbsent(blob) ? 'elsewhere' : 'absent' }
  return { state: 'damaged' }
}

/** So many objects are listed in a report, and of one platform image. */
const [maxObjects, maxOfOne] = [300, 40]

interface Member {
  status: Status
  contents?: ReportObject[] | undefined
}

/**
 * Lists the objects of images that are not well before those of others, and only so many: a report does not grow with what is well.
 * An image whose objects are not all listed has fewer of them than `objects` says.
 */
export function withinLimit<T extends { members: M[] }, M extends Member>(targets: readonly T[]): T[] {
  const members = targets.flatMap((target) => target.members)
  const order = [
    ...members.filter(({ status }) => status !== 'pass'),
    ...members.filter(({ status }) => status === 'pass'),
  ]
  const room = new Map<M, number>()
  let left = maxObjects
  for (const member of order) {
    const listed = Math.min(left, maxOfOne, member.contents?.length ?? 0)
    room.set(member, listed)
    left -= listed
  }
  return targets.map((target) => ({
    ...target,
    members: target.members.map((member) => ({
      ...member,
      contents: member.contents?.slice(0, room.get(member)),
    })),
  }))
}
