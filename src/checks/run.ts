import { failureKinds } from '../core/failure.ts'
import type { CheckResult, Crash, Fault, Finding, Status } from '../core/finding.ts'
import { isOnDemand } from '../core/groups.ts'
import type { Facts } from '../facts/facts.ts'
import { type Observation, type ObservationState, stateOf } from '../facts/observations.ts'
import type { Settings } from '../settings/schema.ts'
import type { Check } from './define.ts'

/** The observations that the checks of the enabled groups read. */
export const requiredObservations = (
  checks: readonly Check[],
  settings: Settings,
): ReadonlySet<Observation> =>
  new Set(checks.filter(({ group }) => settings.checks.includes(group)).flatMap(({ reads }) => reads))

/**
 * The settings that a run is judged by: a cluster whose pods wait for no image leaves no other group to judge, except the mirrors that were
 * asked for its images.
 */
export const judgedSettings = (settings: Settings, { image, registry }: Facts): Settings =>
  settings.mode === 'cluster' && image.targets.length === 0
    ? { ...settings, checks: [...(registry.coverage ? (['registry'] as const) : []), 'cluster'] }
    : settings

/**
 * Runs the checks of the enabled groups. Returns one result for every check, and the checks that threw. Checks of a group on
 * demand are no part of other runs.
 */
export function runChecks(
  checks: readonly Check[],
  facts: Facts,
  settings: Settings,
): { results: CheckResult[]; crashes: Crash[] } {
  const crashes: Crash[] = []
  // Many checks read the same few observations.
  const states = new Map<Observation, ObservationState>()
  const stateIn = (observation: Observation): ObservationState => {
    const state = states.get(observation) ?? stateOf(observation, facts)
    states.set(observation, state)
    return state
  }
  const own = checks.filter(({ group }) => !isOnDemand(group) || settings.checks.includes(group))
  const results = own.map((check): CheckResult => {
    const { id, group, title } = check
    const result = { id, group, title, remedies: [], findings: [] }
    const isEnabled = settings.checks.includes(group)
    const off = { ...result, status: 'off', why: `checks: without ${group}` } as const
    if (!isEnabled && !explainsImages(check, settings)) return off
    try {
      const findings = check.run(facts, settings).map((fault) => findingOf(check, fault))
      if (!isEnabled && findings.length === 0) return off
      return { ...result, ...statusOf(findings, absentObservation(check, stateIn)), findings }
    } catch (error) {
      crashes.push({ check: id, error })
      return { ...result, status: 'unknown', why: 'the check crashed' }
    }
  })
  return { results, crashes }
}

/** A failure that kept an image from being inspected is reported even if the group of its check is not enabled. */
const explainsImages = ({ id }: Check, { checks: enabled }: Settings): boolean =>
  id in failureKinds && enabled.includes('image')

function findingOf({ id, group, severity, advice, fault: title }: Check, fault: Fault): Finding {
  return { severity, advice, title, evidence: [], cause: fault.subject, ...fault, id, group }
}

/** The first observation that the check needs but does not have: a missing one if there is any, else one that is off. */
function absentObservation(
  { reads }: Check,
  stateIn: (observation: Observation) => ObservationState,
): Exclude<ObservationState, { state: 'observed' }> | undefined {
  const absent = reads.map(stateIn).filter((state) => state.state !== 'observed')
  return absent.find(({ state }) => state === 'missing') ?? absent[0]
}

/** The status of a check: decided by its findings first, then by what was not observed. */
function statusOf(
  findings: Finding[],
  absent: ReturnType<typeof absentObservation>,
): Pick<CheckResult, 'status'> & Partial<Pick<CheckResult, 'why' | 'remedies'>> {
  const worst = worstOf(findings)
  if (worst !== 'pass') return { status: worst }
  if (absent?.state === 'missing') return { status: 'unknown', why: absent.why, remedies: absent.remedies }
  return absent?.state === 'off' && findings.length === 0
    ? { status: 'off', why: absent.why }
    : { status: 'pass' }
}

function worstOf(findings: Finding[]): Status {
  if (findings.some(({ severity }) => severity === 'error')) return 'fail'
  return findings.some(({ severity }) => severity === 'warning') ? 'warn' : 'pass'
}
