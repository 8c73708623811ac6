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

/** A page of 100 is what every registry grants: registry:2 and ECR refuse more than 1,000, Forgejo gives 100 at most. */
const pageSize = 100
/** Pages of one list; with 100 each more than a run could verify. */
const maxPages = 1000
/** More names than any run could verify; a hostile list must end. */
const maxNames = 50_000
/** A list page of 100 names is a few KiB; some registries send all in one. */
const cap = 4 * 1024 * 1024

type Listed = Extract<CatalogFact['listed'], { seen: true }>['value']
type Page =
  | { names: string[]; next: NextPage }
  | { refused: { status: number; code: string; message: string } }

/**
 * Lists every repository and tag of a registry (`_catalog`, a reserved extension that came from Docker), following `Link`
 * and never guessing the end from a page's length. Gives the targets, and what could be listed.
 */
export async function listCatalog(
  registry: Registry,
  at: Pick<Repository, 'registry' | 'apiHost'>,
): Promise<{ fact: CatalogFact; targets: Target[] }> {
  const listed = await orNotAllowed(registry, await listAll(registry, '', 'repositories'))
  const fact: CatalogFact = { registry: at.registry, listed, empty: [], unread: [] }
  if (!listed.seen || listed.value.state !== 'listed') return { fact, targets: [] }
  const gently = createLimit(8)
  const targets = await Promise.all(
    listed.value.names.map((repository) =>
      gently(async (): Promise<Target[]> => {
        const tags = await listAll(registry, repository, 'tags')
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
 * Harbor answers one who may not list as one whose password is wrong: 401, and asks for Basic once more (src/server/middleware/v2auth).
 * What the same login is worth at `/v2/` tells the two apart.
 */
async function orNotAllowed(
  registry: Registry,
  listed: CatalogFact['listed'],
): Promise<CatalogFact['listed']> {
  if (listed.seen || listed.why.kind !== 'bad-credentials') return listed
  const known = await registry.request('', { method: 'GET', path: '' }, async (response) => {
    response.discard()
    return seen(response.status === 200)
  })
  if (!known.seen || !known.value) return listed
  const detail = 'it takes the login, and does not let it list repositories'
  return unseen({ ...listed.why, kind: 'access-denied', detail })
}

/** A list of tags that is refused; a 404 is a repository that has none (NAME_UNKNOWN once its last tag is gone). */
function refusedTags(listed: Listed, host: string): Failure | undefined {
  if (listed.state === 'listed' || listed.refusal.status === 404) return undefined
  const { status, code } = listed.refusal
  const detail = `it answered ${status} ${code}`.trimEnd()
  return { ...failure(status === 403 ? 'access-denied' : 'answer-invalid', host, 'headers', detail), status }
}

/** Where each list is, below the repository or the registry. */
const paths = { repositories: '_catalog', tags: 'tags/list' }

async function listAll(
  registry: Registry,
  repository: string,
  field: keyof typeof paths,
): Promise<CatalogFact['listed']> {
  const names = new Set<string>()
  const asked = new Set<string>()
  const wrong = (detail: string) =>
    unseen<never>(failure('answer-invalid', registry.host, 'body', `its list of ${field} ${detail}`))
  let query = `?n=${pageSize}`
  while (!asked.has(query)) {
    if (asked.size === maxPages) return wrong(`has more than ${maxPages} pages`)
    asked.add(query)
    const page: Observed<Page> = await registry.request(
      repository,
      { method: 'GET', path: `${paths[field]}${query}` },
      (response) => readPage(response, field),
      [403, 405],
    )
    if (!page.seen) return page
    if ('refused' in page.value) return seen({ state: 'refused', refusal: page.value.refused })
    for (const name of page.value.names) names.add(name)
    if (names.size > maxNames) return wrong(`has more than ${maxNames} names`)
    const { next } = page.value
    if (!next.more) break
    if (next.query === undefined) return wrong('goes on at an address that cannot be followed')
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
  const body = await readBody(response, cap)
  if (body.end === 'cut') return unseen(body.why)
  try {
    const parsed = lists.parse(JSON.parse(body.bytes.toString('utf8')))
    // A repository without tags may say null; a registry without the list says nothing of it.
    if (parsed[field] !== undefined) return seen({ names: parsed[field] ?? [], next })
  } catch {
    // Told below.
  }
  return unseen(failure('answer-invalid', response.host, 'body', `its list of ${field} is no such list`))
}
