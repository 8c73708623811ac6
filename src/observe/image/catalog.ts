import * as z from 'zod'
import type { CatalogFact, Observed, Target, Trouble } from '../../core/model.ts'
import { type NextPage, nextPage } from '../../net/link.ts'
import type { Repository } from '../../oci/reference.ts'
import { isTag } from '../../oci/reference.ts'
import { readBody } from '../http/body.ts'
import { seen, trouble, unseen } from '../http/failures.ts'
import { createLimit } from '../http/limit.ts'
import type { Reply } from '../http/response.ts'
import type { Registry } from '../registry/registry.ts'
import { refusalOf } from '../registry/registry.ts'

/** A page of 100 is what every registry grants: registry:2 and ECR refuse more than 1,000, Forgejo gives 100 at most. */
const pageSize = 100
/** Pages of one list; with 100 each more than a run could verify. */
const mostPages = 1000
/** More names than any run could verify; a hostile list must end. */
const mostNames = 50_000
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
  const known = await registry.ask('', { method: 'GET', path: '' }, async (reply) => {
    reply.discard()
    return seen(reply.status === 200)
  })
  if (!known.seen || !known.value) return listed
  const detail = 'it takes the login, and does not let it list repositories'
  return unseen({ ...listed.why, kind: 'access-denied', detail })
}

/** A list of tags that is refused; a 404 is a repository that has none (NAME_UNKNOWN once its last tag is gone). */
function refusedTags(listed: Listed, host: string): Trouble | undefined {
  if (listed.state === 'listed' || listed.refusal.status === 404) return undefined
  const { status, code } = listed.refusal
  const detail = `it answered ${status} ${code}`.trimEnd()
  return { ...trouble(status === 403 ? 'access-denied' : 'answer-invalid', host, 'headers', detail), status }
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
    unseen<never>(trouble('answer-invalid', registry.host, 'body', `its list of ${field} ${detail}`))
  let query = `?n=${pageSize}`
  while (!asked.has(query)) {
    if (asked.size === mostPages) return wrong(`has more than ${mostPages} pages`)
    asked.add(query)
    const page: Observed<Page> = await registry.ask(
      repository,
      { method: 'GET', path: `${paths[field]}${query}` },
      (reply) => readPage(reply, field),
      [403, 405],
    )
    if (!page.seen) return page
    if ('refused' in page.value) return seen({ state: 'refused', refusal: page.value.refused })
    for (const name of page.value.names) names.add(name)
    if (names.size > mostNames) return wrong(`has more than ${mostNames} names`)
    const { next } = page.value
    if (!next.more) break
    if (next.query === undefined) return wrong('goes on at an address that cannot be followed')
    query = next.query
  }
  return seen({ state: 'listed', names: [...names].sort() })
}

const lists = z.object({ repositories: z.array(z.string()).nullish(), tags: z.array(z.string()).nullish() })

async function readPage(reply: Reply, field: 'repositories' | 'tags'): Promise<Observed<Page>> {
  if (reply.status !== 200) {
    const refused = await refusalOf(reply)
    return refused.seen ? seen({ refused: refused.value }) : refused
  }
  const next = nextPage(reply.headers('link'))
  const body = await readBody(reply, cap)
  if (body.end === 'cut') return unseen(body.why)
  try {
    const parsed = lists.parse(JSON.parse(body.bytes.toString('utf8')))
    // A repository without tags may say null; a registry without the list says nothing of it.
    if (parsed[field] !== undefined) return seen({ names: parsed[field] ?? [], next })
  } catch {
    // Told below.
  }
  return unseen(trouble('answer-invalid', reply.host, 'body', `its list of ${field} is no such list`))
}
