import type { Observed } from '../../core/observed.ts'
import { seen } from '../../core/observed.ts'
import type { ManifestFact } from '../../facts/image.ts'
import { acceptedManifests } from '../../oci/media-types.ts'
import type { Registry } from '../registry/registry.ts'
import { headManifest, readHead } from './manifest-head.ts'
import type { Settle } from './settle.ts'

type ByDigest = NonNullable<ManifestFact['byDigest']>

/**
 * Requests the manifest of a target by its digest, as runtimes do after they resolved the tag: with HEAD, and where that does not find
 * it with GET, to distinguish a registry without HEAD from one that does not serve the digest. Repeated while `settle` does.
 */
export async function requestByDigest(
  registry: Registry,
  repository: string,
  digest: string,
  settle: Settle,
): Promise<ByDigest> {
  let last: ByDigest | undefined
  await settle(async () => {
    last = await requestOnce(registry, repository, digest)
    const { get } = last
    if (get === undefined) return seen({ state: 'found' })
    return get.seen ? seen({ state: get.value.status === 404 ? 'absent' : 'found' }) : get
  })
  if (!last) throw new Error('settle made no attempt')
  return last
}

async function requestOnce(registry: Registry, repository: string, digest: string): Promise<ByDigest> {
  const head = await headManifest(registry, repository, digest, readHead)
  if (head.seen && head.value.status === 200) return { head }
  if (!head.seen && head.why.kind === 'run-stopped') return { head, get: head }
  return { head, get: await getStatus(registry, repository, digest) }
}

const getStatus = (
  registry: Registry,
  repository: string,
  digest: string,
): Promise<Observed<{ status: number }>> =>
  registry.request(
    repository,
    { method: 'GET', path: `manifests/${digest}`, headers: { accept: acceptedManifests } },
    async (response) => {
      response.discard()
      return seen({ status: response.status })
    },
  )
