import {
  dockerList,
  dockerManifest,
  isImageConfigType,
  ociArtifact,
  ociIndex,
  ociManifest,
} from '../../../oci/media-types.ts'
import type { StoredDocument, StoredManifest, StoredReference } from '../../storage/inventory.ts'
import type { DigestTable } from './digest-table.ts'
import { isFields, manifestFields } from './go-fields.ts'
import { isStoredDigest } from './stored-digest.ts'

type Fields = Record<string, unknown>

/**
 * Reads a stored manifest as distribution does (`manifestStore.Get`): it trusts the media type in the document, takes a document
 * without one for an index if it has `manifests`, and refuses a field of the wrong type. Keys
 * are found in any case.
 */
export function readStoredManifest(bytes: Uint8Array, digests: DigestTable): StoredManifest {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes))
  } catch {
    const why = bytes.length === 0 ? 'it is empty' : `it is no valid JSON (${bytes.length} bytes)`
    return { state: 'invalid', why, declared: undefined, schemaVersion: undefined }
  }
  if (!isFields(value))
    return { state: 'invalid', why: 'it is no JSON object', declared: undefined, schemaVersion: undefined }
  const parsed = manifestFields(value)
  const declared = typeof parsed.mediaType === 'string' ? parsed.mediaType : undefined
  const schemaVersion = typeof parsed.schemaVersion === 'number' ? parsed.schemaVersion : undefined
  const invalid = (why: string): StoredManifest => ({ state: 'invalid', why, declared, schemaVersion })

  if (!isText(parsed.mediaType)) return invalid('its mediaType is no text')
  if (declared === ociArtifact) return { state: 'parsed', document: artifact(parsed, digests) }
  if (schemaVersion === 1) return schema1(parsed, digests) ?? invalid('its fsLayers are invalid')
  if (schemaVersion !== 2) return invalid(`its schemaVersion is ${JSON.stringify(parsed.schemaVersion)}`)
  const kind = kindOf(declared ?? '', parsed)
  if (kind === undefined) return invalid(`its media type is ${JSON.stringify(declared)}`)
  const wrong = wrongField(kind, parsed)
  if (wrong !== undefined) return invalid(`its field ${wrong} has the wrong type`)
  const references =
    kind === 'index'
      ? listed(parsed.manifests, 'child', digests)
      : [...listed([parsed.config], 'config', digests), ...listed(parsed.layers, 'layer', digests)]
  return { state: 'parsed', document: documentOf(parsed, kind, references, digests) }
}

function kindOf(mediaType: string, fields: Fields): 'index' | 'image' | undefined {
  if (mediaType === ociIndex || mediaType === dockerList) return 'index'
  if (mediaType === ociManifest || mediaType === dockerManifest) return 'image'
  if (mediaType !== '') return undefined
  return Array.isArray(fields.manifests) || wrongField('index', fields) !== undefined ? 'index' : 'image'
}

/** The first field whose type Go's decoder refuses; undefined if there is none. */
function wrongField(kind: 'index' | 'image', fields: Fields): string | undefined {
  const lists = kind === 'index' ? ['manifests'] : ['layers']
  if (kind === 'image' && !isDescriptor(fields.config)) return 'config'
  if (!isTextMap(fields.annotations)) return 'annotations'
  return lists.find((name) => !isListOf(fields[name], isDescriptor))
}

const artifact = (fields: Fields, digests: DigestTable): StoredDocument =>
  documentOf(fields, 'artifact', listed(fields.blobs, 'blob', digests), digests)

function schema1(fields: Fields, digests: DigestTable): StoredManifest | undefined {
  const isLayer = (item: unknown) => isAbsent(item) || (isFields(item) && isText(item.blobSum))
  if (!isListOf(fields.fsLayers, isLayer)) return undefined
  const layers = itemsOf(fields.fsLayers).map((item) => (isFields(item) ? { digest: item.blobSum } : {}))
  const references = listed(layers, 'layer', digests)
  return { state: 'parsed', document: documentOf(fields, 'schema1', references, digests) }
}

function documentOf(
  fields: Fields,
  kind: StoredDocument['kind'],
  references: StoredReference[],
  digests: DigestTable,
): StoredDocument {
  const subject = isFields(fields.subject) ? textOf(fields.subject.digest) : ''
  const config = isFields(fields.config) ? textOf(fields.config.mediaType) : ''
  return {
    kind,
    mediaType: textOf(fields.mediaType),
    artifactType: textOf(fields.artifactType) || (isImageConfigType(config) ? '' : config),
    references,
    subject: isStoredDigest(subject) ? digests.add(subject) : undefined,
  }
}

/** The descriptors with a valid digest; the registry cannot store any other. */
function listed(items: unknown, role: StoredReference['role'], digests: DigestTable): StoredReference[] {
  return itemsOf(items).flatMap((item): StoredReference[] => {
    if (!isFields(item)) return []
    const digest = textOf(item.digest)
    if (!isStoredDigest(digest)) return []
    const size = typeof item.size === 'number' ? item.size : 0
    const platform = role === 'child' ? platformOf(item.platform) : ''
    return [{ digest: digests.add(digest), size, mediaType: textOf(item.mediaType), role, platform }]
  })
}

const platformOf = (platform: unknown): string =>
  isFields(platform)
    ? [platform.os, platform.architecture, platform.variant].map(textOf).filter(Boolean).join('/')
    : ''

const itemsOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

// Go's decoder takes null for absent.
const isAbsent = (value: unknown): boolean => value === undefined || value === null
const isText = (value: unknown): boolean => isAbsent(value) || typeof value === 'string'
const isInteger = (value: unknown): boolean => isAbsent(value) || Number.isInteger(value)
const isListOf = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  isAbsent(value) || (Array.isArray(value) && value.every(isItem))
const isTextMap = (value: unknown): boolean =>
  isAbsent(value) || (isFields(value) && Object.values(value).every(isText))
const isPlatform = (value: unknown): boolean =>
  isAbsent(value) ||
  (isFields(value) &&
    ['architecture', 'os', 'os.version', 'variant'].every((name) => isText(value[name])) &&
    isListOf(value['os.features'], isText))

const isDescriptor = (value: unknown): boolean =>
  isAbsent(value) ||
  (isFields(value) &&
    isText(value.mediaType) &&
    isText(value.digest) &&
    isInteger(value.size) &&
    isListOf(value.urls, isText) &&
    isTextMap(value.annotations) &&
    isPlatform(value.platform))
