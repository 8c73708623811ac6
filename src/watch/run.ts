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
  try {
    const names = await repositoriesOf(run)
    if (names === undefined) return
    await eachOf(names, (name) => lookAtRepository(run, name))
    if (!run.access.settings.mirror) {
      await lookAtBlobs(run)
      await hashBlobs(run)
    }
    await lookAgain(run)
    for (const repository of run.state.repositories.values()) {
      forgetUnused(repository)
      touchFaults(repository)
    }
  } finally {
    finish(run)
    await run.watched.client.close()
    forgetTokens(state, run.watched.tokens, run.access.forgetSecret)
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
    ...{ suspects: new Map(), lostTags: new Map(), trigger: undefined, affected: new Set() },
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
