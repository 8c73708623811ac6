import { setTimeout as wait } from 'node:timers/promises'
import { applyTag } from '../facts/watch/apply.ts'
import { imagesToReadAgain } from '../facts/watch/read-image.ts'
import { type RepositoryState, tagsByImage } from '../facts/watch/state.ts'
import { lookAtTag } from '../observe/watch/look.ts'
import { addTo, eachOf, type Run } from './context.ts'
import { tagFault } from './judge.ts'
import { readAll } from './repository.ts'
import { tagsOf } from './tags.ts'

/**
 * The second look at all that seems broken or whole again, after `settle`. What was deleted in the meantime is no fault: the tags are
 * listed and asked for once more.
 */
export async function lookAgain(run: Run): Promise<void> {
  const { state, access, signal, suspects, lostTags, only } = run
  const { settle, reprove } = access.settings
  const now = access.now()
  for (const repository of state.repositories.values()) {
    if (access.settings.mirror || run.emptied.has(repository.name)) continue
    if (only && !only.has(repository.name)) continue
    for (const digest of imagesToReadAgain(repository, now, reprove / 6))
      addTo(suspects, repository.name, digest)
  }
  const names = [...new Set([...suspects.keys(), ...lostTags.keys()])]
  if (names.length === 0 || signal.aborted) return
  if (settle > 0) await wait(settle, undefined, { signal }).catch(() => {})
  await eachOf(names, async (name) => {
    const repository = state.repositories.get(name)
    if (!repository || signal.aborted) return
    const lost = lostTags.get(name) ?? new Set()
    const isListed = await tagsAgain(run, repository, suspects.get(name) ?? new Set(), lost)
    if (!isListed) return
    const tagged = tagsByImage(repository)
    const images = [...(suspects.get(name) ?? [])].filter((digest) => tagged.has(digest))
    await readAll(run, repository, images, true)
  })
}

/** Returns whether the repository lists any tags still. */
async function tagsAgain(
  run: Run,
  repository: RepositoryState,
  suspects: ReadonlySet<string>,
  lost: ReadonlySet<string>,
): Promise<boolean> {
  const { watched, access } = run
  const chosen = await tagsOf(run, repository)
  if (chosen === undefined) return false
  const asked = chosen.filter((tag) => {
    const digest = repository.tags.get(tag)?.digest
    return lost.has(tag) || (digest !== undefined && suspects.has(digest))
  })
  await Promise.all(
    asked.map(async (tag) => {
      const look = await lookAtTag(watched.registry, repository.name, tag, access.settings.mirror)
      applyTag(repository, tag, look, access.now())
      const state = repository.tags.get(tag)
      if (!look.seen || !state) return
      const { fault, ...rest } = state
      if (look.value.state === 'found') repository.tags.set(tag, rest)
      else {
        const now = access.now()
        const fresh = tagFault(access.settings, watched.at, repository.name, tag, chosen, now)
        repository.tags.set(tag, {
          ...rest,
          ...(fresh
            ? { fault: { ...fresh, firstSeen: fault?.firstSeen ?? now, confirmed: fault?.confirmed ?? now } }
            : {}),
        })
      }
    }),
  )
  return true
}
