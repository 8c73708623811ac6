import type { Accepted } from '../facts/watch/faults.ts'
import type { RegistryState } from '../facts/watch/state.ts'
import { createLimit } from '../observe/http/limit.ts'
import type { Budget } from '../observe/image/budget.ts'
import type { BlobReader } from '../observe/watch/blobs.ts'
import type { WatchAccess, WatchedRegistry } from '../observe/watch/client.ts'
import type { WatchedScope, WatchPlan } from '../settings/plan/watch.ts'
import type { RunTally } from './tally.ts'

/** So many repositories are asked at the same time; the registry's own limit bounds the requests. */
const atOnce = 16

/** What a run needs. */
export interface RunContext {
  access: WatchAccess
  plan: WatchPlan
  scope: WatchedScope
  /** The accepted faults, as their file has them now. */
  accepted: () => readonly Accepted[]
  signal: AbortSignal
  /** Only these repositories, after a notification of the registry. */
  only?: ReadonlySet<string>
  /** Called with what happens, for the debug log. */
  debug: (text: string) => void
}

/** A run while it is under way. */
export interface Run extends RunContext {
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
  /** The repositories that had tags and list none now; nothing else is asked of them. */
  emptied: Set<string>
  /** Why all blobs are read in this run: of all repositories, or of some. */
  trigger: string | undefined
  affected: Set<string>
}

/** Does something for each of many, a few at a time. */
export async function eachOf<T>(items: readonly T[], task: (item: T) => Promise<void>): Promise<void> {
  const limit = createLimit(atOnce)
  await Promise.all(items.map((item) => limit(() => task(item))))
}

/** Adds to the set of a key. */
export function addTo(map: Map<string, Set<string>>, key: string, value: string): void {
  const known = map.get(key) ?? new Set()
  map.set(key, known.add(value))
}
