import { count } from '../core/units.ts'
import { shortDigest } from '../oci/digest.ts'
import type { Report } from '../report/schema.ts'
import { adviceAlone, splitCauses } from './terminal/causes.ts'
import { clean } from './terminal/clean.ts'
import { chooseImages, type ImageEntry } from './terminal/images.ts'
import { proofText, sumOfProofs } from './terminal/proof.ts'
import { verdictName } from './terminal/verdict.ts'

/** A step summary's parts: a heading, a table of images, and what is wrong. The logger escapes the cells. */
export interface Summary {
  heading: string
  rows: string[][]
  causes: string[]
}

/** The columns of the rows of a summary. */
export const summaryColumns = ['Image', 'Digest', 'Status', 'Platforms', 'Proven'] as const

/** The report for a step summary: each digest once; of very many images those that are not well. */
export function renderSummary(report: Report): Summary {
  const { listed, unlisted, counted } = chooseImages(report.targets)
  const others = [
    ...(unlisted > 0 ? [[`and ${count(unlisted, 'more image')}`, '', 'not well', '', '']] : []),
    ...(counted.length > 0
      ? [[`and ${count(counted.length, 'other image')}`, '', 'pass', '', provenText(counted)]]
      : []),
  ]
  return {
    heading: `regguard: ${verdictName(report)}`,
    rows: [...listed.map(rowOf), ...others],
    causes: splitCauses(report).faults.map(({ title, advice, commands = [], rebuild }) =>
      [
        ...[title, adviceAlone(advice)],
        ...(commands.length > 0 ? ['The log has the commands.'] : []),
        ...(rebuild === undefined ? [] : [rebuild]),
      ]
        .map((part) => clean(part))
        .join(' '),
    ),
  }
}

/** What was proven of all these images; nothing is said of one that was not inspected. */
const provenText = (entries: readonly ImageEntry[]): string =>
  proofText(sumOfProofs(entries.map(({ target }) => target)))

const rowOf = ({ target, alsoTagged }: ImageEntry): string[] => [
  [target.reference, ...alsoTagged].map((name) => clean(name)).join(', '),
  target.digest ? shortDigest(clean(target.digest)) : '',
  target.status,
  target.members.map(({ platform, status }) => `${clean(platform || 'image')} ${status}`).join(', '),
  target.status === 'pass' ? provenText([{ target, alsoTagged }]) : '',
]
