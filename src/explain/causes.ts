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
  const causes = [...byCause.values()].map(causeOf)
  const positions = new Map(checks.map(({ id }, position) => [id, position]))
  const sorted = withCovered(causes, checks).sort(
    (a, b) =>
      order[a.severity] - order[b.severity] || (positions.get(a.id) ?? 0) - (positions.get(b.id) ?? 0),
  )
  return withoutRepeats(sorted)
}

/** Commands that repair a storage repair whole images: a cause whose commands all stand under one before it refers to these. */
function withoutRepeats(causes: readonly Cause[]): Cause[] {
  const listed: Set<string>[] = []
  return causes.map((cause) => {
    const { group, commands = [], advice } = cause
    if (group !== 'storage' || commands.length === 0) return cause
    if (!listed.some((before) => commands.every((command) => before.has(command)))) {
      listed.push(new Set(commands))
      return cause
    }
    const { commands: _, ...rest } = cause
    return { ...rest, advice: `${advice} The commands are above.` }
  })
}

/** The cause that findings share; it has the texts of the worst. */
function causeOf(same: Finding[]): Cause {
  const sorted = same.toSorted((a, b) => order[a.severity] - order[b.severity])
  const [worst] = sorted
  if (!worst) throw new Error('a cause without findings')
  const { id, group, severity, title, because, advice } = worst
  const [first, ...also] = actionsFor(sorted)
  return {
    id,
    group,
    severity,
    title,
    ...(because === undefined ? {} : { because }),
    ...(first ?? { advice }),
    ...(also.length > 0 ? { also } : {}),
    page: pageOf(id),
    findings: same,
  }
}

/** What is to be done about findings: each advice once, with the commands of all that it is given for. */
function actionsFor(findings: readonly Finding[]): Action[] {
  return [...Map.groupBy(findings, ({ advice }) => advice)].map(([advice, same]) => {
    const commands = mergeInOrder(same.map((finding) => finding.commands ?? []))
    return { advice, ...(commands.length > 0 ? { commands } : {}) }
  })
}

/**
 * Moves the findings that a cause of another check explains to that cause, the worst of several; the others keep theirs. A warning
 * explains no error.
 */
function withCovered(causes: Cause[], checks: readonly Explainer[]): Cause[] {
  return checks.reduce((remaining, { id, covers = [] }) => {
    const heads = remaining
      .filter((cause) => cause.id === id)
      .toSorted((a, b) => order[a.severity] - order[b.severity])
    if (heads.length === 0 || covers.length === 0) return remaining
    const moved = new Map<Cause, Finding[]>()
    const kept = remaining.flatMap((cause): Cause[] => {
      if (!covers.includes(cause.id)) return [cause]
      const left = cause.findings.filter((finding) => {
        const head = heads.find(
          (one) => order[finding.severity] >= order[one.severity] && explains(one, finding.subject),
        )
        if (head === undefined) return true
        const own = moved.get(head)
        if (own) own.push(finding)
        else moved.set(head, [finding])
        return false
      })
      if (left.length === cause.findings.length) return [cause]
      return left.length === 0 ? [] : [causeOf(left)]
    })
    return kept.map((cause) => {
      const own = moved.get(cause)
      return own ? { ...cause, findings: [...cause.findings, ...own] } : cause
    })
  }, causes)
}

/** Whether a cause explains the findings about a subject: a host, with or without its port, or every one of several. */
const explains = ({ findings }: Cause, subject: string): boolean =>
  findings.some(
    ({ explains: hosts }) =>
      !hosts ||
      hosts.includes(subject) ||
      subject.split(', ').every((one) => hosts.some((host) => one === host || one.startsWith(`${host}:`))),
  )

/** The page of a finding, relative to the top of the repository. */
const pageOf = (id: string): string => `docs/findings/${id}.md`
