import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { compareViews, type View } from '../../explain/compare.ts'
import { clean } from '../../outputs/terminal/clean.ts'
import { comparisonText } from '../../outputs/terminal/compare.ts'
import { reportSchema } from '../../report/schema.ts'
import type { CommandText } from '../io.ts'

/** More than any report is. */
const maxBytes = 64 * 1024 * 1024

/** Compares the reports in these files. `failing`: some leg fails from some vantage. */
export async function compareText(files: readonly string[]): Promise<CommandText & { failing: boolean }> {
  if (files.length < 2) return mistake('needs at least two reports: regguard-plugin compare A.json B.json')
  const read = await Promise.all(files.map(readView))
  const problems = read.flatMap((one) => (one.ok ? [] : [one.problem]))
  if (problems.length > 0) return mistake(problems.join('\n'))
  const views = withDistinctNames(read.flatMap((one) => (one.ok ? [{ ...one.view, file: one.file }] : [])))
  const legs = compareViews(views)
  return {
    ok: true,
    text: comparisonText(legs, views),
    failing: legs.some(({ verdict }) => verdict.where !== 'nowhere'),
  }
}

const mistake = (text: string) => ({ ok: false, failing: false, text: `compare: ${text}\n` })

type ReadView = { ok: true; view: View; file: string } | { ok: false; problem: string }

async function readView(file: string): Promise<ReadView> {
  const problem = (text: string) => ({ ok: false, problem: `${clean(file)} ${text}` }) as const
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    return problem(code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`)
  }
  if (text.length > maxBytes) return problem('is too large for a report')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return problem('is not JSON; it must be what report_json wrote')
  }
  const report = reportSchema.safeParse(json)
  if (!report.success) return problem('is not a report of this version of regguard')
  const { legs, vantage = basename(file), startedAt, durationMs } = report.data
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
