import { dockerList, dockerManifest, ociIndex, ociManifest } from '../../../../oci/media-types.ts'
import { type FoundManifest, isIndex } from './judged.ts'

/**
 * The media type under which a registry takes a manifest again; undefined for one that it would refuse (schema 1, the withdrawn
 * artifact manifest). An OCI document may omit its own.
 */
export function putType({ stored }: Pick<FoundManifest, 'stored'>): string | undefined {
  if (stored?.state !== 'parsed') return undefined
  const { kind, mediaType } = stored.document
  if (kind === 'index') return oneOf([ociIndex, dockerList], mediaType || ociIndex)
  if (kind === 'image') return oneOf([ociManifest, dockerManifest], mediaType || ociManifest)
  return undefined
}

const oneOf = (types: string[], mediaType: string): string | undefined =>
  types.find((type) => type === mediaType)

/**
 * Whether all bytes of a manifest and its blobs are there, and a registry takes it where its link must be written again. A registry takes
 * an index only if it has every manifest that the index lists.
 */
export function isRestorable(one: FoundManifest): boolean {
  const { link, data, stored, blobs, children } = one
  if (data.state !== 'whole' || stored?.state !== 'parsed' || link === 'unreadable') return false
  const mustPut = link !== 'whole'
  if (mustPut && putType(one) === undefined) return false
  if (mustPut && isIndex(one) && !children.every((child) => child.isTreeRestorable)) return false
  return blobs.every((blob) => blob.data.state === 'whole' && !blob.misstated && blob.link !== 'unreadable')
}
