import type { CheckResult, Finding, Status } from '../core/finding.ts'
import { type Group, groups, isOnDemand } from '../core/groups.ts'
import { coverage } from '../facts/coverage.ts'
import type { Facts } from '../facts/facts.ts'
import type { RunnerArea } from '../facts/runner.ts'
import type { Settings } from '../settings/schema.ts'

/** How one group stands. */
export interface GroupVerdict {
  group: Group
  status: Status
  required: boolean
  /** How many things of the group could not be observed, and why the first of them. */
  missing: number
  why?: string
}

/** Why a required group is not fulfilled that the run does not check. */
const notChecked = 'required, but not one of the checks of this run'

/** How every group stands: a fault that was seen outweighs what is missing, which outweighs all else. */
export function judgeGroups(
  facts: Facts,
  results: readonly CheckResult[],
  crashed: readonly string[],
  settings: Settings,
): GroupVerdict[] {
  return groups.flatMap((group): GroupVerdict | [] => {
    const required = isRequired(group, facts, settings)
    if (isOnDemand(group) && !required && !settings.checks.includes(group)) return []
    if (!settings.checks.includes(group))
      return { group, status: 'off', required, missing: 0, ...(required ? { why: notChecked } : {}) }
    const own = results.filter((result) => result.group === group)
    const { missing, why, blind = false } = coverage[group](facts)
    // A group that no check speaks for was not checked, whatever could be observed of it.
    const unknown = missing > 0 || own.length === 0 || own.some(({ id }) => crashed.includes(id))
    const findings = own.flatMap((result) => result.findings)
    const status = blind ? 'unknown' : statusOf(findings, unknown)
    return { group, status, required, missing, ...(why === undefined ? {} : { why }) }
  })
}

/**
 * 1: the image is at fault, or another group has findings that count. 3: a required group could not be observed, and
 * nothing that was seen of the image is wrong. 0: all required groups hold.
 */
export function exitCodeOf(
  findings: readonly Finding[],
  verdicts: readonly GroupVerdict[],
  settings: Settings,
): 0 | 1 | 3 {
  // A failure that explains what is missing of the image may belong to a group that is not checked.
  const failing = findings.filter(
    (finding) => settings.checks.includes(finding.group) && counts(finding, settings),
  )
  if (failing.some(({ group }) => group === 'image')) return 1
  if (verdicts.some(({ status, required }) => required && (status === 'unknown' || status === 'off')))
    return 3
  return failing.length > 0 ? 1 : 0
}

/** Whether a group must have been observed; of the runner, a single area may be required: `runner.rules`. */
function isRequired(group: Group, facts: Facts, { require: wanted }: Settings): boolean {
  if (wanted.includes(group)) return true
  return group === 'runner' && isAreaMissing(facts, wanted)
}

/** Whether an area that is required by its own name was not seen. */
function isAreaMissing({ runner }: Facts, wanted: Settings['require']): boolean {
  return wanted.some((one) => {
    const area = one.startsWith('runner.') ? (one.slice('runner.'.length) as RunnerArea) : undefined
    return area !== undefined && !runner?.[area].seen
  })
}

/** How the whole stands, in the words of a group. */
export function overallStatus(exitCode: number, verdicts: readonly GroupVerdict[]): Status {
  if (exitCode === 1) return 'fail'
  if (exitCode === 3) return 'unknown'
  return verdicts.some(({ status }) => status === 'warn' || status === 'fail') ? 'warn' : 'pass'
}

function counts({ severity }: Finding, { fail_on: failOn }: Settings): boolean {
  if (failOn === 'never') return false
  return severity === 'error' || (failOn === 'warning' && severity === 'warning')
}

function statusOf(findings: readonly Finding[], unknown: boolean): Status {
  if (findings.some(({ severity }) => severity === 'error')) return 'fail'
  if (unknown) return 'unknown'
  return findings.some(({ severity }) => severity === 'warning') ? 'warn' : 'pass'
}
