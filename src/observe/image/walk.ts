import type { ImageFact, ManifestFact, Role, Use } from '../../facts/image.ts'
import type { Descriptor, ManifestDocument } from '../../oci/manifest.ts'
import type { ManifestAnswer } from './manifest.ts'
import type { AskManifest } from './manifest-reader.ts'

/** How far a graph is followed. Real images stay far below; a hostile one must end. */
export const limits = { depth: 8, width: 1024, total: 4096 }

/** A walk through one repository's manifests: every one is read once, whoever names it. */
export interface Walk {
  host: string
  /** Whether every way down is followed, or the first image of each index. */
  extent: ImageFact['extent']
  /** How to ask for these manifests, which hang from one that was read. */
  plan: (digests: string[]) => AskManifest
  manifests: Map<string, ManifestFact>
  progress: (change: { found?: number; done?: number }) => void
}

/** A manifest that is to be looked at. */
export interface Step {
  descriptor: Descriptor
  role: Role
  use: Use
  /** The digests from the target down to the parent. */
  above: string[]
  request: AskManifest
}

/** Notes a manifest that a target named and that is already read, and walks all that hangs from it. */
export async function walkFrom(walk: Walk, root: ManifestAnswer, use: Use): Promise<void> {
  const known = walk.manifests.get(root.digest)
  if (known) {
    await meetAgain(walk, known, 'image', use, [])
    return
  }
  const fact: ManifestFact = {
    digest: root.digest,
    role: 'image',
    uses: [use],
    observed: { seen: true, value: root.observed },
  }
  walk.manifests.set(root.digest, fact)
  walk.progress({ found: 1, done: 1 })
  await descend(walk, fact, [])
}

/** Looks at manifests that another names, side by side, and at all that hangs from them. */
export async function walkSteps(walk: Walk, steps: Omit<Step, 'request'>[]): Promise<void> {
  const digests = steps.map(({ descriptor }) => descriptor.digest)
  const request = walk.plan(digests.filter((digest) => !walk.manifests.has(digest)))
  await Promise.all(steps.map((step) => walkStep(walk, { ...step, request })))
}

/** Looks at one manifest that another names, unless it is known, and at all that hangs from it. */
async function walkStep(walk: Walk, step: Step): Promise<void> {
  const { descriptor, role, use, above, request } = step
  const known = walk.manifests.get(descriptor.digest)
  if (known) {
    if (above.includes(descriptor.digest)) known.limit = { what: 'cycle', max: 0, found: above.length }
    await meetAgain(walk, known, role, use, above)
    return
  }
  const fact: ManifestFact = {
    digest: descriptor.digest,
    role,
    uses: [use],
    descriptor,
    observed: { seen: false, why: notAsked(walk.host) },
  }
  walk.manifests.set(descriptor.digest, fact)
  walk.progress({ found: 1 })
  const answer = await request(descriptor.digest)
  fact.observed = answer.seen ? { seen: true, value: answer.value.observed } : answer
  walk.progress({ done: 1 })
  await descend(walk, fact, above)
}

/**
 * A manifest that is named once more. What was met as a mere subject, or as somebody's attestation, and is now part of an image,
 * is walked as one: its loss is the image's.
 */
async function meetAgain(
  walk: Walk,
  known: ManifestFact,
  role: Role,
  use: Use,
  above: string[],
): Promise<void> {
  if (!known.uses.some(({ parent, field }) => parent === use.parent && field === use.field))
    known.uses.push(use)
  if (role !== 'image' || known.role === 'image') return
  known.role = 'image'
  await descend(walk, known, above)
}

async function descend(walk: Walk, fact: ManifestFact, above: string[]): Promise<void> {
  if (!fact.observed.seen || fact.observed.value.state !== 'read') return
  if (fact.role === 'subject') return
  const named = childSteps(fact, fact.observed.value.document, [...above, fact.digest])
  const steps = walk.extent === 'whole' ? named : named.filter(({ role }) => role === 'image').slice(0, 1)
  if (steps.length === 0) return
  if (above.length >= limits.depth) {
    fact.limit = { what: 'depth', max: limits.depth, found: above.length + 1 }
    return
  }
  if (steps.length > limits.width) fact.limit = { what: 'width', max: limits.width, found: steps.length }
  const room = limits.total - walk.manifests.size
  if (steps.length > room)
    fact.limit ??= { what: 'total', max: limits.total, found: walk.manifests.size + steps.length }
  await walkSteps(walk, steps.slice(0, Math.max(0, Math.min(limits.width, room))))
}

function childSteps(
  fact: ManifestFact,
  document: ManifestDocument,
  above: string[],
): Omit<Step, 'request'>[] {
  const children =
    document.kind === 'index'
      ? document.children.map((child, at) =>
          stepTo(child, childRole(child, fact.role), `manifests[${at}]`, above),
        )
      : []
  // A referrer's subject is what led to it.
  const subject =
    document.kind !== 'schema1' && document.subject && fact.role !== 'referrer'
      ? [stepTo(document.subject, 'subject', 'subject', above)]
      : []
  return [...children, ...subject]
}

function stepTo(descriptor: Descriptor, role: Role, field: string, above: string[]): Omit<Step, 'request'> {
  const { size: sizeBytes, mediaType } = descriptor
  return { descriptor, role, above, use: { parent: above.at(-1) ?? '', field, sizeBytes, mediaType } }
}

function childRole(child: Descriptor, parent: Role): Role {
  if (parent !== 'image') return parent
  return isAttestation(child) ? 'attestation' : 'image'
}

/** BuildKit's mark of an attestation manifest (docs.docker.com, "Image attestation storage"). */
export const isAttestation = (descriptor: Descriptor): boolean =>
  descriptor.annotations?.['vnd.docker.reference.type'] === 'attestation-manifest'

const notAsked = (host: string) => ({
  kind: 'run-stopped' as const,
  host,
  phase: 'request' as const,
  detail: 'the run ended before it was asked for',
  evidence: [],
})
