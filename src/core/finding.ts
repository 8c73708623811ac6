import type { Group } from './groups.ts'
import type { Remedy } from './remedy.ts'

/**
 * How a check, a group or the whole run stands. `off`: not asked for, or nothing of the kind exists here. `unknown`: asked for,
 * but not observed.
 */
export const statuses = ['pass', 'warn', 'fail', 'unknown', 'off'] as const
export type Status = (typeof statuses)[number]

/** `error` fails the step, `warning` does with `fail_on: warning`, `note` never does. */
export const severities = ['error', 'warning', 'note'] as const
export type Severity = (typeof severities)[number]

/** What a check found. `subject`, `expected`, `actual` and `evidence` may hold text from outside; outputs escape it. */
export interface Finding {
  id: string
  group: Group
  severity: Severity
  /** What it is about, in a form a person can paste: a reference, a digest, a host. */
  subject: string
  message: string
  expected?: string
  actual?: string
  evidence: string[]
  /** One next action. */
  advice: string
  /** Findings of one id with the same key share one cause. */
  cause: string
  /** The cause in one sentence. */
  title: string
  because?: string
  /** The repository, the digest of the object and the platforms it belongs to, where there are any. */
  repository?: string
  digest?: string
  platforms?: string[]
}

/** What a check returns for each fault; what it leaves out comes from the check itself. */
export type Fault = Pick<Finding, 'subject' | 'message'> & Partial<Omit<Finding, 'id' | 'group'>>

/** How one check ended. Every check of a run has exactly one, whether it found something or not. */
export interface CheckResult {
  id: string
  group: Group
  /** The good state, in a few words. */
  title: string
  status: Status
  /** Why the status is `unknown` or `off`. */
  why?: string
  /** What would make an `unknown` check possible; any one is enough. */
  remedies: Remedy[]
  findings: Finding[]
}

/** A check that threw: our own mistake, reported beside the results of all others. */
export interface Crash {
  check: string
  error: unknown
}

/** Findings that share one explanation. */
export interface Cause {
  id: string
  group: Group
  severity: Severity
  title: string
  because?: string
  advice: string
  /** The page that explains it, from the top of the repository. */
  page: string
  findings: Finding[]
}
