import { unseen } from '../core/observed.ts'
import { count } from '../core/units.ts'
import { forgetUnused, keepListed, type TagLook } from '../facts/watch/apply.ts'
import { isNamedInFull, matchesAny, newestTags } from '../facts/watch/plan.ts'
import type { RepositoryState } from '../facts/watch/state.ts'
import { failure } from '../observe/http/failures.ts'
import { listTags } from '../observe/watch/list.ts'
import type { Run } from './context.ts'

/**
 * The tags of a repository that are watched. Those that are named in full are not looked for in a list. Undefined where it lists none any
 * more: `judgeEmptied` says later whether that is believed.
 */
export async function tagsOf(run: Run, repository: RepositoryState): Promise<string[] | undefined> {
  const { plan, watched, tally } = run
  const { tags: patterns } = plan
  if (patterns.length > 0 && patterns.every((pattern) => !pattern.includes('*'))) {
    keepListed(repository, patterns)
    return patterns
  }
  const listed = await listTags(watched.registry, repository.name)
  tally.lists[listed.seen ? 'answered' : 'unseen'] += 1
  if (!listed.seen) {
    tally.unknown(listed.why, repository.name, '/tags/list')
    return chosenOf(run, repository, [...repository.tags.keys()])
  }
  if (listed.value === undefined && isNamedInFull(run.scope, repository.name)) noteMissing(run, repository)
  const matching = (listed.value ?? []).filter((tag) => matchesAny(tag, patterns))
  if (matching.length === 0 && hasTags(repository)) {
    run.emptied.add(repository.name)
    return undefined
  }
  delete repository.emptied
  return take(run, repository, matching)
}

/**
 * A repository that `repo` names in full is expected to be there: one that the registry does not know is mistyped, gone, or hidden from this
 * login, and is never well. Where tags of it were known, all of the registry is looked at, as after any that vanished.
 */
function noteMissing(run: Run, repository: RepositoryState): void {
  const had = hasTags(repository) ? `, and had ${count(repository.tags.size, 'tag')} before` : ''
  const detail = `it knows no repository of this name, which is in repo${had}`
  const why = failure('denied-or-missing', run.watched.registry.host, 'headers', detail)
  run.tally.unknown({ ...why, status: 404 }, repository.name, '/tags/list')
  if (had !== '') run.trigger ??= `${repository.name} vanished`
}

/** Whether tags of a repository are known that refer to something. */
export const hasTags = (repository: RepositoryState | undefined): boolean =>
  [...(repository?.tags.values() ?? [])].some(({ digest }) => digest !== undefined)

/**
 * A repository whose tags are all gone is believed, unless that happened to more than half of them at once: so answers a registry that
 * lost its storage. Then what was known is kept until a second run agrees. `had`: how many had tags before this run.
 */
export function judgeEmptied(run: Run, had: number): void {
  const { state, tally, emptied, watched, only } = run
  if (emptied.size === 0) return
  const isCollapse = emptied.size * 2 > had
  const kept: string[] = []
  for (const name of emptied) {
    const repository = state.repositories.get(name)
    if (!repository) continue
    if (only || (isCollapse && repository.emptied === undefined)) kept.push(name)
    else {
      delete repository.emptied
      take(run, repository, [])
      forgetUnused(repository)
      emptied.delete(name)
    }
  }
  // After a notification too little is asked to judge: the next run does.
  if (only) return
  for (const name of kept) {
    const repository = state.repositories.get(name)
    if (!repository) continue
    repository.emptied = run.startedAt
    const detail = `it lists no tags of ${name} any more, and had ${count(repository.tags.size, 'tag')}`
    tally.unknown(failure('answer-invalid', watched.registry.host, 'body', detail), name, '/tags/list')
  }
  if (kept.length < had) return
  // The last tag of a single repository is deleted on purpose, too.
  if (had > 1) tally.listed = false
  tally.nothing = `${watched.registry.host}: none of its repositories lists tags any more, and ${had} had some`
}

/** Where no repository has a tag that is watched, nothing was inspected. Of a part with one repository or none that may well be so. */
export function judgeNoTags({ tally, plan, watched, only }: Run): void {
  if (only || tally.tags > 0 || tally.unseen > 0) return
  if (plan.shard.total > 1 && tally.repositories < 2) return
  tally.nothing ??= `${watched.registry.host}: none of its ${count(tally.repositories, 'repository', 'repositories')} has a tag that is watched`
}

/** Makes the tags of a repository those that it lists. Returns those that are watched. */
function take(run: Run, repository: RepositoryState, matching: readonly string[]): string[] {
  const newest = chosenOf(run, repository, matching)
  const chosen = new Set(newest)
  const now = run.access.now()
  // Of the tags that are not watched, only when they were pushed is kept: the next choice needs it.
  if (run.plan.newestTags > 0)
    for (const tag of matching)
      if (!chosen.has(tag)) {
        const { firstSeen = now, moved } = repository.tags.get(tag) ?? {}
        repository.tags.set(tag, { firstSeen, ...(moved === undefined ? {} : { moved }) })
      }
  const before = new Set(
    [...repository.tags].filter(([, { digest }]) => digest !== undefined).map(([tag]) => tag),
  )
  const gone = keepListed(repository, matching).filter((tag) => before.has(tag))
  if (gone.length > 0) run.affected.add(repository.name)
  return newest
}

const chosenOf = ({ plan }: Run, { tags }: RepositoryState, names: readonly string[]): string[] =>
  newestTags(names, (tag) => tags.get(tag)?.moved ?? tags.get(tag)?.firstSeen, plan.newestTags)

/** A pull-through cache answers 404 for a tag also while its upstream is down, so that says nothing. */
export function asMirror({ access, watched }: Run, look: TagLook): TagLook {
  if (!access.settings.mirror || !look.seen || look.value.state === 'found') return look
  return unseen(failure('mirror-miss', watched.registry.host, 'headers', 'it answered 404'))
}
