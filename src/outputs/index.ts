import type { Report } from '../report/schema.ts'
import type { SettingName } from '../settings/schema.ts'

/** The settings that name a file for a report. */
export type FileOutput = Extract<SettingName, `report_${string}`>

/** The content of a file. `previous` is what the file of the last run holds, if it is one of `replacedOutputs`. */
export type FileRenderer = (report: Report, previous?: string) => string

/** The files that others read at any time, so that they are replaced as a whole and not written to. */
export const replacedOutputs: ReadonlySet<FileOutput> = new Set(['report_prometheus'] as const)

/**
 * Loads the renderer of every output that is written to a file, by the setting that names the file; a run needs few of them. A setting
 * without an entry does not compile.
 */
export const fileOutputs = {
  report_html: async () => (await import('./html/page.ts')).renderHtml,
  report_json: async () => (await import('./json.ts')).renderJson,
  report_junit: async () => (await import('./junit.ts')).renderJunit,
  report_markdown: async () => (await import('./markdown-file.ts')).renderMarkdown,
  report_prometheus: async () => (await import('./metrics.ts')).renderMetrics,
} satisfies Record<FileOutput, () => Promise<FileRenderer>>
