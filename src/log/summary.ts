import type { Mask } from './mask.ts'
import { escapeHtml, escapeLinkText, safeHref } from './summary-escape.ts'
import { stripColour } from './text.ts'

/** A table cell, as in @actions/core. */
type SummaryCell = string | { data: string; header?: boolean; colspan?: string; rowspan?: string }

/**
 * The step summary, with the methods of @actions/core. Unlike there, all text is escaped; only `addRaw` takes markup, and its
 * caller must escape remote text with `escapeHtml`.
 */
export type Summary = {
  addRaw(text: string, addEOL?: boolean): Summary
  addEOL(): Summary
  addHeading(text: string, level?: number | string): Summary
  addTable(rows: readonly (readonly SummaryCell[])[]): Summary
  addList(items: readonly string[], ordered?: boolean): Summary
  addCodeBlock(code: string, lang?: string): Summary
  addDetails(label: string, content: string): Summary
  addSeparator(): Summary
  addLink(text: string, href: string): Summary
  stringify(): string
  isEmptyBuffer(): boolean
  emptyBuffer(): Summary
  /** Writes the buffer to the step's summary file and empties it. Without such a file, only empties it. */
  write(options?: { overwrite?: boolean }): Promise<Summary>
}

/** What a summary needs: `save` gets the masked text and whether to overwrite the file. */
export type SummaryOptions = { mask: Mask; save(text: string, overwrite: boolean): void }

/** Creates an empty summary. */
export function createSummary({ mask, save }: SummaryOptions): Summary {
  let buffer = ''
  const hidden = (text: string): string => mask.apply(stripColour(text))
  const inline = (text: string): string => escapeHtml(hidden(text)).replaceAll('\n', '<br>')
  // Markdown treats HTML as a block, without Markdown inside, only at the start of a line.
  const block = (html: string): Summary => {
    if (buffer !== '' && !buffer.endsWith('\n')) buffer += '\n'
    return summary.addRaw(html, true)
  }
  const summary: Summary = {
    addRaw(text, addEOL = false) {
      buffer += addEOL ? `${text}\n` : text
      return summary
    },
    addEOL: () => summary.addRaw('\n'),
    addHeading(text, level = 1) {
      const tag = /^[1-6]$/.test(String(level)) ? `h${level}` : 'h1'
      return block(`<${tag}>${inline(text)}</${tag}>`)
    },
    addTable: (rows) => block(`<table>${rows.map((row) => tableRow(row, inline)).join('')}</table>`),
    addList(items, ordered = false) {
      const tag = ordered ? 'ol' : 'ul'
      return block(`<${tag}>${items.map((item) => `<li>${inline(item)}</li>`).join('')}</${tag}>`)
    },
    addCodeBlock(code, lang) {
      const attribute = lang ? ` lang="${inline(lang)}"` : ''
      return block(`<pre${attribute}><code>${escapeHtml(hidden(code))}</code></pre>`)
    },
    addDetails: (label, content) =>
      block(`<details><summary>${inline(label)}</summary>${inline(content)}</details>`),
    addSeparator: () => block('<hr>'),
    addLink(text, href) {
      const shown = escapeLinkText(hidden(text))
      const target = safeHref(hidden(href))
      return summary.addRaw(target ? `<a href="${escapeHtml(target)}">${shown}</a>` : shown, true)
    },
    stringify: () => hidden(buffer),
    isEmptyBuffer: () => buffer === '',
    emptyBuffer() {
      buffer = ''
      return summary
    },
    async write(options = {}) {
      save(summary.stringify(), options.overwrite === true)
      return summary.emptyBuffer()
    },
  }
  return summary
}

function tableRow(cells: readonly SummaryCell[], inline: (text: string) => string): string {
  const html = cells.map((cell) => {
    const { data, header, colspan, rowspan } = typeof cell === 'string' ? { data: cell } : cell
    const tag = header ? 'th' : 'td'
    const spans = Object.entries({ colspan, rowspan }).filter(([, value]) => value)
    const attributes = spans.map(([key, value]) => ` ${key}="${inline(value ?? '')}"`).join('')
    return `<${tag}${attributes}>${inline(data)}</${tag}>`
  })
  return `<tr>${html.join('')}</tr>`
}
