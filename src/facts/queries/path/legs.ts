import type { Failure, FailureKind, Phase } from '../../../core/failure.ts'
import type { AttemptFact, LegAddressFact, LegFact } from '../../path/leg.ts'
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

/**
 * The failures of a leg by address and phase, errors of its server included. The end of the run is not a failure, and neither is an
 * address of an IP version that this machine has no route for, while it has one for another address: clients do not use it.
 */
export function legFailures(leg: LegFact): LegFailure[] {
  return [
    ...grouped(
      leg,
      leg.lookups.map(({ failure }) => failure),
    ),
    ...leg.addresses
      .filter((one) => !isUnused(leg, one))
      .flatMap((one) =>
        grouped(leg, one.attempts.map(outcomeOf)).map((found) => ({ ...found, address: one.address })),
      ),
  ]
}

/** Why an attempt counts as failed; undefined if it does not. */
function outcomeOf({ status = 0, failure }: AttemptFact): Failure | undefined {
  if (failure || status < 500) return failure
  const detail = `HTTP ${status}`
  return { kind: 'registry-error', host: '', phase: 'headers', detail, evidence: [], status }
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

const hasNoRoute = ({ attempts }: LegAddressFact): boolean =>
  attempts.length > 0 && attempts.every(({ failure }) => failure?.sign === 'no-route')

/** Whether this machine has no route to an address, but to another one of the leg. */
export const isUnused = ({ addresses }: LegFact, one: LegAddressFact): boolean =>
  hasNoRoute(one) && !addresses.every(hasNoRoute)

/** Whether a response came back over this leg, at one address at least. */
export const isReached = ({ addresses }: LegFact): boolean =>
  addresses.some(({ attempts }) => attempts.some(({ status }) => status !== undefined))

/** How a leg stands. `unfinished`: the run ended before there was an outcome. `proxied`: behind a proxy, and so not probed. */
export type LegState = 'works' | 'sometimes' | 'fails' | 'unfinished' | 'proxied'

/** How a leg stands, by all attempts. */
export function legState(leg: LegFact): LegState {
  if (leg.proxy !== undefined) return 'proxied'
  if (legFailures(leg).length > 0) return isReached(leg) ? 'sometimes' : 'fails'
  return isReached(leg) ? 'works' : 'unfinished'
}

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
