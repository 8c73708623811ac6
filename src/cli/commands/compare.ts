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
  if (files.length < 2) return mistake('needs at least two reports: regguard-plugin compare A.json B.json')
  const read = await Promise.all(files.map(readView))
  const problems = read.flatMap((one) => (one.ok ? [] : [one.problem]))
  if (problems.length > 0) return mistake(problems.join('\n'))
  const views = withDistinctNames(read.flatMap((one) => (one.ok ? [{ ...one.view, file: one.file }] : [])))
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

type ReadView = { ok: true; view: View; file: string } | { ok: false; problem: string }

async function readView(file: string): Promise<ReadView> {
  const problem = (text: string) => ({ ok: false, problem: `${clean(file)} ${text}` }) as const
  const read = await readReport(file)
  if (!read.ok) return problem(read.why)
  const { legs, vantage = basename(file), startedAt, durationMs } = read.report
  if (!legs || legs.length === 0)
    return problem('holds no legs: run with the setting vantage, or with endpoints')
  return { ok: true, file, view: { vantage, legs, at: Date.parse(startedAt) + durationMs } }
}

/** Reports that share a vantage are told apart by their files. */
const withDistinctNames = (views: (View & { file: string })[]): View[] =>
  views.map(({ file, ...view }) => {
    const isShared = views.filter(({ vantage }) => vantage === view.vantage).length > 1
    return isShared ? { ...view, vantage: `${view.vantage} (${file})` } : view
  })
