import type { Group } from './groups.ts'
import type { Remedy } from './remedy.ts'

/**
 * The result of a check, a group or a whole run. `off`: not enabled, or nothing of the kind exists here. `unknown`: enabled, but not
 * observed.
 */
export const statuses = ['pass', 'warn', 'fail', 'unknown', 'off'] as const
export type Status = (typeof statuses)[number]

/** `error` fails the step, `warning` fails it with `fail_on: warning`, `note` never fails it. */
export const severities = ['error', 'warning', 'note'] as const
export type Severity = (typeof severities)[number]

/** A fault as reports print it. `subject`, `expected`, `actual` and `evidence` may contain text from outside, which outputs escape. */
export interface Finding {
  id: string
  group: Group
  severity: Severity
  /** What it is about, in a form that can be pasted: a reference, a digest, a host. */
  subject: string
  /** What was observed. */
  message: string
  expected?: string
  actual?: string
  /** What was expected does not exist, so there is nothing to compare it with. */
  absent?: true
  evidence: string[]
  /** One next action. */
  advice: string
  /** Commands that the advice is about, to be pasted into a shell in this order; each in one line. */
  commands?: string[]
  /** The key of its cause: findings with the same id and key share one cause. */
  cause: string
  /** The cause in one sentence. */
  title: string
  /** Why this cause was chosen. */
  because?: string
  /** The hosts whose findings it explains, of those that its check covers; all of them if absent. */
  explains?: string[]
  /** The repository, digest and platforms of the object, if it has any. */
  repository?: string
  digest?: string
  platforms?: string[]
}

/** What a check returns for each problem it finds; missing fields are filled in from the check. */
export type Fault = Pick<Finding, 'subject' | 'message'> & Partial<Omit<Finding, 'id' | 'group'>>

/** The result of one check. Every check of a run has exactly one, with or without findings. */
export interface CheckResult {
  id: string
  group: Group
  /** The good state, in a few words. */
  title: string
  status: Status
  /** Why the status is `unknown` or `off`. */
  why?: string
  /** What would make an `unknown` check possible; any one of them is enough. */
  remedies: Remedy[]
  findings: Finding[]
}

/** A check that threw: a bug in regguard, reported along with the results of all other checks. */
export interface Crash {
  /** The id of the check. */
  check: string
  error: unknown
}

/** One thing to do, with the commands for it in their order. */
export interface Action {
  advice: string
  commands?: string[]
}

/** Findings that share one explanation. */
export interface Cause extends Action {
  id: string
  group: Group
  severity: Severity
  title: string
  because?: string
  /** What else is to be done, where its findings need different things. */
  also?: Action[]
  /** The path of its page in the repository. */
  page: string
  findings: Finding[]
}
