import { createHash } from 'node:crypto'
import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import type { ManifestState, Refusal } from '../../facts/image.ts'
import type { Quirk } from '../../facts/registry.ts'
import { hashAlgorithm } from '../../oci/digest.ts'
import { parseManifest } from '../../oci/manifest.ts'
import { acceptedManifests, bareMediaType, isSchema1Type } from '../../oci/media-types.ts'
import { readBody } from '../http/body.ts'
import { failure } from '../http/failures.ts'
import type { Response } from '../http/response.ts'
import { maxErrorBytes, pageTitle, readRefusal } from '../registry/refusal.ts'
import type { Registry } from '../registry/registry.ts'

/** distribution-spec wants clients to take 4 MiB; regclient stops at 8, and so do we. */
export const manifestCap = 8 * 1024 * 1024

/** What a manifest request came to, with the digest of the bytes: the one thing that proves what they are. */
export interface ManifestAnswer {
  observed: ManifestState
  /** The computed digest; the requested one where nothing could be computed. */
  digest: string
}

/**
 * Reads one manifest by tag or digest. Its bytes are capped, then hashed, then compared with the digest that was
 * asked for, and only then parsed; headers are kept as evidence and prove nothing.
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
  // A tag's manifest must be what the registry itself says it is: clients go on to ask for that digest.
  const asked = name.includes(':') ? name : hashAlgorithm(headerDigest) ? headerDigest : ''
  if (response.status !== 200) return absent(response, asked)
  const contentType = bareMediaType(response.header('content-type') ?? '')
  if (!headerDigest) quirk('digest-header-missing')
  if (response.encoding) quirk('content-encoded')
  const announced = Number(response.header('content-length') ?? Number.NaN)
  if (announced > manifestCap && !response.encoding) {
    response.discard()
    return seen({ digest: asked, observed: { state: 'oversized', limitBytes: manifestCap } })
  }
  const body = await readBody(response, manifestCap)
  if (body.end === 'cut') return unseen(body.why)
  if (body.end === 'capped')
    return seen({ digest: asked, observed: { state: 'oversized', limitBytes: manifestCap } })
  const { bytes } = body
  if (contentType === 'text/html') {
    const detail = `it answered 200 with a web page (“${pageTitle(bytes.toString('utf8', 0, maxErrorBytes))}”)`
    return unseen(failure('not-a-registry', response.host, 'headers', detail))
  }
  const sizeBytes = bytes.length
  const algorithm = asked ? hashAlgorithm(asked) : 'sha256'
  const digest = algorithm ? `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` : asked
  const parsed =
    hashed(asked, digest) || isSchema1Type(contentType) ? parseManifest(bytes, contentType) : undefined
  // The digest of a signed schema 1 manifest is of its payload, not of these bytes; only its kind is told.
  const signed = parsed?.ok === true && parsed.value.kind === 'schema1'
  if (!parsed || (!hashed(asked, digest) && !signed)) {
    return seen({ digest: asked, observed: { state: 'altered', sizeBytes, actual: digest, headerDigest } })
  }
  const observed: ManifestState = parsed.ok
    ? { state: 'read', sizeBytes, contentType, headerDigest, document: parsed.value }
    : { state: 'malformed', sizeBytes, contentType, problem: parsed.problem }
  return seen({ digest: asked || digest, observed })
}

const hashed = (asked: string, digest: string): boolean => asked === '' || digest === asked

async function absent(response: Response, digest: string): Promise<Observed<ManifestAnswer>> {
  const { html, ...refusal } = await readRefusal(response)
  if (refusesAccept.test(refusal.message)) {
    const detail = `it answered 404 as if nobody had said what is accepted (“${refusal.message}”): a proxy takes the Accept header away`
    return unseen({ ...failure('answer-invalid', response.host, 'headers', detail), status: 404 })
  }
  if (html || response.status !== 404 || isRouterAnswer(refusal)) {
    const detail = `it answered ${response.status} ${html ? 'with a web page' : 'to a manifest'} (“${refusal.message}”)`
    return unseen({ ...failure('not-a-registry', response.host, 'headers', detail), status: response.status })
  }
  return seen({ digest, observed: { state: 'absent', refusal: refusal satisfies Refusal, elsewhere: [] } })
}

/** registry:2's words for a manifest that it has, and whose type the request does not name (distribution#3938): never a missing one. */
const refusesAccept = /accept header does not support/i

/** Go's router, and so Traefik, says this of a path that nothing is behind; a registry names its errors. */
const isRouterAnswer = ({ code, message }: Refusal): boolean =>
  code === '' && message.startsWith('404 page not found')
