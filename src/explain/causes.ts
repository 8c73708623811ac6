import type { Cause, CheckResult, Severity } from '../core/finding.ts'

const order: Record<Severity, number> = { error: 0, warning: 1, note: 2 }

/** What explaining needs to know of each check: their order is that of their causes. */
export interface Explainer {
  id: string
  /** Ids of findings that this one explains. */
  covers?: readonly string[]
}

/**
 * Gathers findings that share one explanation: 187 missing layers with one cause are one cause. The worst come first,
 * then in the order of the checks.
 */
export function explain(results: readonly CheckResult[], checks: readonly Explainer[]): Cause[] {
  const findings = results.flatMap((result) => result.findings)
  const together = Map.groupBy(findings, ({ id, cause }) => `${id} ${cause}`)
  const causes = [...together.values()].flatMap((same): Cause[] => {
    const [worst] = same.toSorted((a, b) => order[a.severity] - order[b.severity])
    if (!worst) return []
    const { id, group, severity, title, because, advice } = worst
    return [
      {
        id,
        group,
        severity,
        title,
        ...(because === undefined ? {} : { because }),
        advice,
        page: pageOf(id),
        findings: same,
      },
    ]
  })
  const place = new Map(checks.map(({ id }, at) => [id, at]))
  return folded(causes, checks).sort(
    (a, b) => order[a.severity] - order[b.severity] || (place.get(a.id) ?? 0) - (place.get(b.id) ?? 0),
  )
}

/** Puts causes under the one that explains them. */
function folded(causes: Cause[], checks: readonly Explainer[]): Cause[] {
  const covering = checks.filter(({ id, covers }) => covers && causes.some((cause) => cause.id === id))
  return covering.reduce((left, { id, covers = [] }) => {
    const under = left.filter((cause) => covers.includes(cause.id))
    return left
      .filter((cause) => !under.includes(cause))
      .map((cause) =>
        cause.id === id
          ? { ...cause, findings: [...cause.findings, ...under.flatMap(({ findings }) => findings)] }
          : cause,
      )
  }, causes)
}

/** The page of a finding, from the top of the repository. */
export const pageOf = (id: string): string => `docs/findings/${id}.md`
