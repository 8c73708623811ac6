import { clean } from '../terminal/clean.ts'

/** Markup that is safe to write as it is. Only `html` makes it, and `trusted` of constants of the code. */
export interface Html {
  readonly html: string
}

/** What may stand in a template; texts are cleaned and escaped, nothing is written for an absent value. */
export type Content = Html | string | number | undefined | readonly Content[]

/** So much of a text is shown. */
const most = 600

/** A template whose values are escaped, unless they are markup themselves. Attributes have to be quoted. */
export const html = (parts: TemplateStringsArray, ...values: Content[]): Html => ({
  html: parts.reduce((text, part, at) => text + markupOf(values[at - 1]) + part),
})

/** A constant of the code as markup. */
export const trusted = (text: string): Html => ({ html: text })

/** A text with this much of it shown. */
export const upTo = (text: string, max: number): Html => ({ html: escaped(clean(text, max)) })

function markupOf(value: Content): string {
  if (value === undefined) return ''
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return escaped(clean(value, most))
  return 'html' in value ? value.html : value.map(markupOf).join('')
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (one) => entities[one] ?? one)

/** Commands stand between “ and ” in texts; here they are set as code. */
export const withCommands = (text: string, max = 2000): Html[] =>
  clean(text, max)
    .split(/(\u201c[^\u201d]*\u201d)/)
    .map((part) =>
      part.startsWith('“') && part.endsWith('”')
        ? html`<code>${upTo(part.slice(1, -1), max)}</code>`
        : upTo(part, max),
    )
