import { shortDigest } from '../oci/digest.ts'
import type { Report } from '../report/schema.ts'
import { splitCauses } from './terminal/causes.ts'
import { clean } from './terminal/clean.ts'
import { verdictName } from './terminal/verdict.ts'

/** A step summary's parts: a heading, a table of images, and what is wrong. The logger escapes the cells. */
export interface Summary {
  heading: string
  rows: string[][]
  causes: string[]
}

/** The report for a step summary. */
export function renderSummary(report: Report): Summary {
  return {
    heading: `regguard: ${verdictName(report)}`,
    rows: report.targets.map(({ reference, digest, status, members }) => [
      clean(reference),
      digest ? shortDigest(clean(digest)) : '',
      status,
      members.map(({ platform, status: own }) => `${clean(platform || 'image')} ${own}`).join(', '),
    ]),
    causes: splitCauses(report).faults.map(({ title, advice, rebuild }) =>
      [title, advice, ...(rebuild === undefined ? [] : [rebuild])].map((part) => clean(part)).join(' '),
    ),
  }
}
