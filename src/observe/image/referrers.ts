import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import type { ManifestFact, RepositoryFact } from '../../facts/image.ts'
import { type NextPage, nextPage } from '../../net/link.ts'
import { type Descriptor, parseManifest } from '../../oci/manifest.ts'
import { ociIndex } from '../../oci/media-types.ts'
import { readBody } from '../http/body.ts'
import { failure } from '../http/failures.ts'
import type { Response } from '../http/response.ts'
import type { Registry } from '../registry/registry.ts'
import { maxManifestBytes } from './manifest.ts'
import { limits, type Walk, walkSteps } from './walk.ts'

type Listing = { descriptors: Descriptor[]; next: NextPage } | 'unsupported'

/** More pages of referrers than any real image has. */
const maxPages = 32

/**
 * Walks the referrers of the images of a walk, through the referrers API or, where that answers 404, the tag schema
 * (distribution-spec, "Listing Referrers" and "Unavailable Referrers API"). Returns how many there are.
 */
export async function walkReferrers(
  walk: Walk,
  registry: Registry,
  repository: string,
): Promise<NonNullable<RepositoryFact['referrers']>> {
  const subjects = [...walk.manifests.values()].filter(isSubject)
  let count = 0
  let api: 'referrers' | 'tag-schema' = 'referrers'
  for (const { digest } of subjects) {
    const listed = await listReferrers(registry, repository, digest)
    if (!listed.seen) return listed
    if (listed.value.api === 'tag-schema') api = 'tag-schema'
    count += listed.value.descriptors.length
    const subject = walk.manifests.get(digest)
    if (subject && listed.value.descriptors.length > room(walk)) {
      subject.limit ??= {
        what: 'total',
        max: limits.total,
        found: walk.manifests.size + listed.value.descriptors.length,
      }
    }
    await walkSteps(
      walk,
      listed.value.descriptors.slice(0, room(walk)).map((descriptor, index) => ({
        descriptor,
        role: 'referrer' as const,
        ancestors: [digest],
        use: {
          parent: digest,
          field: `referrers[${index}]`,
          sizeBytes: descriptor.size,
          mediaType: descriptor.mediaType,
        },
      })),
    )
  }
  return seen({ count, api })
}

/** Referrers count towards the limit of all manifests. */
const room = (walk: Walk): number => Math.max(0, limits.total - walk.manifests.size)

const isSubject = ({ role, observed }: ManifestFact): boolean =>
  role === 'image' && observed.seen && observed.value.state === 'read'

async function listReferrers(registry: Registry, repository: string, digest: string) {
  const descriptors: Descriptor[] = []
  const requested = new Set<string>()
  const invalid = (detail: string) =>
    unseen<never>(failure('answer-invalid', registry.host, 'body', `its list of referrers ${detail}`))
  let query = ''
  while (!requested.has(query)) {
    if (requested.size === maxPages) return invalid(`has more than ${maxPages} pages`)
    requested.add(query)
    const answer = await requestListing(registry, repository, `referrers/${digest}${query}`)
    if (!answer.seen) return answer
    if (answer.value === 'unsupported') return fallbackTag(registry, repository, digest)
    descriptors.push(...answer.value.descriptors)
    const { next } = answer.value
    if (!next.more) break
    if (next.query === undefined) return invalid('continues at a URL that cannot be followed')
    query = next.query
  }
  return seen({ descriptors, api: 'referrers' as const })
}

/** The tag is `<alg>-<encoded>`, cut to 32 and 64 characters (distribution-spec); without an index under it there are no referrers. */
async function fallbackTag(registry: Registry, repository: string, digest: string) {
  const [algorithm = '', encoded = ''] = digest.split(':')
  const tag = `${algorithm.slice(0, 32)}-${encoded.slice(0, 64)}`.replace(/[^A-Za-z0-9._-]/g, '-')
  const answer = await requestListing(registry, repository, `manifests/${tag}`)
  if (!answer.seen) return answer
  const descriptors = answer.value === 'unsupported' ? [] : answer.value.descriptors
  return seen({ descriptors, api: 'tag-schema' as const })
}

function requestListing(registry: Registry, repository: string, path: string): Promise<Observed<Listing>> {
  return registry.request(
    repository,
    { method: 'GET', path, headers: { accept: ociIndex } },
    readListing,
    [400, 405],
  )
}

async function readListing(response: Response): Promise<Observed<Listing>> {
  const { status, host } = response
  const next = nextPage(response.headers('link'))
  const body = await readBody(response, maxManifestBytes)
  if (status !== 200) return seen('unsupported')
  if (body.end === 'cut') return unseen(body.why)
  const parsed = parseManifest(body.bytes, ociIndex)
  if (body.end === 'whole' && parsed.ok && parsed.value.kind === 'index') {
    return seen({ descriptors: parsed.value.children, next })
  }
  const problem = parsed.ok ? 'not an index' : parsed.problem
  return unseen(failure('answer-invalid', host, 'body', `its list of referrers cannot be read: ${problem}`))
}
