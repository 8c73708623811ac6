import { seen } from '../../core/observed.ts'
import type { ManifestLook, TagLook } from '../../facts/watch/apply.ts'
import { readManifest } from '../image/manifest.ts'
import { headDigest, headManifest, presence } from '../image/manifest-head.ts'
import type { Registry } from '../registry/registry.ts'

/**
 * What a tag refers to, by HEAD, which counts as a pull nowhere. Only where the answer to HEAD has no digest the manifest is read:
 * some registries do not support HEAD, and only the body of a 404 shows whether it is that of a router. Nothing is read of a `mirror`,
 * whose 404 says nothing.
 */
export async function lookAtTag(
  registry: Registry,
  repository: string,
  tag: string,
  mirror: boolean,
): Promise<TagLook> {
  const head = await headManifest(registry, repository, tag, async (response) => {
    const { status } = response
    const digest = await headDigest(response)
    return digest.seen ? seen({ status, digest: digest.value }) : digest
  })
  if (!head.seen) return head
  if (head.value.digest !== '') return seen({ state: 'found', digest: head.value.digest })
  if (head.value.status === 404 && mirror) return seen({ state: 'absent' })
  const read = await readManifest(registry, repository, tag, () => {})
  if (!read.seen) return read
  return read.value.observed.state === 'absent'
    ? seen({ state: 'absent' })
    : seen({ state: 'found', digest: read.value.digest })
}

/** Whether a manifest is listed, by HEAD; where HEAD is refused, or answered by something that may be no registry, it is read. */
export async function lookAtManifest(
  registry: Registry,
  repository: string,
  digest: string,
): Promise<ManifestLook> {
  const head = await headManifest(registry, repository, digest, presence)
  if (!head.seen) return head
  const { state } = head.value
  if (state === 'listed' || state === 'absent') return seen({ state })
  const read = await readManifest(registry, repository, digest, () => {})
  if (!read.seen) return read
  return seen({ state: read.value.observed.state === 'absent' ? 'absent' : 'listed' })
}
