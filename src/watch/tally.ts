import type { Failure, FailureKind } from '../core/failure.ts'
import type { Observed } from '../core/observed.ts'
import { failing } from '../facts/watch/faults.ts'
import type { LastRun, PhaseMeans, RegistryState } from '../facts/watch/state.ts'
import type { RequestTally } from '../observe/http/request-tally.ts'

/** What a run counts. */
export interface RunTally {
  repositories: number
  tags: number
  /** Tags of which was seen whether they are there. */
  tagsSeen: number
  indexes: number
  answered: number
  unseen: number
  /** Whether the catalog could be listed, if it was asked for. */
  listed: boolean
  /** Lists of tags that were answered, and those that were not. */
  lists: { answered: number; unseen: number }
  kinds: Map<FailureKind, number>
  why?: string
  looked: (observed: Observed<unknown>) => void
  unknown: (why: Failure) => void
}

/** The counts of a run that begins. */
export function createTally(): RunTally {
  const tally: RunTally = {
    ...{ repositories: 0, tags: 0, tagsSeen: 0, indexes: 0, answered: 0, unseen: 0, listed: true },
    lists: { answered: 0, unseen: 0 },
    kinds: new Map(),
    looked: (observed) => {
      if (observed.seen) tally.answered += 1
      else tally.unknown(observed.why)
    },
    unknown: ({ kind, host, detail }) => {
      tally.unseen += 1
      tally.kinds.set(kind, (tally.kinds.get(kind) ?? 0) + 1)
      tally.why ??= `${host}: ${detail}`
    },
  }
  return tally
}

/**
 * How a run ended. It could inspect the registry if at least as much of what it asked for was answered as was not; a registry that goes
 * down in the middle of a run was not inspected. Where nothing can be listed, tags must be seen: a HEAD of a digest finds nothing behind
 * a router that answers 404 to everything.
 */
export function lastRunOf(
  state: RegistryState,
  tally: RunTally,
  {
    startedAt,
    endedAt,
    stopped,
    phases,
  }: { startedAt: number; endedAt: number; stopped: boolean; phases: RequestTally['phases'] },
): LastRun {
  const { repositories, tags, indexes, lists, why } = tally
  // Between two lists of the catalog those of tags show whether the registry can be listed.
  const listed =
    tally.listed && (lists.answered > 0 || lists.unseen === 0) && (tally.answered > 0 || tally.unseen === 0)
  const couldLook = tally.answered >= tally.unseen && (listed || tally.tagsSeen > 0)
  const hasFaults = failing(state, [], endedAt).length > 0
  return {
    ...{ at: endedAt, ms: Math.max(0, endedAt - startedAt), listed, repositories, tags, indexes },
    outcome: stopped ? 'stopped' : !couldLook ? 'unchecked' : hasFaults ? 'findings' : 'ok',
    unknown: Object.fromEntries(tally.kinds),
    ...(why === undefined ? {} : { why }),
    phases: meansOf(phases),
  }
}

function meansOf(phases: RequestTally['phases']): LastRun['phases'] {
  const means: LastRun['phases'] = {}
  for (const { role, phase, count, ms } of phases) {
    const own: PhaseMeans = means[role] ?? {}
    own[phase === 'headers' ? 'first_byte' : phase] = ms / count
    means[role] = own
  }
  return means
}
