import type { CiPlatform } from '../core/platform.ts'
import { type Fix, fixLines } from './fix.ts'

/** A mistake in a setting. */
export interface Problem {
  setting: string
  /** What it was set to; never the value of a secret. */
  value?: string
  message: string
  /** Settings that fix it, for people to paste. */
  fix?: Fix
}

/** `settings.depth: “prob” must be one of head, probe, full`, followed by the indented YAML that fixes it. */
export function problemText(problem: Problem, platform: CiPlatform = 'woodpecker'): string {
  const value = problem.value === undefined ? '' : ` “${displayValue(problem.value)}”`
  const line = `settings.${problem.setting}:${value} ${shorten(problem.message, 400)}`
  const fix = problem.fix ? fixLines(problem.fix, platform) : []
  return fix.length === 0 ? line : [`${line}:`, ...fix.map((one) => `    ${one}`)].join('\n')
}

/** A value as written, shortened and without credentials in URLs. */
function displayValue(value: string): string {
  return shorten(value.replace(/\/\/[^/@\s]*@/g, '//…@'), 120)
}

/** Remove secrets before shortening: a mask does not match half a secret. */
const shorten = (text: string, max: number): string => (text.length > max ? `${text.slice(0, max)}…` : text)
