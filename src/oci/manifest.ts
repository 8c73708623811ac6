import * as z from 'zod'
import { parseDigest } from './digest.ts'
import { isIndexType, isManifestType, isSchema1Type, ociArtifact } from './media-types.ts'

/** Go, in which clients are written, reads null as if the field were missing, and fails for a value of another type. */
const absentIfNull = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => value ?? undefined, schema.optional())
const text = z.preprocess((value) => value ?? '', z.string())
const annotations = z.record(z.string(), text)
const platform = z.object({
  os: text,
  architecture: text,
  variant: absentIfNull(z.string()),
  'os.version': absentIfNull(z.string()),
  'os.features': absentIfNull(z.array(text)),
})

/** The schema of a descriptor, as strict and as lenient as clients are. */
export const descriptor = z.object({
  mediaType: text,
  digest: z.string().refine((value) => parseDigest(value) !== undefined, 'not a digest'),
  size: z.int().min(0),
  urls: absentIfNull(z.array(text)),
  annotations: absentIfNull(annotations),
  data: absentIfNull(z.string()),
  platform: absentIfNull(platform),
  artifactType: absentIfNull(z.string()),
})

/** An image-spec descriptor, with the fields that regguard uses. */
export type Descriptor = z.infer<typeof descriptor>

const descriptors = z.array(z.unknown()).transform((items, context): Descriptor[] => {
  const read: Descriptor[] = []
  for (const [index, item] of items.entries()) {
    const one = descriptor.safeParse(item)
    if (!one.success) {
      for (const { path, message } of one.error.issues)
        context.addIssue({ code: 'custom', path: [index, ...path], message })
      return z.NEVER
    }
    read.push(one.data)
  }
  return read
})

const body = z.object({
  schemaVersion: z.unknown().optional(),
  mediaType: absentIfNull(z.string()),
  artifactType: absentIfNull(z.string()),
  annotations: absentIfNull(annotations),
  manifests: absentIfNull(descriptors),
  config: absentIfNull(descriptor),
  // Go encodes an empty list as null.
  layers: descriptors.nullish().transform((list) => list ?? undefined),
  blobs: absentIfNull(descriptors),
  subject: absentIfNull(descriptor),
  fsLayers: z.array(z.unknown()).optional(),
})

const subject = descriptor.exactOptional()

/** The schema of a manifest after it was hashed and parsed. `mediaType` is that of the body itself, or ''. */
export const manifestDocument = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('index'), mediaType: z.string(), children: z.array(descriptor), subject }),
  z.object({
    kind: z.literal('image'),
    mediaType: z.string(),
    artifactType: z.string(),
    config: descriptor,
    layers: z.array(descriptor),
    subject,
  }),
  z.object({
    kind: z.literal('artifact'),
    mediaType: z.string(),
    artifactType: z.string(),
    blobs: z.array(descriptor),
    subject,
  }),
  z.object({ kind: z.literal('schema1'), mediaType: z.string() }),
])
export type ManifestDocument = z.infer<typeof manifestDocument>

export type ParsedManifest = { ok: true; value: ManifestDocument } | { ok: false; problem: string }

/**
 * Parses the bytes of a manifest that were already hashed. An OCI document may omit `mediaType` (image-spec says SHOULD),
 * so its fields decide what it is: with `manifests` an index, with `config` and `layers` an image. A document with both
 * is refused: two clients could see two different images in it (CVE-2021-41190).
 */
export function parseManifest(bytes: Uint8Array, contentType: string): ParsedManifest {
  const json = parseJson(bytes)
  if (!json.ok) return json
  const parsed = body.safeParse(json.value)
  if (!parsed.success) return { ok: false, problem: firstIssue(parsed.error) }
  const { data } = parsed
  const mediaType = data.mediaType ?? ''
  const subject = data.subject === undefined ? {} : { subject: data.subject }
  if (data.manifests && (data.config || data.layers)) {
    return {
      ok: false,
      problem: 'two documents in one: it has “manifests” and “config” or “layers”',
    }
  }
  if (data.manifests)
    return { ok: true, value: { kind: 'index', mediaType, children: data.manifests, ...subject } }
  if (data.config) {
    const { config, layers = [], artifactType = '' } = data
    return { ok: true, value: { kind: 'image', mediaType, artifactType, config, layers, ...subject } }
  }
  if (isSchema1(mediaType || contentType, data)) return { ok: true, value: { kind: 'schema1', mediaType } }
  if ((mediaType || contentType) === ociArtifact) {
    const { blobs = [], artifactType = '' } = data
    return { ok: true, value: { kind: 'artifact', mediaType, artifactType, blobs, ...subject } }
  }
  if (isIndexType(mediaType || contentType)) {
    return { ok: true, value: { kind: 'index', mediaType, children: [], ...subject } }
  }
  const known = isManifestType(mediaType || contentType)
  return { ok: false, problem: known ? '“config” is missing' : 'both “manifests” and “config” are missing' }
}

/** Parses JSON from bytes as Go does: invalid UTF-8 becomes U+FFFD, and a byte order mark is an error. The problem includes the position, where the parser reports one. */
export function parseJson(bytes: Uint8Array): { ok: true; value: unknown } | { ok: false; problem: string } {
  try {
    return { ok: true, value: JSON.parse(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)) }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const place = /position \d+/.test(why) ? '' : `, after ${bytes.length} bytes`
    return { ok: false, problem: `not valid JSON: ${why.replace(quotation, '')}${place}` }
  }
}

/** V8 quotes some characters around the error, which may be part of a secret. */
const quotation = /, (?:\.{3})?".*"(?:\.{3})? is not valid JSON$/s

function isSchema1(
  type: string,
  data: { schemaVersion?: unknown; fsLayers?: unknown[] | undefined },
): boolean {
  return isSchema1Type(type) || (data.schemaVersion === 1 && !!data.fsLayers)
}

/** The first problem that a schema found, with its path. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0]
  return issue ? `“${issue.path.join('.') || 'the document'}”: ${issue.message}` : 'unexpected format'
}
