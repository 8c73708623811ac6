import { seenIn } from '../../../core/observed.ts'
import type { ChurnFact, Owner } from '../../runner.ts'
import type { RunnerView } from '../../view.ts'

/** The areas that show network churn. */
export type ChurnView = RunnerView<'churn' | 'links'>

/** Networks that were created or removed in quick succession. */
export interface Burst {
  /** Milliseconds since the epoch. */
  from: number
  to: number
  creates: number
  destroys: number
  /** Networks that changed within the busiest 10 s and 60 s. */
  peak10: number
  peak60: number
  /** Networks by the program that they were created for. */
  owners: Map<Owner, number>
}

/** Changes more than this apart belong to different bursts (single linkage). */
const gapMs = 30_000

type Change = ChurnFact['changes'][number]

/**
 * The bursts of network changes, in chronological order. A kernel log only shows containers attached to bridges and detached
 * from them: on a bridge that still exists, that is not churn.
 */
export function burstsIn(runner: ChurnView): Burst[] {
  const churn = seenIn(runner.churn)
  if (!churn) return []
  const existing = new Set(seenIn(runner.links)?.map(({ name }) => name))
  const created = new Set(churn.changes.filter(({ what }) => what === 'create').map(keyOf))
  const changes = churn.changes
    .filter(({ owner, what, bridge }) => {
      if (owner === 'engine' || owner === 'regguard') return false
      if (what === 'create' || what === 'destroy') return true
      return bridge !== undefined && bridge !== 'docker0' && !existing.has(bridge)
    })
    .filter((change) => change.what === 'create' || change.what === 'destroy' || !created.has(keyOf(change)))
    .toSorted((a, b) => a.at - b.at)
  return clusters(changes).map(burstOf)
}

/** Engine events name the network, a kernel log only the bridge. */
const keyOf = ({ bridge, name }: Change): string => bridge ?? name

function clusters(changes: Change[]): Change[][] {
  const groups: Change[][] = []
  let last: Change | undefined
  for (const change of changes) {
    if (last && change.at - last.at <= gapMs) groups.at(-1)?.push(change)
    else groups.push([change])
    last = change
  }
  return groups
}

function burstOf(changes: Change[]): Burst {
  const owners = new Map<Owner, Set<string>>()
  for (const change of changes) {
    const names = owners.get(change.owner) ?? new Set()
    owners.set(change.owner, names.add(keyOf(change)))
  }
  return {
    from: changes[0]?.at ?? 0,
    to: changes.at(-1)?.at ?? 0,
    creates: changes.filter(({ what }) => what === 'create').length,
    destroys: changes.filter(({ what }) => what === 'destroy').length,
    peak10: peakOf(changes, 10_000),
    peak60: peakOf(changes, 60_000),
    owners: new Map([...owners].map(([owner, names]) => [owner, names.size])),
  }
}

/** The largest number of networks that changed within `overMs`. `changes` must be in chronological order. */
function peakOf(changes: Change[], overMs: number): number {
  const recent = new Map<string, number>()
  let peak = 0
  let first = 0
  for (const change of changes) {
    recent.set(keyOf(change), (recent.get(keyOf(change)) ?? 0) + 1)
    for (let old = changes[first]; old && old.at < change.at - overMs; old = changes[first]) {
      const left = (recent.get(keyOf(old)) ?? 0) - 1
      if (left > 0) recent.set(keyOf(old), left)
      else recent.delete(keyOf(old))
      first += 1
    }
    peak = Math.max(peak, recent.size)
  }
  return peak
}

/** The largest number of networks created within any ten minutes. */
export function createdInTenMinutes(runner: ChurnView): number {
  const creates = (seenIn(runner.churn)?.changes ?? [])
    .filter(({ what, owner }) => what === 'create' && owner !== 'regguard' && owner !== 'engine')
    .toSorted((a, b) => a.at - b.at)
  return peakOf(creates, 600_000)
}

/** How long an inspection takes at most, from the engine's list of endpoints to the last reading of the host. */
const inspectionMs = 15_000

/**
 * Containers that were attached during the inspection and not detached since, on one bridge or on all: the host shows them, and the
 * engine's list, read earlier, does not. Undefined where network changes were not observed.
 */
export function attachedMeanwhile(runner: RunnerView<'churn'>, bridge?: string): number | undefined {
  const churn = seenIn(runner.churn)
  const recent = churn?.changes.filter(
    (change) => change.at >= runner.at - inspectionMs && (bridge === undefined || change.bridge === bridge),
  )
  const countOf = (wanted: Change['what']) => recent?.filter(({ what }) => what === wanted).length ?? 0
  return recent && Math.max(0, countOf('attach') - countOf('detach'))
}

/** A time in UTC, as in a log: `2026-03-01 12:00:07`. */
export const timeText = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ')

/** A duration in the largest fitting unit: `40 s`, `12 min`, `30 h`, `9 days`. */
export function spanText(ms: number): string {
  if (ms < 2 * 60_000) return `${Math.round(ms / 1000)} s`
  if (ms < 2 * 3_600_000) return `${Math.round(ms / 60_000)} min`
  return ms < 48 * 3_600_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} days`
}

/** `woodpecker 12, forgejo 3`. */
export const ownersText = (owners: Map<Owner, number>): string =>
  [...owners]
    .toSorted(([, a], [, b]) => b - a)
    .map(([owner, networks]) => `${owner} ${networks}`)
    .join(', ')
