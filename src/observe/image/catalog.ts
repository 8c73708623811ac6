import * as z from 'zod'
import type { Failure } from '../../core/failure.ts'
import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import type { Target } from '../../facts/image.ts'
import type { CatalogFact } from '../../facts/registry.ts'
import { type NextPage, nextPage } from '../../net/link.ts'
import type { Repository } from '../../oci/reference.ts'
import { isTag } from '../../oci/reference.ts'
import { readBody } from '../http/body.ts'
import { failure } from '../http/failures.ts'
import { createLimit } from '../http/limit.ts'
import type { Response } from '../http/response.ts'
import type { Registry } from '../registry/registry.ts'
import { refusalOf } from '../registry/registry.ts'

/** Every registry allows pages of 100 names: registry:2 and ECR refuse more than 1,000, Forgejo returns at most 100. */
const pageSize = 100
/** More names than a run could verify. */
const maxNames = 50_000
/** A hostile list must end. */
const maxListed = 2_000_000
/** A page of 100 names is a few KiB; some registries send all names in one page. Tags are listed for many repositories at a time. */
const maxPageBytes = { repositories: 16 * 1024 * 1024, tags: 4 * 1024 * 1024 }

type Listed = Extract<CatalogFact['listed'], { seen: true }>['value']
type Page =
  | { names: string[]; next: NextPage }
  | { refused: { status: number; code: string; message: string } }

/**
 * Lists every repository and tag of a registry (`_catalog`, a reserved extension that originates from Docker). Follows `Link`
 * and never infers the end from the length of a page. Returns the targets, and what could be listed.
 */
export async function listCatalog(
  registry: Registry,
  at: Pick<Repository, 'registry' | 'apiHost'>,
): Promise<{ fact: CatalogFact; targets: Target[] }> {
  const listed = await asForbidden(registry, await listNames(registry, '', 'repositories'))
  const fact: CatalogFact = { registry: at.registry, listed, empty: [], unread: [] }
  if (!listed.seen || listed.value.state !== 'listed') return { fact, targets: [] }
  const atMostEight = createLimit(8)
  const targets = await Promise.all(
    listed.value.names.map((repository) =>
      atMostEight(async (): Promise<Target[]> => {
        const tags = await listNames(registry, repository, 'tags')
        const names = tags.seen && tags.value.state === 'listed' ? tags.value.names.filter(isTag) : []
        const why = tags.seen ? refusedTags(tags.value, registry.host) : tags.why
        if (why) fact.unread.push({ repository, why })
        else if (names.length === 0) fact.empty.push(repository)
        return names.map((tag) => ({ reference: { ...at, repository, tag } }))
      }),
    ),
  )
  fact.empty.sort()
  return { fact, targets: targets.flat() }
}

/**
 * Harbor answers a login without the right to list like a login with a wrong password: 401 with a Basic challenge
 * (src/server/middleware/v2auth). If `/v2/` accepts the same login, only the right is missing.
 */
export async function asForbidden(
  registry: Registry,
  listed: CatalogFact['listed'],
): Promise<CatalogFact['listed']> {
  if (listed.seen || listed.why.kind !== 'bad-credentials') return listed
  const accepted = await registry.request('', { method: 'GET', path: '' }, async (response) => {
    response.discard()
    return seen(response.status === 200)
  })
  if (!accepted.seen || !accepted.value) return listed
  const detail = 'it accepts the login, but does not allow it to list repositories'
  return unseen({ ...listed.why, kind: 'access-denied', detail })
}

/**
 * The failure where a list of tags was refused. A 404 with the error code of a registry is no failure: the repository has no tags
 * (NAME_UNKNOWN once its last tag is gone). Without one it is the answer of a router or proxy, and says nothing of the repository.
 */
export function refusedTags(listed: Listed, host: string): Failure | undefined {
  if (listed.state === 'listed') return undefined
  const { status, code } = listed.refusal
  if (status === 404 && code !== '') return undefined
  const detail = `it answered ${status} ${code || 'without the error code of a registry'}`
  return { ...failure(status === 403 ? 'access-denied' : 'answer-invalid', host, 'headers', detail), status }
}

/** The path of each list, below the repository or the registry. */
const paths = { repositories: '_catalog', tags: 'tags/list' }

/** What of a list is wanted; the other names take no memory. */
export interface Wanted {
  isWanted: (name: string) => boolean
  /** So many pages are read, at 100 names each. */
  maxPages: number
  /** What to set where more of them are wanted than one process can handle; the end of a sentence. */
  remedy: string
}

const everything: Wanted = { isWanted: () => true, maxPages: 1000, remedy: '' }

/** Lists all repositories of a registry, or all tags of one, or those that are wanted. */
export async function listNames(
  registry: Registry,
  repository: string,
  field: keyof typeof paths,
  { isWanted, maxPages, remedy }: Wanted = everything,
): Promise<CatalogFact['listed']> {
  const names = new Set<string>()
  let listed = 0
  const requested = new Set<string>()
  const invalid = (detail: string) =>
    unseen<never>(failure('answer-invalid', registry.host, 'body', `its list of ${field} ${detail}`))
  let query = `?n=${pageSize}`
  for (;;) {
    if (requested.has(query)) return invalid('continues with a page that was listed before')
    if (requested.size === maxPages) return invalid(`has more than ${maxPages} pages`)
    requested.add(query)
    const page: Observed<Page> = await registry.request(
      repository,
      { method: 'GET', path: `${paths[field]}${query}` },
      (response) => readPage(response, field),
      [403, 405],
    )
    if (!page.seen) return page
    if ('refused' in page.value) return seen({ state: 'refused', refusal: page.value.refused })
    for (const name of page.value.names) if (isWanted(name)) names.add(name)
    listed += page.value.names.length
    if (names.size > maxNames) return invalid(`has more than ${maxNames} names${remedy}`)
    if (listed > maxListed) return invalid(`has more than ${maxListed} names and does not end`)
    const { next } = page.value
    if (!next.more) break
    if (next.query === undefined) return invalid('continues at a URL that cannot be followed')
    query = next.query
  }
  return seen({ state: 'listed', names: [...names].sort() })
}

const lists = z.object({ repositories: z.array(z.string()).nullish(), tags: z.array(z.string()).nullish() })

async function readPage(response: Response, field: 'repositories' | 'tags'): Promise<Observed<Page>> {
  if (response.status !== 200) {
    const refused = await refusalOf(response)
    return refused.seen ? seen({ refused: refused.value }) : refused
  }
  const next = nextPage(response.headers('link'))
  const body = await readBody(response, maxPageBytes[field])
  if (body.end === 'cut') return unseen(body.why)
  try {
    const parsed = lists.parse(JSON.parse(body.bytes.toString('utf8')))
    // `null` means no tags; a missing field means that this is not such a list.
    if (parsed[field] !== undefined) return seen({ names: parsed[field] ?? [], next })
  } catch {
    // Reported below.
  }
  return unseen(failure('answer-invalid', response.host, 'body', `its list of ${field} is not a valid list`))
}
