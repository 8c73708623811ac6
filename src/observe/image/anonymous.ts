import { type Failure, failureInfo } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import type { RepositoryFact, TargetFact } from '../../facts/image.ts'
import { countsManifests } from '../registry/allowance.ts'
import type { Registry } from '../registry/registry.ts'
import type { ListedBlob } from './blob-list.ts'
import { readManifest } from './manifest.ts'
import { headManifest, presence } from './manifest-head.ts'

type Anonymous = NonNullable<RepositoryFact['anonymous']>

/**
 * Proves that a repository can be pulled without a login: the first target's manifest and one blob, by a client that has no
 * credentials. Registries grant a repository as a whole, so these two represent all others.
 */
export async function observeAnonymous(
  registry: Registry,
  repository: string,
  targets: TargetFact[],
  blobs: ListedBlob[],
): Promise<Anonymous | undefined> {
  const found = targets.find(({ first }) => first.seen && first.value.state === 'found')
  if (!found?.first.seen || found.first.value.state !== 'found') return undefined
  const manifest = await manifestExists(registry, repository, found.first.value.digest)
  if (!manifest.seen) return refusalIn(manifest.why)
  if (!manifest.value) return refused('the registry answers 404 for the manifest')
  const blob = blobs.find(({ fact }) => fact.observed.seen && fact.observed.value.state === 'proven')
  if (!blob) return seen({ state: 'public' })
  const request = {
    method: 'GET',
    path: `blobs/${blob.fact.digest}`,
    headers: { range: 'bytes=0-0' },
  } as const
  const status = await registry.request(repository, request, async (response) => {
    response.discard()
    return seen(response.status)
  })
  if (!status.seen) return refusalIn(status.why)
  return status.value === 404 ? refused('the registry answers 404 for a blob') : seen({ state: 'public' })
}

/** The content is already known from the run with the login, so a registry that counts GET requests is only sent a HEAD. */
async function manifestExists(
  registry: Registry,
  repository: string,
  digest: string,
): Promise<Observed<boolean>> {
  if (countsManifests(registry.host)) {
    const head = await headManifest(registry, repository, digest, presence)
    if (!head.seen || head.value.state !== 'unknown')
      return head.seen ? seen(head.value.state === 'listed') : head
  }
  const read = await readManifest(registry, repository, digest, () => {})
  return read.seen ? seen(read.value.observed.state !== 'absent') : read
}

const refused = (detail: string): Anonymous => seen({ state: 'refused', detail })

const refusalIn = (why: Failure): Anonymous =>
  failureInfo(why.kind).refusal ? refused(why.detail) : unseen(why)
