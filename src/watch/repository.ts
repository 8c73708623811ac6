import { applyManifest, applyTag, type Change } from '../facts/watch/apply.ts'
import { childrenToAsk, imagesToRead } from '../facts/watch/plan.ts'
import { imagesWith } from '../facts/watch/read-image.ts'
import { type RepositoryState, repositoryIn, tagsByImage } from '../facts/watch/state.ts'
import { lookAtManifest, lookAtTag } from '../observe/watch/look.ts'
import { addTo, type Run } from './context.ts'
import { readAndJudge } from './judge.ts'
import { asMirror, tagsOf } from './tags.ts'

/** So many images of a repository are read together, and then forgotten: what was read of an image takes memory, what is kept of it little. */
const imagesAtOnce = 8

/** Tags, what they refer to, and the manifests below. Reads the images that are new. */
export async function lookAtRepository(run: Run, name: string): Promise<void> {
  const { state, watched, tally, signal, access } = run
  if (signal.aborted) return
  const repository = repositoryIn(state, name)
  const tags = await tagsOf(run, repository)
  tally.repositories += 1
  if (tags === undefined) return
  await Promise.all(
    tags.map(async (tag) => {
      const look = asMirror(run, await lookAtTag(watched.registry, name, tag, access.settings.mirror))
      tally.looked(look, name, `:${tag}`)
      tally.tags += 1
      if (look.seen) tally.tagsSeen += 1
      const change = applyTag(repository, tag, look, access.now())
      if (change === 'suspect' || change === 'recovered') addTo(run.lostTags, name, tag)
    }),
  )
  if (access.settings.mirror) return
  await Promise.all(
    childrenToAsk(repository).map(async (digest) => {
      const look = await lookAtManifest(watched.registry, name, digest)
      tally.looked(look, name, `@${digest}`)
      noteChange(run, repository, digest, applyManifest(repository, digest, look, access.now()))
    }),
  )
  await readAll(run, repository, imagesToRead(repository, access.now(), access.settings.reprove), false)
  tally.indexes += [...tagsByImage(repository).keys()].filter(
    (digest) => repository.images.get(digest)?.isIndex,
  ).length
}

/** Reads images, a few at a time. */
export async function readAll(
  run: Run,
  repository: RepositoryState,
  digests: readonly string[],
  second: boolean,
): Promise<void> {
  for (let at = 0; at < digests.length && !run.signal.aborted; at += imagesAtOnce)
    await run.reading(() => readAndJudge(run, repository, digests.slice(at, at + imagesAtOnce), second))
}

/** Notes the images whose second look is due, and that what is gone leads to a look at everything. */
export function noteChange(run: Run, repository: RepositoryState, digest: string, change: Change): void {
  if (change !== 'suspect' && change !== 'recovered') return
  if (change === 'suspect') run.trigger ??= `${repository.name}@${digest} is gone`
  for (const image of imagesWith(repository, new Set([digest]))) addTo(run.suspects, repository.name, image)
}
