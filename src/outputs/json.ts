import type { Report } from '../report/schema.ts'

/** The report as JSON, for `report_json` (docs/report.schema.json). */
export const renderJson = (report: Report): string => `${JSON.stringify(report, null, 2)}\n`
