import { count } from '../../core/units.ts'
import { lackText } from '../../facts/queries/registry/coverage-text.ts'
import type { Report } from '../../report/schema.ts'
import { coverageLines } from '../terminal/coverage.ts'
import { linesList } from './lines.ts'
import { type Content, type Html, html } from './markup.ts'
import { mark } from './status.ts'

/** So many repositories are listed. */
const maxPush = 100

/** What the registry lists, and whether the login may push; nothing where neither was asked. */
export function registrySection(report: Report): Html | undefined {
  const { catalog, push = [], coverage } = report
  if (!catalog && push.length === 0 && !coverage) return undefined
  const items = push.slice(0, maxPush).map(({ repository, state, scope, why }) => {
    const status = state === 'granted' ? 'pass' : state === 'refused' ? 'fail' : 'unknown'
    return html`<li>${mark(status)} push to <span class="mono">${repository}</span>: ${why ?? `the token grants ${scope ?? ''}`}</li>
`
  })
  return html`${
    catalog
      ? html`<p><span class="mono">${catalog.registry}</span> lists ${count(catalog.repositories, 'repository', 'repositories')}${catalog.empty > 0 ? `, ${catalog.empty} of them without a tag` : ''}.</p>`
      : undefined
  }${items.length > 0 ? html`<ul class="lines">${items}</ul>` : undefined}${coverageTable(report)}`
}

/** So many images are listed. */
const maxImages = 200

/** How mirrors stand, and the images that they do not hold whole. */
function coverageTable(report: Report): Content {
  const images = (report.coverage?.mirrors ?? []).flatMap((one) =>
    one.images.map((image) => ({ ...image, mirror: one.mirror })),
  )
  const lines = coverageLines(report)
  if (lines.length === 0) return undefined
  const columns = ['Image', 'Mirror', 'What it lacks']
  const rows = images.slice(0, maxImages).map(
    (image) =>
      html`<tr><th scope="row"><span class="mono">${image.image}</span></th><td class="mono">${image.mirror}</td><td>${lackText(image)}</td></tr>
`,
  )
  return html`<h3>Mirrors</h3>${linesList(lines)}${
    rows.length > 0
      ? html`<div class="scroll" tabindex="0" role="region" aria-label="Images that mirrors do not hold whole"><table><thead><tr>${columns.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`
      : undefined
  }`
}
