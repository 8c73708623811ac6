import type { ImageFact, ManifestFact, Role, Use } from '../../facts/image.ts'
import type { Descriptor, ManifestDocument } from '../../oci/manifest.ts'
import { isManifestEntry } from '../../oci/runnable.ts'
import type { ManifestAnswer } from './manifest.ts'
import type { RequestManifest } from './manifest-reader.ts'

/** How far a graph is followed. Real images stay far below these limits; a hostile graph must end. */
export const limits = { depth: 8, width: 1024, total: 4096 }

/** A walk through the manifests of one repository: each is read once, even if several others list it. */
export interface Walk {
  host: string
  /** Whether all children are followed, or only the first image of each index. */
  extent: ImageFact['extent']
  /** How to request these manifests, all children of one that was read. */
  plan: (digests: string[]) => RequestManifest
  manifests: Map<string, ManifestFact>
  progress: (change: { found?: number; done?: number }) => void
}

/** A manifest to inspect. */
export interface Step {
  descriptor: Descriptor
  role: Role
  use: Use
  /** The digests from the target down to the parent. */
  ancestors: string[]
  request: RequestManifest
}

/** Records a manifest that a target refers to and that was already read, and walks everything below it. */
export async function walkFrom(walk: Walk, root: ManifestAnswer, use: Use): Promise<void> {
  const known = walk.manifests.get(root.digest)
  if (known) {
    await addUse(walk, known, 'image', use, [])
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

/** Inspects the manifests that another one lists, concurrently, and everything below them. */
export async function walkSteps(walk: Walk, steps: Omit<Step, 'request'>[]): Promise<void> {
  const digests = steps.map(({ descriptor }) => descriptor.digest)
  const request = walk.plan(digests.filter((digest) => !walk.manifests.has(digest)))
  await Promise.all(steps.map((step) => walkStep(walk, { ...step, request })))
}

/** Inspects one manifest that another one lists, unless it is already known, and everything below it. */
async function walkStep(walk: Walk, step: Step): Promise<void> {
  const { descriptor, role, use, ancestors, request } = step
  const known = walk.manifests.get(descriptor.digest)
  if (known) {
    if (ancestors.includes(descriptor.digest))
      known.limit = { what: 'cycle', max: 0, found: ancestors.length }
    await addUse(walk, known, role, use, ancestors)
    return
  }
  const fact: ManifestFact = {
    digest: descriptor.digest,
    role,
    uses: [use],
    descriptor,
    observed: { seen: false, why: notRequested(walk.host) },
  }
  walk.manifests.set(descriptor.digest, fact)
  walk.progress({ found: 1 })
  const answer = await request(descriptor.digest)
  fact.observed = answer.seen ? { seen: true, value: answer.value.observed } : answer
  walk.progress({ done: 1 })
  await descend(walk, fact, ancestors)
}

/**
 * Records a further use of a known manifest. One that was known only as a subject or an attestation, and is now part of an image,
 * is walked as an image: if it is missing, the image is broken.
 */
async function addUse(
  walk: Walk,
  known: ManifestFact,
  role: Role,
  use: Use,
  ancestors: string[],
): Promise<void> {
  if (!known.uses.some(({ parent, field }) => parent === use.parent && field === use.field))
    known.uses.push(use)
  if (role !== 'image' || known.role === 'image') return
  known.role = 'image'
  await descend(walk, known, ancestors)
}

async function descend(walk: Walk, fact: ManifestFact, ancestors: string[]): Promise<void> {
  if (!fact.observed.seen || fact.observed.value.state !== 'read') return
  if (fact.role === 'subject') return
  const listed = childSteps(fact, fact.observed.value.document, [...ancestors, fact.digest])
  const steps = walk.extent === 'whole' ? listed : listed.filter(({ role }) => role === 'image').slice(0, 1)
  if (steps.length === 0) return
  if (ancestors.length >= limits.depth) {
    fact.limit = { what: 'depth', max: limits.depth, found: ancestors.length + 1 }
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
  ancestors: string[],
): Omit<Step, 'request'>[] {
  const children =
    document.kind === 'index'
      ? document.children.flatMap((child, index) =>
          isManifestEntry(child)
            ? [stepTo(child, childRole(child, fact.role), `manifests[${index}]`, ancestors)]
            : [],
        )
      : []
  // The subject of a referrer is what led to it.
  const subject =
    document.kind !== 'schema1' && document.subject && fact.role !== 'referrer'
      ? [stepTo(document.subject, 'subject', 'subject', ancestors)]
      : []
  return [...children, ...subject]
}

function stepTo(
  descriptor: Descriptor,
  role: Role,
  field: string,
  ancestors: string[],
): Omit<Step, 'request'> {
  const { size: sizeBytes, mediaType } = descriptor
  return { descriptor, role, ancestors, use: { parent: ancestors.at(-1) ?? '', field, sizeBytes, mediaType } }
}

function childRole(child: Descriptor, parent: Role): Role {
  if (parent !== 'image') return parent
  return isAttestation(child) ? 'attestation' : 'image'
}

/** True for BuildKit's attestation manifests (docs.docker.com, "Image attestation storage"). */
const isAttestation = (descriptor: Descriptor): boolean =>
  descriptor.annotations?.['vnd.docker.reference.type'] === 'attestation-manifest'

const notRequested = (host: string) => ({
  kind: 'run-stopped' as const,
  host,
  phase: 'request' as const,
  detail: 'the run ended before it was requested',
  evidence: [],
})
