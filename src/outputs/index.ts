import type { Report } from '../report/schema.ts'
import type { SettingName } from '../settings/schema.ts'
import { renderJson } from './json.ts'
import { renderJunit } from './junit.ts'

/** The settings that name a file for a report. */
export type FileOutput = Extract<SettingName, `report_${string}`>

/** Every output that is written to a file, by the setting that names the file. A setting without an entry does not compile. */
export const fileOutputs = {
  report_json: renderJson,
  report_junit: renderJunit,
} satisfies Record<FileOutput, (report: Report) => string>
