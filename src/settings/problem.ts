import type { Platform } from './ci.ts'
import { type Mend, mendLines } from './mend.ts'

/** A settings mistake: which setting, what it was set to (never a secret's value), what would be right. */
export interface Problem {
  setting: string
  value?: string
  message: string
  /** What mends it, for people to paste. */
  mend?: Mend
}

/** `settings.depth: “prob” must be one of head, probe, full`; below it, indented, the YAML that mends it. */
export function problemText(problem: Problem, platform: Platform = 'woodpecker'): string {
  const value = problem.value === undefined ? '' : ` “${shown(problem.value)}”`
  const line = `settings.${problem.setting}:${value} ${problem.message}`
  const mend = problem.mend ? mendLines(problem.mend, platform) : []
  return mend.length === 0 ? line : [`${line}:`, ...mend.map((one) => `    ${one}`)].join('\n')
}

/** A value as it was written, without a login that stands in an address, and not too long. */
function shown(value: string): string {
  const safe = value.replace(/\/\/[^/@\s]*@/g, '//…@')
  return safe.length > 120 ? `${safe.slice(0, 120)}…` : safe
}
