import { seenIn } from '../../../core/observed.ts'
import type { ChurnFact, Owner } from '../../runner.ts'
import type { RunnerView } from '../../view.ts'

/** What churn is read from. */
export type ChurnView = RunnerView<'churn' | 'links'>

/** Networks that came or went shortly after one another. */
export interface Burst {
  /** Milliseconds since the epoch. */
  from: number
  to: number
  creates: number
  destroys: number
  /** Networks with a change in the busiest 10 s and 60 s. */
  peak10: number
  peak60: number
  owners: Map<Owner, number>
}

/** Changes more than this apart belong to different bursts (single linkage). */
const gapMs = 30_000

type Change = ChurnFact['changes'][number]

/**
 * What came and went in bursts, in order of time. A kernel log tells only that containers came to bridges and left them:
 * of a bridge that is still there, that is no churn.
 */
export function burstsIn(runner: ChurnView): Burst[] {
  const churn = seenIn(runner.churn)
  if (!churn) return []
  const standing = new Set(seenIn(runner.links)?.map(({ name }) => name))
  const made = new Set(churn.changes.filter(({ what }) => what === 'create').map(keyOf))
  const changes = churn.changes
    .filter(({ owner, what, bridge }) => {
      if (owner === 'engine' || owner === 'regguard') return false
      if (what === 'create' || what === 'destroy') return true
      return bridge !== undefined && bridge !== 'docker0' && !standing.has(bridge)
    })
    .filter((change) => change.what === 'create' || change.what === 'destroy' || !made.has(keyOf(change)))
    .toSorted((a, b) => a.at - b.at)
  return clusters(changes).map(burstOf)
}

/** A network's events tell its name, a kernel log only its bridge. */
const keyOf = ({ bridge, name }: Change): string => bridge ?? name

function clusters(changes: Change[]): Change[][] {
  const found: Change[][] = []
  let last: Change | undefined
  for (const change of changes) {
    if (last && change.at - last.at <= gapMs) found.at(-1)?.push(change)
    else found.push([change])
    last = change
  }
  return found
}

function burstOf(changes: Change[]): Burst {
  const owners = new Map<Owner, Set<string>>()
  for (const change of changes) {
    const own = owners.get(change.owner) ?? new Set()
    owners.set(change.owner, own.add(keyOf(change)))
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

/** The most networks with a change within so many milliseconds. `changes` in order of time. */
export function peakOf(changes: Change[], overMs: number): number {
  const inside = new Map<string, number>()
  let peak = 0
  let first = 0
  for (const change of changes) {
    inside.set(keyOf(change), (inside.get(keyOf(change)) ?? 0) + 1)
    for (let old = changes[first]; old && old.at < change.at - overMs; old = changes[first]) {
      const left = (inside.get(keyOf(old)) ?? 0) - 1
      if (left > 0) inside.set(keyOf(old), left)
      else inside.delete(keyOf(old))
      first += 1
    }
    peak = Math.max(peak, inside.size)
  }
  return peak
}

/** The most networks made in any ten minutes. */
export function madeInTenMinutes(runner: ChurnView): number {
  const creates = (seenIn(runner.churn)?.changes ?? [])
    .filter(({ what, owner }) => what === 'create' && owner !== 'regguard' && owner !== 'engine')
    .toSorted((a, b) => a.at - b.at)
  return peakOf(creates, 600_000)
}

/** A time as logs have it, in UTC: `2026-03-01 12:00:07`. */
export const timeText = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ')

/** A span in the unit that fits: `40 s`, `12 min`, `30 h`, `9 days`. */
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
