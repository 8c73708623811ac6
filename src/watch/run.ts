import { setTimeout as wait } from 'node:timers/promises'
import { unseen } from '../core/observed.ts'
import { count } from '../core/units.ts'
import {
  applyBlob,
  applyManifest,
  applyTag,
  type Change,
  forgetUnused,
  keepListed,
  type TagLook,
} from '../facts/watch/apply.ts'
import {
  childrenToAsk,
  imagesToRead,
  matchesAny,
  newestTags,
  type PlannedBlob,
  planBlobs,
  planHashes,
  shardOf,
  triggerOf,
} from '../facts/watch/plan.ts'
import { imagesToReadAgain, imagesWith, touchFaults } from '../facts/watch/read-image.ts'
import { type RegistryState, type RepositoryState, repositoryIn, tagsByImage } from '../facts/watch/state.ts'
import { failure } from '../observe/http/failures.ts'
import { createLimit } from '../observe/http/limit.ts'
import type { Budget } from '../observe/image/budget.ts'
import { type BlobReader, createBlobReader } from '../observe/watch/blobs.ts'
import { openWatched, type WatchAccess, type WatchedRegistry } from '../observe/watch/client.ts'
import { listRepositories, listTags } from '../observe/watch/list.ts'
import { lookAtManifest, lookAtTag } from '../observe/watch/look.ts'
import type { WatchedScope, WatchPlan } from '../settings/plan/watch.ts'
import { readAndJudge, tagFault } from './judge.ts'
import { createTally, lastRunOf, type RunTally } from './tally.ts'
import { forgetTokens } from './tokens.ts'

/** The catalog walks the whole storage of a registry, so it is listed at most so often. */
const catalogMs = 3_600_000
/** So many repositories are asked at the same time; the registry's own limit bounds the requests. */
const atOnce = 16
/** So many images of a repository are read together, and then forgotten: what was read of an image takes memory, what is kept of it little. */
const imagesAtOnce = 8
/** So many of these groups are read at the same time. */
const groupsAtOnce = 3

/** What a run needs. */
export interface RunContext {
  access: WatchAccess
  plan: WatchPlan
  scope: WatchedScope
  signal: AbortSignal
  /** Only these repositories, after a notification of the registry. */
  only?: ReadonlySet<string>
  /** Called with what happens, for the debug log. */
  debug: (text: string) => void
}

/** A run while it is under way. */
interface Run extends RunContext {
  startedAt: number
  state: RegistryState
  watched: WatchedRegistry
  tally: RunTally
  blobs: BlobReader
  budget: Budget
  reading: <T>(task: () => Promise<T>) => Promise<T>
  /** The images whose second look is due, by repository. */
  suspects: Map<string, Set<string>>
  /** The tags that are listed and not found, by repository. */
  lostTags: Map<string, Set<string>>
  /** Why all blobs are read in this run: of all repositories, or of some. */
  trigger: string | undefined
  affected: Set<string>
  recovered: Set<string>
}

/**
 * One run over a registry: asks for every tag and every manifest below, reads what is new, and proves blobs in turn. What is broken is
 * looked at twice before it counts. Changes `state`; throws nothing for what a registry answers.
 */
export async function runWatch(context: RunContext, state: RegistryState): Promise<void> {
  const { access, scope, signal, plan } = context
  const startedAt = access.now()
  const watched = await openWatched(access, scope, signal)
  const budget = { leftBytes: access.settings.probe_budget }
  const run: Run = {
    ...{ ...context, startedAt, state, watched, budget, tally: createTally() },
    blobs: createBlobReader(watched.registry, budget),
    reading: createLimit(groupsAtOnce),
    ...{ suspects: new Map(), lostTags: new Map(), trigger: undefined },
    ...{ affected: new Set(), recovered: new Set() },
  }
  try {
    const names = await repositoriesOf(run)
    if (names === undefined) return
    await eachOf(names, (name) => lookAtRepository(run, name))
    if (!access.settings.mirror) {
      await lookAtBlobs(run)
      await hashBlobs(run, plan.hashBytes)
    }
    await lookAgain(run)
    for (const repository of run.state.repositories.values()) {
      forgetUnused(repository)
      touchFaults(repository)
    }
  } finally {
    finish(run)
    await watched.client.close()
    forgetTokens(state, watched.tokens, access.forgetSecret)
  }
}

function finish({ state, watched, tally, only, access, signal, startedAt }: Run): void {
  const endedAt = access.now()
  const { codes, phases } = watched.client.requestLog.tally()
  for (const [code, count] of Object.entries(codes))
    if (code in state.requests) state.requests[code as keyof RegistryState['requests']] += count
  state.bytes += watched.client.requestLog.fact().bytes
  // A part of the repositories says nothing of the registry as a whole.
  if (only) return
  const lastRun = lastRunOf(state, tally, { startedAt, endedAt, stopped: signal.aborted, phases })
  state.lastRun = lastRun
  state.runs[lastRun.outcome] += 1
  if (lastRun.outcome === 'ok' || lastRun.outcome === 'findings') state.lastSuccess = endedAt
}

/**
 * The repositories of this run. The list of the catalog is used again until it is an hour old, and while the catalog cannot be listed.
 * Undefined where it is empty all at once: nothing is looked at until a second run agrees.
 */
async function repositoriesOf(run: Run): Promise<string[] | undefined> {
  const { state, scope, plan, tally, watched, access, only } = run
  const now = access.now()
  const isMine = (name: string) =>
    shardOf(name, plan.shard.total) === plan.shard.index && matchesAny(name, scope.repositories)
  if (!scope.catalog) {
    const names = scope.repositories.filter((name) => shardOf(name, plan.shard.total) === plan.shard.index)
    for (const name of state.repositories.keys()) if (!names.includes(name)) state.repositories.delete(name)
    return names.filter((name) => only?.has(name) ?? true)
  }
  const { catalog } = state
  const isFresh = catalog !== undefined && catalog.at <= now && now - catalog.at < catalogMs
  if (!isFresh && !only) {
    const listed = await listRepositories(watched.registry)
    // An empty list is also what a registry answers that lost its storage, or that stands in for another one.
    if (
      listed.seen &&
      listed.value.names.length === 0 &&
      catalog !== undefined &&
      catalog.names.length > 0 &&
      catalog.emptied === undefined
    ) {
      state.catalog = { ...catalog, emptied: now }
      tally.listed = false
      const detail = `its catalog is empty, and had ${count(catalog.names.length, 'repository', 'repositories')} before`
      tally.unknown(failure('answer-invalid', watched.registry.host, 'body', detail))
      return undefined
    }
    if (listed.seen) {
      state.catalog = { at: now, names: listed.value.names }
      tally.listed = true
      if (listed.value.invalid > 0)
        run.debug(`${listed.value.invalid} listed names are no names of repositories, and are left out`)
    } else {
      tally.listed = false
      tally.unknown(listed.why)
    }
  }
  const names = (state.catalog?.names ?? []).filter(isMine)
  const known = new Set(names)
  const vanished = [...state.repositories.keys()].filter((name) => !known.has(name))
  for (const name of vanished) state.repositories.delete(name)
  run.trigger = triggerOf(state, state.lastRun === undefined ? [] : vanished, access.settings.reprove, now)
  // A repository that was pushed a moment ago is not in the list yet.
  const pushed = [...(only ?? [])].filter((name) => isMine(name) && !known.has(name))
  return only ? [...names.filter((name) => only.has(name)), ...pushed] : names
}

/** Tags, what they refer to, and the manifests below. Reads the images that are new. */
async function lookAtRepository(run: Run, name: string): Promise<void> {
  const { state, watched, tally, signal, access } = run
  if (signal.aborted) return
  const repository = repositoryIn(state, name)
  const tags = await tagsOf(run, repository)
  tally.repositories += 1
  await Promise.all(
    tags.map(async (tag) => {
      const look = asMirror(run, await lookAtTag(watched.registry, name, tag, access.settings.mirror))
      tally.looked(look)
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
      tally.looked(look)
      noteChange(run, repository, digest, applyManifest(repository, digest, look, access.now()))
    }),
  )
  await readAll(run, repository, imagesToRead(repository), false)
  tally.indexes += [...tagsByImage(repository).keys()].filter(
    (digest) => repository.images.get(digest)?.isIndex,
  ).length
}

/** A pull-through cache answers 404 for a tag also while its upstream is down, so that says nothing. */
function asMirror({ access, watched }: Run, look: TagLook): TagLook {
  if (!access.settings.mirror || !look.seen || look.value.state === 'found') return look
  return unseen(failure('mirror-miss', watched.registry.host, 'headers', 'it answered 404'))
}

/** The tags of a repository that are watched. Those that are named in full are not looked for in a list. */
async function tagsOf(run: Run, repository: RepositoryState): Promise<string[]> {
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

/** Blobs in turn: those that are broken, and a slice of the others; all of them after a trigger. */
async function lookAtBlobs(run: Run): Promise<void> {
  const { state, access, only } = run
  const rhythm = { intervalMs: access.settings.interval, reproveMs: access.settings.reprove }
  const everything = () => (run.trigger === undefined ? run.affected : 'all')
  const isWanted = ({ repository, blob }: PlannedBlob) =>
    (only?.has(repository) ?? true) && !isLookedAt(run, blob)
  const before = run.trigger
  const planned = planBlobs(state, rhythm, run.startedAt, everything()).filter(isWanted)
  await eachOf(planned, (one) => lookAtBlob(run, one, false))
  if (before !== undefined || run.trigger === undefined || only) return
  run.debug(`${run.trigger}: all blobs are read`)
  const rest = planBlobs(state, rhythm, run.startedAt, 'all').filter(isWanted)
  await eachOf(rest, (one) => lookAtBlob(run, one, false))
}

/** Whether a blob was looked at in this run. After the clock was set back, the time of an earlier run lies in the future. */
const isLookedAt = ({ startedAt, access }: Run, { lastLooked }: PlannedBlob['blob']): boolean =>
  lastLooked !== undefined && startedAt <= lastLooked && lastLooked <= access.now()

/** A part of all bytes is hashed in each run, so that bit rot is found, too. */
async function hashBlobs(run: Run, budgetBytes: number): Promise<void> {
  if (budgetBytes === 0 || run.only) return
  await eachOf(planHashes(run.state, budgetBytes), (one) => lookAtBlob(run, one, true))
}

async function lookAtBlob(run: Run, { repository: name, blob }: PlannedBlob, hash: boolean): Promise<void> {
  const { state, access, tally, signal } = run
  const repository = state.repositories.get(name)
  if (signal.aborted || !repository) return
  const whole = hash || blob.onlyByHash === true
  const look = await run.blobs.look(name, blob, whole ? 'full' : access.settings.depth)
  tally.looked(look)
  noteChange(run, repository, blob.digest, applyBlob(repository, blob.digest, look, access.now(), whole))
}

function noteChange(run: Run, repository: RepositoryState, digest: string, change: Change): void {
  if (change !== 'suspect' && change !== 'recovered') return
  if (change === 'suspect') run.trigger ??= `${repository.name}@${digest} is gone`
  for (const image of imagesWith(repository, new Set([digest]))) addTo(run.suspects, repository.name, image)
}

/**
 * The second look at all that seems broken or whole again, after `settle`. What was deleted in the meantime is no fault: the tags are
 * listed and asked for once more.
 */
async function lookAgain(run: Run): Promise<void> {
  const { state, access, signal, suspects, lostTags, only } = run
  const { settle, reprove } = access.settings
  const now = access.now()
  for (const repository of state.repositories.values()) {
    if (access.settings.mirror || (only && !only.has(repository.name))) continue
    for (const digest of imagesToReadAgain(repository, now, reprove / 6))
      addTo(suspects, repository.name, digest)
  }
  const names = [...new Set([...suspects.keys(), ...lostTags.keys()])]
  if (names.length === 0 || signal.aborted) return
  if (settle > 0) await wait(settle, undefined, { signal }).catch(() => {})
  await eachOf(names, async (name) => {
    const repository = state.repositories.get(name)
    if (!repository || signal.aborted) return
    await tagsAgain(run, repository, suspects.get(name) ?? new Set(), lostTags.get(name) ?? new Set())
    const tagged = tagsByImage(repository)
    const images = [...(suspects.get(name) ?? [])].filter((digest) => tagged.has(digest))
    await readAll(run, repository, images, true)
  })
}

async function tagsAgain(
  run: Run,
  repository: RepositoryState,
  suspects: ReadonlySet<string>,
  lost: ReadonlySet<string>,
): Promise<void> {
  const { watched, access } = run
  const chosen = await tagsOf(run, repository)
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
}

async function readAll(
  run: Run,
  repository: RepositoryState,
  digests: readonly string[],
  second: boolean,
): Promise<void> {
  for (let at = 0; at < digests.length && !run.signal.aborted; at += imagesAtOnce)
    await run.reading(() => readAndJudge(run, repository, digests.slice(at, at + imagesAtOnce), second))
}

/** A few at a time. */
async function eachOf<T>(items: readonly T[], task: (item: T) => Promise<void>): Promise<void> {
  const limit = createLimit(atOnce)
  await Promise.all(items.map((item) => limit(() => task(item))))
}

function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
  const known = map.get(key) ?? new Set()
  map.set(key, known.add(value))
}
