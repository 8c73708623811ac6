import type { Observed } from '../../core/observed.ts'
import { seen } from '../../core/observed.ts'
import type { ManifestFact } from '../../facts/image.ts'
import type { Registry } from '../registry/registry.ts'
import { readManifest } from './manifest.ts'
import { headManifest, readHead } from './manifest-head.ts'
import type { Settle } from './settle.ts'

type ByDigest = NonNullable<ManifestFact['byDigest']>
type Served = { state: 'served' | 'absent' | 'other' }

/**
 * Requests the manifest of a target by its digest, as runtimes do after they resolved the tag: with HEAD, and with GET unless it `wasRead`
 * so already and HEAD found it. Repeated while `settle` does.
 */
export async function requestByDigest(
  registry: Registry,
  repository: string,
  digest: string,
  { settle, wasRead }: { settle: Settle; wasRead: boolean },
): Promise<ByDigest> {
  let last: ByDigest | undefined
  await settle(async () => {
    last = await requestOnce(registry, repository, digest, wasRead)
    return last.get ?? seen({ state: 'served' })
  })
  if (!last) throw new Error('settle made no attempt')
  return last
}

async function requestOnce(
  registry: Registry,
  repository: string,
  digest: string,
  wasRead: boolean,
): Promise<ByDigest> {
  const head = await headManifest(registry, repository, digest, readHead)
  if (!head.seen && head.why.kind === 'run-stopped') return { head, get: head }
  if (wasRead && head.seen && head.value.status === 200) return { head }
  return { head, get: await getByDigest(registry, repository, digest) }
}

async function getByDigest(
  registry: Registry,
  repository: string,
  digest: string,
): Promise<Observed<Served>> {
  const read = await readManifest(registry, repository, digest, () => {})
  // The tag was answered, so that this is the registry, or a proxy that refuses digests with a page of its own.
  if (!read.seen) return read.why.status === 404 ? seen({ state: 'absent' }) : read
  const { state } = read.value.observed
  if (state === 'absent') return seen({ state })
  return seen({ state: state === 'altered' ? 'other' : 'served' })
}
