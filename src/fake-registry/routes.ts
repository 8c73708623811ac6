import { content, failure, json, unknownPath } from './answers.ts'
import type { Behaviour } from './behaviour.ts'
import type { Content, ManifestContent } from './images/image-content.ts'
import { documentTypes } from './images/image-media-types.ts'
import { catalog, referrers, tagsList } from './lists.ts'
import type { Store } from './store.ts'
import type { RequestLine, Resource } from './types.ts'

/** The parsed path of a request. */
export type Target =
  | { kind: 'base' | 'catalog' | 'other' }
  | { kind: 'manifests' | 'blobs' | 'tags' | 'referrers'; name: string; reference: string }

/** Parses a path of the distribution API. */
export function targetOf(pathname: string): Target {
  if (pathname === '/v2/' || pathname === '/v2') return { kind: 'base' }
  if (pathname === '/v2/_catalog') return { kind: 'catalog' }
  const found = /^\/v2\/(.+)\/(manifests|blobs|tags|referrers)\/([^/]+)$/.exec(pathname)
  if (found === null) return { kind: 'other' }
  const [, name = '', kind, reference = ''] = found
  const repository = /^[a-z0-9]+(?:(?:\.|_|__|-+|\/)[a-z0-9]+)*$/
  if (!repository.test(name)) return { kind: 'other' }
  return { kind: kind as 'manifests', name, reference }
}

/** The response of a healthy registry. */
export function route(line: RequestLine, target: Target, store: Store, behaviour: Behaviour): Resource {
  if (line.method !== 'GET' && line.method !== 'HEAD') {
    return failure(405, 'UNSUPPORTED', 'The operation is unsupported.')
  }
  switch (target.kind) {
    case 'base':
      return json(200, {})
    case 'catalog':
      return catalog(line, store, behaviour)
    case 'manifests':
      return manifestAnswer(line, store.manifest(target.name, target.reference), behaviour)
    case 'blobs':
      return blobAnswer(store.blob(target.name, target.reference), behaviour)
    case 'tags':
      return target.reference === 'list' ? tagsList(line, target.name, store, behaviour) : unknownPath()
    case 'referrers':
      return behaviour.referrers ? referrers(line, target.name, target.reference, store) : unknownPath()
    default:
      return unknownPath()
  }
}

function manifestAnswer(
  line: RequestLine,
  manifest: ManifestContent | undefined,
  behaviour: Behaviour,
): Resource {
  if (manifest === undefined) return failure(404, 'MANIFEST_UNKNOWN', 'manifest unknown')
  const refusal = refusedBy(String(line.headers.accept ?? ''), manifest.mediaType)
  if (refusal !== undefined) return failure(404, 'MANIFEST_UNKNOWN', refusal)
  return content(200, manifest.bytes, {
    'content-type': manifest.mediaType,
    ...(behaviour.digestHeader && { 'docker-content-digest': manifest.digest }),
    etag: `"${manifest.digest}"`,
  })
}

function blobAnswer(blob: Content | undefined, behaviour: Behaviour): Resource {
  if (blob === undefined) return failure(404, 'BLOB_UNKNOWN', 'blob unknown to registry')
  const headers = {
    'content-type': 'application/octet-stream',
    'cache-control': 'max-age=31536000',
    ...(behaviour.digestHeader && { 'docker-content-digest': blob.digest }),
    etag: `"${blob.digest}"`,
    ...(!behaviour.ignoreRanges && { 'accept-ranges': 'bytes' }),
  }
  return { ...content(200, blob.bytes, headers), ranges: !behaviour.ignoreRanges }
}

// Registry 2 does not take a wildcard in Accept for support of a media type.
const refusals: Record<string, string> = {
  [documentTypes.oci.index]: 'OCI index found, but accept header does not support OCI indexes',
  [documentTypes.oci.manifest]: 'OCI manifest found, but accept header does not support OCI manifests',
  [documentTypes.docker.index]: 'Manifest list found, but accept header does not support manifest lists',
  [documentTypes.docker.manifest]: 'Schema 2 manifest not supported by client',
}

function refusedBy(accept: string, mediaType: string): string | undefined {
  const accepted = accept.split(',').map((each) => each.replace(/;.*/s, '').trim())
  return accepted.includes(mediaType) ? undefined : refusals[mediaType]
}
