import type { Report } from '../report/schema.ts'
import type { SettingName } from '../settings/schema.ts'
import { renderHtml } from './html/page.ts'
import { renderJson } from './json.ts'
import { renderJunit } from './junit.ts'
import { renderMarkdown } from './markdown-file.ts'
import { renderPrometheus } from './storage-metrics.ts'

/** The settings that name a file for a report. */
export type FileOutput = Extract<SettingName, `report_${string}`>

/** The content of a file. `previous` is what the file of the last run holds, if it is one of `replacedOutputs`. */
export type FileRenderer = (report: Report, previous?: string) => string

/** The files that others read at any time, so that they are replaced as a whole and not written to. */
export const replacedOutputs: ReadonlySet<FileOutput> = new Set(['report_prometheus'] as const)

/** Every output that is written to a file, by the setting that names the file. A setting without an entry does not compile. */
export const fileOutputs = {
  report_html: renderHtml,
  report_json: renderJson,
  report_junit: renderJunit,
  report_markdown: renderMarkdown,
  report_prometheus: renderPrometheus,
} satisfies Record<FileOutput, FileRenderer>
