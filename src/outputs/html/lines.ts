import { stripVTControlCharacters } from 'node:util'
import type { Status } from '../../core/finding.ts'
import { type Html, html, upTo } from './markup.ts'
import { mark } from './status.ts'

const marks: Record<string, Status> = { '✓': 'pass', '!': 'warn', '✗': 'fail', '?': 'unknown', '-': 'off' }

/** Lines as the log has them, as a list: their first mark becomes one of the page. */
export const linesList = (lines: readonly string[]): Html | undefined =>
  lines.length === 0 ? undefined : html`<ul class="lines">${lines.map(itemOf)}</ul>`

function itemOf(line: string): Html {
  const text = stripVTControlCharacters(line).trim()
  const status = marks[text.slice(0, 1)]
  const isMarked = status !== undefined && text.slice(1, 2) === ' '
  return html`<li>${isMarked ? html`${mark(status)} ` : undefined}${upTo(isMarked ? text.slice(2) : text, 1200)}</li>
`
}
