import type { CheckResult, Crash, Fault, Finding, Status } from '../core/finding.ts'
import type { Facts } from '../facts/facts.ts'
import { type Observation, type ObservationState, stateOf } from '../facts/observations.ts'
import type { Settings } from '../settings/schema.ts'
import type { Check } from './define.ts'

/** What the checks of the groups that are asked for read. */
export const wantedBy = (checks: readonly Check[], settings: Settings): ReadonlySet<Observation> =>
  new Set(checks.filter(({ group }) => settings.checks.includes(group)).flatMap(({ reads }) => reads))

/** Runs every check of the groups that are asked for: one result for each check, and the checks that crashed. */
export function runChecks(
  checks: readonly Check[],
  facts: Facts,
  settings: Settings,
): { results: CheckResult[]; crashes: Crash[] } {
  const crashes: Crash[] = []
  const results = checks.map((check): CheckResult => {
    const { id, group, title } = check
    const result = { id, group, title, remedies: [], findings: [] }
    if (!settings.checks.includes(group)) return { ...result, status: 'off', why: `checks: without ${group}` }
    try {
      const findings = check.run(facts, settings).map((fault) => findingOf(check, fault))
      return { ...result, ...judge(findings, missing(check, facts)), findings }
    } catch (error) {
      crashes.push({ check: id, error })
      return { ...result, status: 'unknown', why: 'the check crashed' }
    }
  })
  return { results, crashes }
}

function findingOf({ id, group, severity, advice, fault: title }: Check, fault: Fault): Finding {
  return { severity, advice, title, evidence: [], cause: fault.subject, ...fault, id, group }
}

/** The first observation that the check needs and does not have; one that is missing outweighs one that does not apply. */
function missing(
  { reads }: Check,
  facts: Facts,
): Exclude<ObservationState, { state: 'observed' }> | undefined {
  const lacks = reads
    .map((observation) => stateOf(observation, facts))
    .filter((state) => state.state !== 'observed')
  return lacks.find(({ state }) => state === 'missing') ?? lacks[0]
}

/** What was found decides first, then what was not observed. */
function judge(
  findings: Finding[],
  lack: ReturnType<typeof missing>,
): Pick<CheckResult, 'status'> & Partial<Pick<CheckResult, 'why' | 'remedies'>> {
  const worst = worstOf(findings)
  if (worst !== 'pass') return { status: worst }
  if (lack?.state === 'missing') return { status: 'unknown', why: lack.why, remedies: lack.remedies }
  return lack?.state === 'off' && findings.length === 0
    ? { status: 'off', why: lack.why }
    : { status: 'pass' }
}

function worstOf(findings: Finding[]): Status {
  if (findings.some(({ severity }) => severity === 'error')) return 'fail'
  return findings.some(({ severity }) => severity === 'warning') ? 'warn' : 'pass'
}
