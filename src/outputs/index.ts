import type { Report } from '../report/schema.ts'
import type { SettingName } from '../settings/schema.ts'
import { renderJson } from './json.ts'

/** The settings that name a file for a report: `report_json`. */
export type FileOutput = Extract<SettingName, `report_${string}`>

/** Every output that is written to a file, by the setting that names the file. A setting without an entry does not compile. */
export const fileOutputs = {
  report_json: renderJson,
} satisfies Record<FileOutput, (report: Report) => string>
