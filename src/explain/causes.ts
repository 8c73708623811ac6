import type { Action, Cause, CheckResult, Finding, Severity } from '../core/finding.ts'
import { mergeInOrder } from './merge-in-order.ts'

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
    const sorted = same.toSorted((a, b) => order[a.severity] - order[b.severity])
    const [worst] = sorted
    if (!worst) return []
    const { id, group, severity, title, because, advice } = worst
    const [first, ...also] = actionsFor(sorted)
    return [
      {
        id,
        group,
        severity,
        title,
        ...(because === undefined ? {} : { because }),
        ...(first ?? { advice }),
        ...(also.length > 0 ? { also } : {}),
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

/** What is to be done about findings: each advice once, with the commands of all that it is given for. */
function actionsFor(findings: readonly Finding[]): Action[] {
  return [...Map.groupBy(findings, ({ advice }) => advice)].map(([advice, same]) => {
    const commands = mergeInOrder(same.map((finding) => finding.commands ?? []))
    return { advice, ...(commands.length > 0 ? { commands } : {}) }
  })
}

/**
 * Moves the findings of a covered cause to the causes that explain them, the worst first, if each has one. A warning explains no
 * error.
 */
function withCovered(causes: Cause[], checks: readonly Explainer[]): Cause[] {
  return checks.reduce((remaining, { id, covers = [] }) => {
    const heads = remaining
      .filter((cause) => cause.id === id)
      .toSorted((a, b) => order[a.severity] - order[b.severity])
    const headOf = ({ severity }: Cause, { subject }: Finding) =>
      heads.find((head) => order[severity] >= order[head.severity] && explains(head, subject))
    const covered = remaining.filter(
      (cause) => covers.includes(cause.id) && cause.findings.every((finding) => headOf(cause, finding)),
    )
    const moved = covered.flatMap((cause) =>
      cause.findings.map((finding) => ({ finding, head: headOf(cause, finding) })),
    )
    return remaining
      .filter((cause) => !covered.includes(cause))
      .map((cause) => {
        const own = moved.filter(({ head }) => head === cause).map(({ finding }) => finding)
        return own.length > 0 ? { ...cause, findings: [...cause.findings, ...own] } : cause
      })
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
