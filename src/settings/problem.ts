/** A settings mistake: which setting, what it was set to (never a secret's value), what would be right. */
export interface Problem {
  setting: string
  value?: string
  message: string
}

/** `settings.depth: “prob” must be one of head, probe, full`. */
export function problemText(problem: Problem): string {
  const value = problem.value === undefined ? '' : ` “${shown(problem.value)}”`
  return `settings.${problem.setting}:${value} ${problem.message}`
}

/** A value as it was written, without a login that stands in an address, and not too long. */
function shown(value: string): string {
  const safe = value.replace(/\/\/[^/@\s]*@/g, '//…@')
  return safe.length > 120 ? `${safe.slice(0, 120)}…` : safe
}
