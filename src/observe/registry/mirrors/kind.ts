import type { MirrorKind, Upstream } from '../../../facts/registry/coverage.ts'
import { listNames } from '../../image/catalog.ts'
import type { Registry } from '../registry.ts'

/** What is known of a mirror before it is asked for an image. */
export interface MirrorNature {
  kind: MirrorKind
  /** The repositories that it holds something of, among those that are looked for; undefined where it does not list them. */
  held: ReadonlySet<string> | undefined
  why?: string
  /** It did not answer. */
  isFailing?: true
}

/** An image whose repository may be missing in the mirror. */
interface Candidate {
  /** Its repository in the mirror. */
  repository: string
  upstream: () => Promise<Upstream>
}

/** So many repositories are asked about. */
const maxCandidates = 3

/**
 * Finds out what a mirror is without a question that could fill it: of a pull-through cache only the lists of repositories and tags fill nothing
 * (measured with registry 2.8.2 and 3.1.2, docs/decisions/0036-asking-mirrors.md). The list of repositories is its own, that of tags its upstream's: so
 * a mirror that lists tags of a repository that it does not hold is a cache. One that knows none of a repository that the registry has is a
 * copy, or cannot reach its upstream, and then nothing can fill it either.
 */
export async function natureOf(registry: Registry, candidates: readonly Candidate[]): Promise<MirrorNature> {
  const wanted = new Set(candidates.map(({ repository }) => repository))
  const listed = await listNames(registry, '', 'repositories', {
    isWanted: (name) => wanted.has(name),
    maxPages: 1000,
    remedy: '',
  })
  if (!listed.seen)
    return {
      kind: 'unknown',
      held: undefined,
      why: `${listed.why.host}: ${listed.why.detail}`,
      isFailing: true,
    }
  if (listed.value.state === 'refused')
    return { kind: 'unknown', held: undefined, why: 'it does not list its repositories' }
  const held = new Set(listed.value.names)
  const missing = candidates.filter(({ repository }) => !held.has(repository)).slice(0, maxCandidates)
  let isCopy = false
  for (const { repository, upstream } of missing) {
    const tags = await listNames(registry, repository, 'tags')
    if (tags.seen && tags.value.state === 'listed') return { kind: 'cache', held }
    const isUnknownThere = tags.seen && tags.value.state === 'refused' && tags.value.refusal.code !== ''
    if (isUnknownThere && (await upstream()).state === 'has') isCopy = true
  }
  return isCopy
    ? { kind: 'copy', held }
    : { kind: 'unknown', held, why: 'nothing shows whether it is a pull-through cache' }
}
