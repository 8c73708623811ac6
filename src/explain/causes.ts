import type { Cause, CheckResult, Severity } from '../core/finding.ts'

const order: Record<Severity, number> = { error: 0, warning: 1, note: 2 }

/** The part of a check that `explain` needs. The order of the checks is the order of their causes. */
export interface Explainer {
  id: string
  /** Ids of findings that this one explains. */
  covers?: readonly string[]
}

/**
 * Groups findings that share an explanation: 187 missing layers with one cause are one cause. The worst causes come first, then
 * the order of the checks decides.
 */
export function explain(results: readonly CheckResult[], checks: readonly Explainer[]): Cause[] {
  const findings = results.flatMap((result) => result.findings)
  const byCause = Map.groupBy(findings, ({ id, cause }) => `${id} ${cause}`)
  const causes = [...byCause.values()].flatMap((same): Cause[] => {
    const [worst] = same.toSorted((a, b) => order[a.severity] - order[b.severity])
    if (!worst) return []
    const { id, group, severity, title, because, advice, commands = [] } = worst
    return [
      {
        id,
        group,
        severity,
        title,
        ...(because === undefined ? {} : { because }),
        advice,
        ...(commands.length > 0 ? { commands } : {}),
        page: pageOf(id),
        findings: same,
      },
    ]
  })
  const positions = new Map(checks.map(({ id }, position) => [id, position]))
  return withCovered(causes, checks).sort(
    (a, b) =>
      order[a.severity] - order[b.severity] || (positions.get(a.id) ?? 0) - (positions.get(b.id) ?? 0),
  )
}

/** Moves the findings of covered causes to the worst cause of the check that explains them. A warning explains no error. */
function withCovered(causes: Cause[], checks: readonly Explainer[]): Cause[] {
  return checks.reduce((remaining, { id, covers = [] }) => {
    const [worst] = remaining
      .filter((cause) => cause.id === id)
      .toSorted((a, b) => order[a.severity] - order[b.severity])
    if (!worst) return remaining
    const covered = remaining.filter(
      (cause) =>
        covers.includes(cause.id) &&
        order[cause.severity] >= order[worst.severity] &&
        cause.findings.every(({ subject }) => explains(worst, subject)),
    )
    const findings = [...worst.findings, ...covered.flatMap((cause) => cause.findings)]
    return remaining
      .filter((cause) => !covered.includes(cause))
      .map((cause) => (cause === worst ? { ...cause, findings } : cause))
  }, causes)
}

/** Whether a cause explains the findings about a subject: a host, with or without its port. */
const explains = ({ findings }: Cause, subject: string): boolean =>
  findings.some(
    ({ explains: hosts }) =>
      !hosts || hosts.some((host) => subject === host || subject.startsWith(`${host}:`)),
  )

/** The page of a finding, relative to the top of the repository. */
const pageOf = (id: string): string => `docs/findings/${id}.md`
