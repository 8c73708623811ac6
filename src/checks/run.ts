import type { Facts, Finding } from '../core/model.ts'
import type { Settings } from '../settings/schema.ts'
import { checks } from './index.ts'

/** A check that threw: our own mistake, told beside the findings of all others. */
export interface Crash {
  check: string
  group: Finding['group']
  error: unknown
}

/** Runs every check of the groups that are asked for, and gives what they found. */
export function runChecks(facts: Facts, settings: Settings): { findings: Finding[]; crashes: Crash[] } {
  const findings: Finding[] = []
  const crashes: Crash[] = []
  for (const check of checks) {
    if (!(settings.checks as string[]).includes(check.group)) continue
    try {
      for (const fault of check.run(facts, settings)) {
        const { id, group, severity, advice } = check
        const told = { severity, advice, title: check.fault, evidence: [], cause: fault.subject, ...fault }
        findings.push({ ...told, id, group })
      }
    } catch (error) {
      crashes.push({ check: check.id, group: check.group, error })
    }
  }
  return { findings, crashes }
}
