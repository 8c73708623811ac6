import { count } from '../../core/units.ts'
import { shortDigest } from '../../oci/digest.ts'
import type { Report } from '../../report/schema.ts'
import { type Content, type Html, html } from './markup.ts'
import { mark } from './status.ts'

type Run = NonNullable<NonNullable<Report['storage']>['forecast']>[number]
type Harmed = NonNullable<Run['images']>[number]

/** So many images have a row; the first ones stand open. */
const [maxRows, maxOpen] = [100, 20]

/** Which image each garbage collection breaks: images by rows, collections by columns. Nothing where none is harmed. */
export function harmTable(runs: readonly Run[]): Content {
  const rows = [
    ...Map.groupBy(
      runs.flatMap(({ images = [] }) => images),
      keyOf,
    ).values(),
  ].flatMap(([image]) => image ?? [])
  if (rows.length === 0) return undefined
  const shown = rows.slice(0, maxRows)
  const listed = (harm: Harmed['harm']) => rows.filter((row) => row.harm === harm).length
  const most = (of: (run: Run) => number) => Math.max(...runs.map(of))
  const more =
    Math.max(0, most(({ breaks }) => breaks) - listed('breaks')) +
    Math.max(0, most(({ losesRepair }) => losesRepair) - listed('loses-repair')) +
    rows.length -
    shown.length
  const folded = shown.slice(maxOpen)
  return html`<h3>What breaks when</h3>
${tableOf('What breaks when', shown.slice(0, maxOpen), runs)}${
  folded.length > 0
    ? html`<details><summary>${count(folded.length, 'more image')}</summary>${tableOf('What breaks when: more images', folded, runs)}</details>`
    : undefined
}${more > 0 ? html`<p class="quiet">and at least ${count(more, 'more image')}, which this report does not list</p>` : undefined}`
}

const keyOf = ({ repository, digest }: Harmed): string => `${repository}@${digest}`

const tableOf = (label: string, rows: readonly Harmed[], runs: readonly Run[]): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table><thead><tr><th scope="col">Image</th>${runs.map(
    ({ version, deleteUntagged }) =>
      html`<th scope="col">registry ${version}${deleteUntagged ? html`<br><span class="mono">--delete-untagged</span>` : undefined}</th>`,
  )}</tr></thead><tbody>${rows.map((row) => rowOf(row, runs))}</tbody></table></div>`

const rowOf = (row: Harmed, runs: readonly Run[]): Html =>
  html`<tr><th scope="row" class="mono">${nameOf(row)}</th>${runs.map((run) => html`<td>${cellOf(row, run)}</td>`)}</tr>
`

/** A tag names it best; the others are counted. */
function nameOf({ repository, digest, tags: [tag, ...others] }: Harmed): string {
  if (tag === undefined) return `${repository}@${shortDigest(digest)}`
  return `${repository}:${tag}${others.length > 0 ? ` (and ${others.length} more)` : ''}`
}

function cellOf(row: Harmed, { images = [] }: Run): Content {
  const found = images.find((one) => keyOf(one) === keyOf(row))
  if (!found) return html`${mark('pass')} stays`
  const part = found.of > 1 ? ` ${found.platforms} of ${count(found.of, 'platform')}` : ''
  return found.harm === 'breaks'
    ? html`${mark('fail')} breaks${part}`
    : html`${mark('warn')} loses what is left${part === '' ? '' : ` of${part}`}`
}
