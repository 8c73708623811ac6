import { splitLines, stripColour, visibleControls } from './text.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Takes any text, gives it as HTML text or attribute value: no tag, no control, line ends as `\n`. */
export function escapeHtml(text: string): string {
  const lines = splitLines(stripColour(text)).map(visibleControls)
  return lines.join('\n').replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char)
}

/**
 * Takes any text, gives it for the inside of a link on one line. A link stands in a Markdown paragraph, so what
 * Markdown reads becomes an entity, which by CommonMark is never markup.
 */
export function escapeLinkText(text: string): string {
  const flat = escapeHtml(text).replaceAll('\n', ' ')
  return flat.replace(/[\\`*_~[\]|!]/g, (char) => `&#${char.charCodeAt(0)};`)
}

/** Takes an address, gives it when it leads to the web, else nothing: `javascript:` is an address too. */
export function safeHref(href: string): string | undefined {
  const address = URL.parse(href)
  return address?.protocol === 'https:' || address?.protocol === 'http:' ? address.href : undefined
}
