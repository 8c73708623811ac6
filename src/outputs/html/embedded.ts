import type { Report } from '../../report/schema.ts'
import { type Html, html, trusted } from './markup.ts'

/** The report itself, so that the page can be rendered again. */
export const embedded = ({ unwritten: _unwritten, ...report }: Report): Html =>
  html`<script type="application/json" id="report">${trusted(JSON.stringify(report).replaceAll(unsafe, unicodeEscape))}</script>`

/** What could end the element, and characters that are invisible or turn a line around in an editor. */
const unsafe = /[<\u007f-\u009f\u2028\u2029]|\p{Cf}/gu

const unicodeEscape = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('')

const start = '<script type="application/json" id="report">'

/** The JSON of the report that a page holds; undefined if it holds none. */
export function reportIn(page: string): string | undefined {
  // Texts of the page are escaped, so that this stands nowhere else.
  const from = page.indexOf(start)
  const to = page.indexOf('</script>', from)
  return from < 0 || to < 0 ? undefined : page.slice(from + start.length, to)
}
