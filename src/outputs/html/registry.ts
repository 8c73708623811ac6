import { count } from '../../core/units.ts'
import type { Report } from '../../report/schema.ts'
import { type Html, html } from './markup.ts'
import { mark } from './status.ts'

/** So many repositories are listed. */
const maxPush = 100

/** What the registry lists, and whether the login may push; nothing where neither was asked. */
export function registrySection({ catalog, push = [] }: Report): Html | undefined {
  if (!catalog && push.length === 0) return undefined
  const items = push.slice(0, maxPush).map(({ repository, state, scope, why }) => {
    const status = state === 'granted' ? 'pass' : state === 'refused' ? 'fail' : 'unknown'
    return html`<li>${mark(status)} push to <span class="mono">${repository}</span>: ${why ?? `the token grants ${scope ?? ''}`}</li>
`
  })
  return html`${
    catalog
      ? html`<p><span class="mono">${catalog.registry}</span> lists ${count(catalog.repositories, 'repository', 'repositories')}${catalog.empty > 0 ? `, ${catalog.empty} of them without a tag` : ''}.</p>`
      : undefined
  }${items.length > 0 ? html`<ul class="lines">${items}</ul>` : undefined}`
}
