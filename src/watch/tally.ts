import type { Failure, FailureKind } from '../core/failure.ts'
import type { Observed } from '../core/observed.ts'
import { type Accepted, failing } from '../facts/watch/faults.ts'
import type { LastRun, PhaseMeans, RegistryState, Unseen } from '../facts/watch/state.ts'
import type { RequestTally } from '../observe/http/request-tally.ts'

/** Repositories in which something could not be inspected are named up to this number, and so many objects of each. */
const maxUnseen = 200
const maxObjects = 10

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
  /** What could not be inspected, by repository and kind. */
  places: Map<string, Unseen>
  why?: string
  /** Why there was nothing to inspect. */
  nothing?: string
  /** Counts an answer, or that there was none, of an object: `:1.0`, `@sha256:…` or `/tags/list` of a repository. */
  looked: (observed: Observed<unknown>, repository: string, object: string) => void
  unknown: (why: Failure, repository: string, object: string) => void
}

/** The counts of a run that begins. */
export function createTally(): RunTally {
  const known = new Set<string>()
  const tally: RunTally = {
    ...{ repositories: 0, tags: 0, tagsSeen: 0, indexes: 0, answered: 0, unseen: 0, listed: true },
    lists: { answered: 0, unseen: 0 },
    ...{ kinds: new Map(), places: new Map() },
    looked: (observed, repository, object) => {
      if (observed.seen) tally.answered += 1
      else tally.unknown(observed.why, repository, object)
    },
    unknown: ({ kind, host, detail }, repository, object) => {
      // What is looked at twice counts once.
      if (known.has(`${repository}${object}`)) return
      known.add(`${repository}${object}`)
      tally.unseen += 1
      tally.kinds.set(kind, (tally.kinds.get(kind) ?? 0) + 1)
      tally.why ??= `${host}: ${detail}`
      const key = `${kind} ${repository}`
      const place = tally.places.get(key) ?? { repository, kind, count: 0, objects: [], detail }
      place.count += 1
      if (place.objects.length < maxObjects) place.objects.push(object)
      tally.places.set(key, place)
    },
  }
  return tally
}

/**
 * How a run ended. It could inspect the registry if at least as much of what it asked for was answered as was not; a registry that goes
 * down in the middle of a run was not inspected. Where nothing can be listed, tags must be seen: a HEAD of a digest finds nothing behind
 * a router that answers 404 to everything. Where there was nothing to inspect, nothing was. What is broken and accepted is no finding.
 */
export function lastRunOf(
  state: RegistryState,
  tally: RunTally,
  {
    accepted,
    startedAt,
    endedAt,
    phases,
  }: { accepted: readonly Accepted[]; startedAt: number; endedAt: number; phases: RequestTally['phases'] },
): LastRun {
  const { repositories, tags, indexes, lists, nothing, why = nothing } = tally
  // Between two lists of the catalog those of tags show whether the registry can be listed.
  const listed =
    tally.listed && (lists.answered > 0 || lists.unseen === 0) && (tally.answered > 0 || tally.unseen === 0)
  const couldLook = tally.answered >= tally.unseen && (listed || tally.tagsSeen > 0)
  const hasFaults = failing(state, accepted, endedAt).length > 0
  const places = [...tally.places.values()].toSorted((a, b) => b.count - a.count)
  return {
    ...{ at: endedAt, ms: Math.max(0, endedAt - startedAt), listed, repositories, tags, indexes },
    outcome:
      !couldLook || nothing !== undefined
        ? 'unchecked'
        : hasFaults
          ? 'findings'
          : tally.unseen > 0
            ? 'partial'
            : 'ok',
    unknown: Object.fromEntries(tally.kinds),
    ...{ unseen: places.slice(0, maxUnseen), unseenMore: Math.max(0, places.length - maxUnseen) },
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
