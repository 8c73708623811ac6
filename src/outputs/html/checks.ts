import { groupInfo, groups } from '../../core/groups.ts'
import { count } from '../../core/units.ts'
import type { Report, ReportCheck } from '../../report/schema.ts'
import { type Html, html } from './markup.ts'
import { mark, statusInfo, statusOrder } from './status.ts'

/** Those that a reader looks for stand open. */
const open: ReadonlySet<string> = new Set(['fail', 'warn'])

/** Every check by how it ended: what was not inspected says why, and what would make it possible. */
export function checksSection({ checks, crashes }: Report): Html {
  const parts = statusOrder.flatMap((status) => {
    const own = checks.filter((check) => check.status === status)
    return own.length === 0 ? [] : [{ status, own }]
  })
  const present = groups.filter((group) => checks.some((check) => check.group === group))
  return html`${crashes.length > 0 ? html`<ul class="faults">${crashes.map((crash) => html`<li>${mark('unknown')} A check crashed, please report it: ${crash}</li>`)}</ul>` : undefined}
<div class="tools"><input id="search" type="search" placeholder="Filter checks" aria-label="Filter checks"><select id="group" aria-label="Group"><option value="">All groups</option>${present.map(
    (group) => html`<option value="${group}">${groupInfo[group].label}</option>`,
  )}</select><span id="shown" class="quiet" role="status"></span></div>
${parts.map(
  ({ status, own }) =>
    html`<details${open.has(status) ? html` open` : undefined}><summary>${mark(status)} ${count(own.length, 'check')} ${statusInfo[status].many}</summary><ul class="checks">${own.map(checkItem)}</ul></details>
`,
)}`
}

function checkItem({ id, group, title, status, why, remedies, findings }: ReportCheck): Html {
  const outcome = findings > 0 ? ` · ${count(findings, status === 'pass' ? 'note' : 'finding')}` : ''
  const reason = status === 'pass' ? undefined : why
  return html`<li data-group="${group}">${title} <span class="id mono">${id}</span>${outcome}${
    reason === undefined
      ? undefined
      : html`<span class="why">${reason}${remedies.length > 0 ? ` — possible with: ${remedies.join('; or: ')}` : ''}</span>`
  }</li>
`
}
