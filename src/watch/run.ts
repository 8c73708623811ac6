import { forgetUnused } from '../facts/watch/apply.ts'
import { touchFaults } from '../facts/watch/read-image.ts'
import type { RegistryState } from '../facts/watch/state.ts'
import { createLimit } from '../observe/http/limit.ts'
import { createBlobReader } from '../observe/watch/blobs.ts'
import { openWatched } from '../observe/watch/client.ts'
import { hashBlobs, lookAtBlobs } from './blobs.ts'
import { eachOf, type Run, type RunContext } from './context.ts'
import { repositoriesOf } from './repositories.ts'
import { lookAtRepository } from './repository.ts'
import { lookAgain } from './second-look.ts'
import { hasTags, judgeEmptied, judgeNoTags } from './tags.ts'
import { createTally, lastRunOf } from './tally.ts'
import { forgetTokens } from './tokens.ts'

/** So many groups of images are read at the same time. */
const groupsAtOnce = 3

/**
 * One run over a registry: asks for every tag and every manifest below, reads what is new, and proves blobs in turn. What is broken is
 * looked at twice before it counts. Changes `state`; throws nothing for what a registry answers.
 */
export async function runWatch(context: RunContext, state: RegistryState): Promise<void> {
  const run = await openRun(context, state)
  let isWhole = false
  try {
    await inspect(run)
    isWhole = !context.signal.aborted
  } finally {
    finish(run, isWhole)
    await run.watched.client.close()
    forgetTokens(state, run.watched.tokens, context.access.forgetSecret)
  }
}

async function openRun(context: RunContext, state: RegistryState): Promise<Run> {
  const { access, scope, signal } = context
  const startedAt = access.now()
  const watched = await openWatched(access, scope, signal)
  const budget = { leftBytes: access.settings.probe_budget }
  return {
    ...{ ...context, startedAt, state, watched, budget, tally: createTally() },
    blobs: createBlobReader(watched.registry, budget),
    reading: createLimit(groupsAtOnce),
    ...{ suspects: new Map(), lostTags: new Map(), emptied: new Set() },
    ...{ trigger: undefined, affected: new Set() },
  }
}

async function inspect(run: Run): Promise<void> {
  const { state } = run
  const names = await repositoriesOf(run)
  if (names === undefined) return
  const had = names.filter((name) => hasTags(state.repositories.get(name))).length
  await eachOf(names, (name) => lookAtRepository(run, name))
  if (run.signal.aborted) return
  judgeEmptied(run, had)
  if (!run.access.settings.mirror) {
    await lookAtBlobs(run)
    await hashBlobs(run)
  }
  await lookAgain(run)
  judgeNoTags(run)
  for (const repository of state.repositories.values()) {
    forgetUnused(repository)
    touchFaults(repository)
  }
}

/** Counts what a run cost and, where it is one over everything and finished, makes its verdict that of the registry. */
function finish(run: Run, isWhole: boolean): void {
  const { state, watched, tally, access, startedAt } = run
  const endedAt = access.now()
  const { codes, phases } = watched.client.requestLog.tally()
  for (const [code, count] of Object.entries(codes))
    if (code in state.requests) state.requests[code as keyof RegistryState['requests']] += count
  state.bytes += watched.client.requestLog.fact().bytes
  if (run.only) keepNamed(run)
  if (run.only || !isWhole) {
    // What leads to a look at everything was seen, and nobody looked yet.
    if (run.trigger !== undefined) state.pending = run.trigger
    if (!run.only) leftUnfinished(run, endedAt)
    return
  }
  const lastRun = lastRunOf(state, tally, { accepted: run.accepted(), startedAt, endedAt, phases })
  state.lastRun = lastRun
  delete state.unfinished
  delete state.pending
  state.runs[lastRun.outcome] += 1
  if (lastRun.outcome !== 'unchecked') state.lastSuccess = endedAt
}

/** A run that did not finish says nothing of what it did not come to, so the verdict of the one before stays. */
function leftUnfinished({ state, signal }: Run, at: number): void {
  const { reason } = signal
  const isTime = reason instanceof Error && reason.name === 'TimeoutError'
  const text = reason instanceof Error ? reason.message : 'it was stopped'
  const why = !signal.aborted ? 'it crashed' : isTime ? 'it took longer than `timeout` allows' : text
  state.unfinished = { at, why }
  state.runs.stopped += 1
}

/**
 * What a notification named joins the list of the catalog, which may be an hour old: the next run would take it for a repository that
 * vanished. A name with nothing behind it is forgotten.
 */
function keepNamed({ state: { catalog, repositories }, only, scope }: Run): void {
  if (!scope.catalog || !catalog) return
  const fresh = [...(only ?? [])].filter((name) => !catalog.names.includes(name))
  for (const name of fresh) if (!hasTags(repositories.get(name))) repositories.delete(name)
  catalog.names = [...catalog.names, ...fresh.filter((name) => repositories.has(name))].toSorted()
}
