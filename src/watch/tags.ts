import { unseen } from '../core/observed.ts'
import { keepListed, type TagLook } from '../facts/watch/apply.ts'
import { matchesAny, newestTags } from '../facts/watch/plan.ts'
import type { RepositoryState } from '../facts/watch/state.ts'
import { failure } from '../observe/http/failures.ts'
import { listTags } from '../observe/watch/list.ts'
import type { Run } from './context.ts'

/** The tags of a repository that are watched. Those that are named in full are not looked for in a list. */
export async function tagsOf(run: Run, repository: RepositoryState): Promise<string[]> {
  const { plan, watched, tally, access } = run
  const { tags: patterns } = plan
  if (patterns.length > 0 && patterns.every((pattern) => !pattern.includes('*'))) {
    keepListed(repository, patterns)
    return patterns
  }
  const listed = await listTags(watched.registry, repository.name)
  tally.lists[listed.seen ? 'answered' : 'unseen'] += 1
  if (!listed.seen) {
    tally.unknown(listed.why)
    return [...repository.tags.keys()]
  }
  const matching = (listed.value ?? []).filter((tag) => matchesAny(tag, patterns))
  const now = access.now()
  const newest = newestTags(matching, (tag) => repository.tags.get(tag)?.firstSeen, plan.newestTags)
  const chosen = new Set(newest)
  // Of the tags that are not watched, only when they appeared is kept: the next choice needs it.
  if (plan.newestTags > 0)
    for (const tag of matching)
      if (!chosen.has(tag))
        repository.tags.set(tag, { firstSeen: repository.tags.get(tag)?.firstSeen ?? now })
  const before = new Set(
    [...repository.tags].filter(([, { digest }]) => digest !== undefined).map(([tag]) => tag),
  )
  const gone = keepListed(repository, matching).filter((tag) => before.has(tag))
  if (gone.length > 0) run.affected.add(repository.name)
  return newest
}

/** A pull-through cache answers 404 for a tag also while its upstream is down, so that says nothing. */
export function asMirror({ access, watched }: Run, look: TagLook): TagLook {
  if (!access.settings.mirror || !look.seen || look.value.state === 'found') return look
  return unseen(failure('mirror-miss', watched.registry.host, 'headers', 'it answered 404'))
}
