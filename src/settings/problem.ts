import type { CiPlatform } from '../core/platform.ts'
import { type Fix, fixLines } from './fix.ts'

/** A settings mistake: which setting, what it was set to (never a secret's value), what would be right. */
export interface Problem {
  setting: string
  value?: string
  message: string
  /** What mends it, for people to paste. */
  fix?: Fix
}

/** `settings.depth: “prob” must be one of head, probe, full`; below it, indented, the YAML that mends it. */
export function problemText(problem: Problem, platform: CiPlatform = 'woodpecker'): string {
  const value = problem.value === undefined ? '' : ` “${shown(problem.value)}”`
  const line = `settings.${problem.setting}:${value} ${short(problem.message, 400)}`
  const fix = problem.fix ? fixLines(problem.fix, platform) : []
  return fix.length === 0 ? line : [`${line}:`, ...fix.map((one) => `    ${one}`)].join('\n')
}

/** A value as it was written, without a login that stands in an address, and not too long. */
function shown(value: string): string {
  return short(value.replace(/\/\/[^/@\s]*@/g, '//…@'), 120)
}

/** Secrets must be out of a text before it is cut: no mask finds half of one. */
const short = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}…` : text)
