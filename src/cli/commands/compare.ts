import { basename } from 'node:path'
import { type ComparedLeg, compareViews, type View, type Where } from '../../explain/compare.ts'
import { clean } from '../../outputs/terminal/clean.ts'
import { comparisonText } from '../../outputs/terminal/compare.ts'
import type { CommandText } from '../io.ts'
import { readReport } from '../report-file.ts'

/** What is printed, and the exit code: 1 if a leg fails from some vantage, 2 for bad input, 3 if no leg has an outcome. */
export type Compared = CommandText & { exitCode: 0 | 1 | 2 | 3 }

/** Compares the reports in these files. */
export async function compareText(files: readonly string[]): Promise<Compared> {
  const read = await Promise.all(files.map(readViews))
  if (files.length < 2 && read.every((one) => !one.ok || one.views.length < 2)) return mistake(tooFew)
  const problems = read.flatMap((one) => (one.ok ? [] : [one.problem]))
  if (problems.length > 0) return mistake(problems.join('\n'))
  const views = withDistinctNames(read.flatMap((one) => (one.ok ? one.views : [])))
  if (views.length < 2) return mistake(tooFew)
  const legs = compareViews(views)
  const exitCode = exitCodeOf(legs)
  return { ok: true, exitCode, text: comparisonText(legs, views, exitCode) }
}

function exitCodeOf(legs: readonly ComparedLeg[]): 0 | 1 | 3 {
  const isAll = (where: Where['where']) => legs.every(({ verdict }) => verdict.where === where)
  if (isAll('unknown')) return 3
  return legs.some(({ verdict }) => !['nowhere', 'unknown'].includes(verdict.where)) ? 1 : 0
}

const mistake = (text: string): Compared => ({ ok: false, exitCode: 2, text: `compare: ${text}\n` })

const tooFew = 'needs at least two reports: regguard-plugin compare A.json B.json'

type NamedView = View & { file: string }
type ReadViews = { ok: true; views: NamedView[] } | { ok: false; problem: string }

/** What one file holds: the view of a run, or those of all nodes that `cluster --nodes` collected. */
async function readViews(file: string): Promise<ReadViews> {
  const problem = (text: string) => ({ ok: false, problem: `${clean(file)} ${text}` }) as const
  const read = await readReport(file)
  if (!read.ok) return problem(read.why)
  const { legs = [], machine, vantage = basename(file), startedAt, durationMs, cluster } = read.report
  const nodes = cluster?.views?.seen ?? []
  const own = { vantage, legs, machine, at: Date.parse(startedAt) + durationMs }
  const views = [
    // The legs of a cluster's run are those of its images, from where it ran.
    ...(legs.length > 0 && nodes.length === 0 ? [own] : []),
    ...nodes.map(({ node, kind, at, ...seen }) => ({
      ...{ vantage: `${node} (${kind})`, at: Date.parse(at), legs: seen.legs, machine: seen.machine },
    })),
  ]
  if (views.length === 0) return problem('holds no legs: run with the setting vantage, or with endpoints')
  return { ok: true, views: views.map((view) => ({ ...view, file })) }
}

/** Reports that share a vantage are told apart by their files. */
const withDistinctNames = (views: NamedView[]): View[] =>
  views.map(({ file, ...view }) => {
    const isShared = views.filter(({ vantage }) => vantage === view.vantage).length > 1
    return isShared ? { ...view, vantage: `${view.vantage} (${file})` } : view
  })
