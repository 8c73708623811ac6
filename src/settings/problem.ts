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

const shown = (value: string): string => (value.length > 120 ? `${value.slice(0, 120)}…` : value)
