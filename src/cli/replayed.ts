import { stat } from 'node:fs/promises'
import type { RunnerFact } from '../facts/runner.ts'
import type { RunnerHistory } from '../facts/runner-history.ts'
import { readHistory } from '../observe/recorder/history.ts'
import { replay } from '../observe/recorder/replay.ts'
import type { Report } from '../report/schema.ts'
import { readReport } from './report-file.ts'

/** What `replay` names: the report of an earlier run, or a recording of the runner. */
export type Replayed =
  | { ok: true; kind: 'report'; report: Report }
  | { ok: true; kind: 'recording'; fact: RunnerFact; history?: RunnerHistory }
  | { ok: false; why: string }

/** A directory is a recording, a file a report. */
export async function readReplayed(path: string): Promise<Replayed> {
  const about = await stat(path).catch(() => undefined)
  if (about?.isDirectory() !== true) {
    const read = await readReport(path)
    return read.ok ? { ok: true, kind: 'report', report: read.report } : read
  }
  const read = await replay(path)
  if (!read.ok) return read
  const history = await readHistory(path)
  return { ok: true, kind: 'recording', fact: read.fact, ...(history ? { history } : {}) }
}
