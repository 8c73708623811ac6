import type { Explainer } from '../causes.ts'
import { type Combination, combinations } from './table.ts'

/** The findings that one can be a consequence of: those that cover it, and those of the table, in the order of the checks. */
export const earlierThan = (id: string, checks: readonly Explainer[]): string[] =>
  checks.map((check) => check.id).filter((first) => laterThan(first, checks).includes(id))

/** The findings that can be consequences of one. */
export function laterThan(id: string, checks: readonly Explainer[]): string[] {
  const covered = checks.find((check) => check.id === id)?.covers ?? []
  const named = new Set([
    ...covered,
    ...combinations.filter((row) => canStart(row, id)).flatMap(({ after }) => after),
  ])
  return checks.map((check) => check.id).filter((later) => later !== id && named.has(later))
}

const canStart = ({ first }: Combination, id: string): boolean => !('errors' in first) && first.includes(id)
