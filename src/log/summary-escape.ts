import { splitLines, stripColour, visibleControls } from './text.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Escapes text for HTML content and attribute values: no tags, no control characters, line endings as `\n`. */
export function escapeHtml(text: string): string {
  const lines = splitLines(stripColour(text)).map(visibleControls)
  return lines.join('\n').replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char)
}

/**
 * Escapes text for a link, on one line. A link is part of a Markdown paragraph, so characters of Markdown become entities,
 * which CommonMark never treats as markup.
 */
export function escapeLinkText(text: string): string {
  const flat = escapeHtml(text).replaceAll('\n', ' ')
  return flat.replace(/[\\`*_~[\]|!]/g, (char) => `&#${char.charCodeAt(0)};`)
}

/** The URL if it is http or https, else undefined: `javascript:` is a URL too. */
export function safeHref(href: string): string | undefined {
  const address = URL.parse(href)
  return address?.protocol === 'https:' || address?.protocol === 'http:' ? address.href : undefined
}
