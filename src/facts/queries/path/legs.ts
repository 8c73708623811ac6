import type { Failure, FailureKind, Phase } from '../../../core/failure.ts'
import type { LegFact } from '../../path/leg.ts'
import type { PhaseTimes } from '../../path/phases.ts'

/** Attempts on one leg that failed in the same way: in one phase, at one address or in the lookup of the name. */
export interface LegFailure {
  leg: LegFact
  /** Absent where the name was not resolved. */
  address?: string
  phase: Phase
  kind: FailureKind
  /** The first of these failures. */
  why: Failure
  failed: number
  /** How many attempts there were. */
  of: number
}

/** The failures of a leg by address and phase; none of them is the end of the run itself. */
export function legFailures(leg: LegFact): LegFailure[] {
  const lookups = leg.lookups.map(({ failure }) => failure)
  return [
    ...grouped(leg, lookups),
    ...leg.addresses.flatMap(({ address, attempts }) =>
      grouped(
        leg,
        attempts.map(({ failure }) => failure),
      ).map((one) => ({ ...one, address })),
    ),
  ]
}

function grouped(leg: LegFact, outcomes: (Failure | undefined)[]): LegFailure[] {
  const counted = outcomes.filter((why) => why?.kind !== 'run-stopped')
  const failures = counted.filter((why) => why !== undefined)
  return [...Map.groupBy(failures, ({ kind, phase }) => `${kind} ${phase}`).values()].flatMap((same) => {
    const [why] = same
    if (!why) return []
    const { kind, phase } = why
    return [{ leg, phase, kind, why, failed: same.length, of: counted.length }]
  })
}

/** Whether a response came back over this leg, at one address at least. */
export const isReached = ({ addresses }: LegFact): boolean =>
  addresses.some(({ attempts }) => attempts.some(({ status }) => status !== undefined))

/** The median and the 95th percentile (nearest rank) of a phase over all attempts, in milliseconds; undefined without any. */
export function phaseTimes(
  leg: LegFact,
  phase: keyof PhaseTimes,
): { median: number; p95: number; of: number } | undefined {
  const times = (
    phase === 'dns'
      ? leg.lookups.map(({ ms }) => ms)
      : leg.addresses.flatMap(({ attempts }) => attempts.map(({ phases }) => phases[phase]))
  )
    .filter((ms) => ms !== undefined)
    .toSorted((a, b) => a - b)
  const rank = (part: number) => times[Math.ceil(times.length * part) - 1] ?? 0
  return times.length > 0 ? { median: rank(0.5), p95: rank(0.95), of: times.length } : undefined
}
