import { createHash } from 'node:crypto'
import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import type { ManifestState, Refusal } from '../../facts/image.ts'
import type { Quirk } from '../../facts/registry.ts'
import { hashAlgorithm } from '../../oci/digest.ts'
import { parseManifest } from '../../oci/manifest.ts'
import { acceptedManifests, bareMediaType, isManifestType, isSchema1Type } from '../../oci/media-types.ts'
import { readBody } from '../http/body.ts'
import { failure } from '../http/failures.ts'
import type { Response } from '../http/response.ts'
import { isHtml, isOfRegistry, maxErrorBytes, pageTitle, readRefusal } from '../registry/refusal.ts'
import type { Registry } from '../registry/registry.ts'
import { foreign404 } from './absent.ts'

/** distribution-spec asks clients to accept 4 MiB; the limit here is that of regclient. */
export const maxManifestBytes = 8 * 1024 * 1024

/** The result of a manifest request, with the digest of the bytes: only that proves what they are. */
export interface ManifestAnswer {
  observed: ManifestState
  /** The computed digest; the requested one where nothing could be computed. */
  digest: string
}

/**
 * Reads one manifest by tag or digest. Its bytes are limited, hashed, compared with the requested digest, and only then parsed.
 * Headers are kept as evidence and prove nothing.
 */
export function readManifest(
  registry: Registry,
  repository: string,
  name: string,
  quirk: (found: Quirk) => void,
): Promise<Observed<ManifestAnswer>> {
  const request = {
    method: 'GET',
    path: `manifests/${name}`,
    headers: { accept: acceptedManifests },
  } as const
  return registry.request(repository, request, (response) => judge(response, name, quirk))
}

async function judge(
  response: Response,
  name: string,
  quirk: (found: Quirk) => void,
): Promise<Observed<ManifestAnswer>> {
  const headerDigest = response.header('docker-content-digest') ?? ''
  // The manifest of a tag must match the digest that the registry states for it: clients request that digest next.
  const expected = name.includes(':') ? name : hashAlgorithm(headerDigest) ? headerDigest : ''
  if (response.status !== 200) return absent(response, expected)
  const contentType = bareMediaType(response.header('content-type') ?? '')
  if (!headerDigest) quirk('digest-header-missing')
  if (response.encoding) quirk('content-encoded')
  const announced = Number(response.header('content-length') ?? Number.NaN)
  if (announced > maxManifestBytes && !response.encoding) {
    response.discard()
    return seen({ digest: expected, observed: { state: 'oversized', limitBytes: maxManifestBytes } })
  }
  const body = await readBody(response, maxManifestBytes)
  if (body.end === 'cut') return unseen(body.why)
  if (body.end === 'capped')
    return seen({ digest: expected, observed: { state: 'oversized', limitBytes: maxManifestBytes } })
  const { bytes } = body
  const sizeBytes = bytes.length
  const algorithm = expected ? hashAlgorithm(expected) : 'sha256'
  const digest = algorithm ? `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` : expected
  const foreign = expected !== '' && digest === expected ? undefined : foreignText(contentType, bytes)
  if (foreign !== undefined)
    return unseen(failure('not-a-registry', response.host, 'headers', `it answered 200 with ${foreign}`))
  const parsed =
    matches(expected, digest) || isSchema1Type(contentType) ? parseManifest(bytes, contentType) : undefined
  // The digest of a signed schema 1 manifest covers its payload, not these bytes, so only its kind is reported.
  const signed = parsed?.ok === true && parsed.value.kind === 'schema1'
  if (!parsed || (!matches(expected, digest) && !signed)) {
    return seen({ digest: expected, observed: { state: 'altered', sizeBytes, actual: digest, headerDigest } })
  }
  const observed: ManifestState = parsed.ok
    ? { state: 'read', sizeBytes, contentType, headerDigest, document: parsed.value }
    : { state: 'malformed', sizeBytes, contentType, problem: parsed.problem }
  return seen({ digest: expected || digest, observed })
}

/** What a server that is no registry answered: a web page, whatever its media type, or a text; undefined for what may be a manifest. */
function foreignText(contentType: string, bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8', 0, maxErrorBytes)
  if (isManifestType(contentType)) return undefined
  if (isHtml(contentType, text)) return `a web page (“${pageTitle(text)}”)`
  if (text.trim() === '') return 'an empty body'
  return /^\uFEFF?\s*[[{]/.test(text) ? undefined : `“${text.trim()}”, which is no manifest`
}

/** True for the expected digest, and where none is expected. */
const matches = (expected: string, digest: string): boolean => expected === '' || digest === expected

async function absent(response: Response, digest: string): Promise<Observed<ManifestAnswer>> {
  const { html, ...refusal } = await readRefusal(response)
  if (refusesAccept.test(refusal.message)) {
    const detail = `it answered 404 as if the request had no Accept header (“${refusal.message}”): a proxy removes that header`
    return unseen({ ...failure('answer-invalid', response.host, 'headers', detail), status: 404 })
  }
  if (html || response.status !== 404 || isRouterAnswer(refusal)) {
    const detail = `it answered ${response.status} ${html ? 'with a web page' : 'for a manifest'} (“${refusal.message}”)`
    return unseen({ ...failure('not-a-registry', response.host, 'headers', detail), status: response.status })
  }
  if (!response.fromStorage && !isOfRegistry(response, refusal.code)) {
    const detail = `it answered 404 ${foreign404}`
    return unseen({ ...failure('not-a-registry', response.host, 'headers', detail), status: 404 })
  }
  return seen({ digest, observed: { state: 'absent', refusal: refusal satisfies Refusal, elsewhere: [] } })
}

/** The message of registry:2 for an existing manifest whose type the request does not accept (distribution#3938): it is not missing. */
const refusesAccept = /accept header does not support/i

/** The answer of Go's router, and so of Traefik, for a path without a handler; a registry sends an error code. */
const isRouterAnswer = ({ code, message }: Refusal): boolean =>
  code === '' && message.startsWith('404 page not found')
