import type { Cause } from '../../core/finding.ts'
import type { Group } from '../../core/groups.ts'
import type { Facts } from '../../facts/facts.ts'
import type { Link } from './link.ts'
import { type Rival, rivals, type Standing } from './rivals.ts'
import { type Combination, combinations } from './table.ts'

/** How a cause stands to the one that came before it. */
export interface Placed extends Link {
  cause: Cause
  first: Cause
}

/** One verdict over causes of several groups. */
export interface Together {
  /** Causes that others follow from, and that follow from none. */
  first: Cause[]
  links: Placed[]
  /** Faults of several groups that nothing observed connects or tells apart. */
  unconnected: Cause[]
  rivals: Rival[]
}

/**
 * How causes of different groups stand to each other: which came first, which are consequences, which have nothing to do with the
 * others, and what else could be behind them. Undefined where only one group has faults. A warning has part in it only where it came
 * first, or may have. Every cause stays in the report as it is.
 */
export function together(
  causes: readonly Cause[],
  facts: Facts,
  standings: readonly Standing[],
  table: readonly Combination[] = combinations,
): Together | undefined {
  const faults = causes.filter(({ severity, id }) => severity === 'error' && id !== 'run-stopped')
  const firsts = causes.filter(({ severity }) => severity !== 'note')
  const links = faults.flatMap((cause) => linksOf(cause, firsts, facts, table))
  const followers = links.filter(({ relation }) => relation === 'follows')
  const first = new Set(
    followers.map((link) => link.first).filter((one) => !followers.some(({ cause }) => cause === one)),
  )
  const heads = faults.filter((cause) => coveredIn(cause).length > 0)
  const part = new Set([...faults, ...links.map((link) => link.first)])
  const involved = new Set([...part].flatMap(groupsIn))
  if (involved.size < 2) return undefined
  const placed = new Set([...links.map(({ cause }) => cause), ...first, ...heads])
  const roots = [...part].filter((cause) => !followers.some((link) => link.cause === cause))
  return {
    first: [...new Set([...first, ...heads])].filter(
      (cause) => !followers.some((link) => link.cause === cause),
    ),
    links,
    unconnected: faults.filter((cause) => !placed.has(cause) && !links.some((link) => link.first === cause)),
    rivals: rivals(
      roots.map(({ group }) => group),
      involved,
      standings,
      facts,
    ),
  }
}

/** The ids of findings of other groups that a cause explains, which are under it. */
export const coveredIn = ({ group, findings }: Cause): { id: string; group: Group }[] => [
  ...new Map(
    findings.filter((one) => one.group !== group).map((one) => [one.id, { id: one.id, group: one.group }]),
  ).values(),
]

const groupsIn = ({ findings }: Cause): Group[] => findings.map(({ group }) => group)

/** The links of a cause: what it follows from, else what may have come first, and all that has nothing to do with it. */
function linksOf(
  cause: Cause,
  firsts: readonly Cause[],
  facts: Facts,
  table: readonly Combination[],
): Placed[] {
  const links = firsts
    .filter((first) => first !== cause && first.group !== cause.group)
    .flatMap((first): Placed[] => {
      for (const row of table) {
        if (!row.after.includes(cause.id) || !comesFirst(row, first)) continue
        const link = row.link(cause, first, facts)
        if (link) return [{ ...link, cause, first }]
      }
      return []
    })
  const strongest =
    links.find(({ relation }) => relation === 'follows') ?? links.find(({ relation }) => relation === 'open')
  return [...(strongest ? [strongest] : []), ...links.filter(({ relation }) => relation === 'apart')]
}

/** What is under a cause counts for it. That an error has nothing to do with a warning goes without saying. */
function comesFirst({ first }: Combination, cause: Cause): boolean {
  if (!('errors' in first)) return cause.findings.some(({ id }) => first.includes(id))
  return cause.severity === 'error' && first.errors.includes(cause.id)
}

/** The causes in their order, each after the one that it follows from. */
export function rootsFirst(causes: readonly Cause[], links: readonly Placed[]): Cause[] {
  const ordered = new Set<Cause>()
  const add = (cause: Cause, below: readonly Cause[]): void => {
    if (ordered.has(cause) || below.includes(cause)) return
    for (const link of links)
      if (link.cause === cause && link.relation === 'follows') add(link.first, [...below, cause])
    ordered.add(cause)
  }
  for (const cause of causes) add(cause, [])
  return [...ordered]
}
