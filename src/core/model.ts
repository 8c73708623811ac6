import type { FactName, Facts } from '../facts/image.ts'
import type { Settings } from '../settings/schema.ts'

// What was seen is a chapter of its own; whoever needs a word of the project finds all of them here.
export type * from '../facts/image.ts'
export type * from '../facts/runner.ts'

/** How a group or the whole stands. `off`: not asked for. `unknown`: asked for, and could not be looked at. */
export type Status = 'pass' | 'warn' | 'fail' | 'unknown' | 'off'

/** `error` fails the step, `warning` does with `fail_on: warning`, `note` never does. */
export type Severity = 'error' | 'warning' | 'note'

/** The four things that can be at fault. */
export const groups = ['image', 'registry', 'path', 'runner'] as const
export type Group = (typeof groups)[number]

/** What a check says. `subject`, `expected`, `actual` and `evidence` may hold text from outside; renderers escape it. */
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
  /** Findings of one id with the same key share one cause, told in these words. */
  cause: string
  title: string
  because?: string
  /** The repository, the digest of the object and the platforms it belongs to, where there are any. */
  repository?: string
  digest?: string
  platforms?: string[]
}

/** What a check returns for each fault; what it leaves out comes from the check itself. */
export type Fault = Pick<Finding, 'subject' | 'message'> & Partial<Omit<Finding, 'id' | 'group'>>

/** A check is data: what it is called, what it reads, and a pure function from facts to faults. */
export interface Check<N extends FactName = FactName> {
  /** Also the name of its file, its test and its page. */
  id: string
  group: Group
  /** The good state, in a few words. */
  title: string
  /** The bad state, in one sentence: the words for a cause that a fault doesn't tell better. */
  fault: string
  severity: Severity
  /** What to do next, unless a fault says something better. */
  advice: string
  /** Ids of findings that this one explains: where it is told, they are told under it. */
  covers?: readonly string[]
  needs: readonly N[]
  run: (facts: Pick<Facts, N>, settings: Settings) => Fault[]
}

/** Gives the check back; the type of `run` allows only the facts that `needs` names. */
export function defineCheck<const N extends FactName>(check: Check<N>): Check {
  return check as unknown as Check
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
