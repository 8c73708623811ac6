import type { Observed } from '../../core/observed.ts'
import { seen } from '../../core/observed.ts'
import type { ManifestHead } from '../../facts/image.ts'
import { parseDigest } from '../../oci/digest.ts'
import { acceptedManifests, bareMediaType } from '../../oci/media-types.ts'
import type { Response } from '../http/response.ts'
import { isOfRegistry } from '../registry/refusal.ts'
import type { Registry } from '../registry/registry.ts'
import { lengthOf } from './whole.ts'

/** Statuses of HEAD that say nothing about the manifest: some registries do not support HEAD, or refuse it where they allow GET. */
const inconclusive = [400, 403, 405, 501]

/** Requests a manifest with HEAD, which proves that it is listed, but nothing about its bytes. */
export function headManifest<T>(
  registry: Registry,
  repository: string,
  name: string,
  read: (response: Response) => Promise<Observed<T>>,
): Promise<Observed<T>> {
  const request = {
    method: 'HEAD',
    path: `manifests/${name}`,
    headers: { accept: acceptedManifests },
  } as const
  return registry.request(repository, request, read, inconclusive)
}

/** The digest in the answer to a HEAD; '' where there is none. */
export async function headDigest(response: Response): Promise<Observed<string>> {
  response.discard()
  const digest = response.status === 200 ? (response.header('docker-content-digest') ?? '') : ''
  return seen(parseDigest(digest) ? digest : '')
}

/** Everything that the answer to a HEAD says of a manifest. */
export async function readHead(response: Response): Promise<Observed<ManifestHead>> {
  response.discard()
  const lengthBytes = lengthOf(response)
  return seen({
    status: response.status,
    contentType: bareMediaType(response.header('content-type') ?? ''),
    digest: response.header('docker-content-digest') ?? '',
    ...(lengthBytes === undefined ? {} : { lengthBytes }),
    ...(response.encoding ? { encoded: true } : {}),
  })
}

/**
 * Whether the answer to a HEAD says that the manifest exists. It has no body, so that only a header shows whether a 404 is a registry's;
 * `unmarked` is one without.
 */
export async function presence(
  response: Response,
): Promise<Observed<{ state: 'listed' | 'absent' | 'unmarked' | 'unknown' }>> {
  response.discard()
  if (response.status === 404) return seen({ state: isOfRegistry(response, '') ? 'absent' : 'unmarked' })
  return seen({ state: response.status === 200 ? 'listed' : 'unknown' })
}
