import { readFile, stat } from 'node:fs/promises'
import * as z from 'zod'
import { reportIn } from '../outputs/html/embedded.ts'
import { clean } from '../outputs/terminal/clean.ts'
import { type Report, reportSchema } from '../report/schema.ts'

/** More than any report is. */
const maxBytes = 64 * 1024 * 1024

/** A report that an earlier run wrote; `why` continues a sentence about the file. */
export type ReadReport = { ok: true; report: Report } | { ok: false; why: string }

/** Reads what `report_json` or `report_html` wrote, also of an earlier version of regguard. */
export async function readReport(file: string): Promise<ReadReport> {
  let text: string
  try {
    const about = await stat(file)
    // Not a pipe or a device, which may never end.
    if (!about.isFile()) return { ok: false, why: 'is not a regular file' }
    if (about.size > maxBytes) return { ok: false, why: 'is too large for a report' }
    text = await readFile(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    return { ok: false, why: code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})` }
  }
  return parse(text)
}

/** What every report says of itself, whichever version wrote it. */
const headerSchema = z.object({
  version: z.int(),
  tool: z.object({ name: z.literal('regguard'), version: z.string() }),
})

const reportVersion = reportSchema.shape.version.value

function parse(text: string): ReadReport {
  const isPage = /^\s*<!doctype html>/i.test(text)
  const json = jsonOf(isPage ? reportIn(text) : text)
  if (json === undefined)
    return {
      ok: false,
      why: `${isPage ? 'holds no report' : 'is not JSON'}; it must be what report_json or report_html wrote`,
    }
  const header = headerSchema.safeParse(json)
  if (!header.success) return { ok: false, why: 'is not a report of regguard' }
  const { version, tool } = header.data
  const by = `was written by regguard ${clean(tool.version, 40)}`
  if (version !== reportVersion)
    return {
      ok: false,
      why: `${by} in version ${version} of the report; this regguard reads version ${reportVersion}`,
    }
  const { data, error } = reportSchema.safeParse(json)
  if (data) return { ok: true, report: data }
  const [first] = error.issues
  const where = first ? z.core.toDotPath(first.path) : ''
  return {
    ok: false,
    why: `${by}, and is damaged or too new for this one: ${where}: ${first?.message ?? 'invalid'}`,
  }
}

function jsonOf(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
