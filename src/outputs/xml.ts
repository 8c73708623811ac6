import { clean } from './terminal/clean.ts'

/** An XML element as text. Attributes without a value are left out; their order is that of the object. */
export function element(
  name: string,
  attributes: Record<string, string | number | undefined>,
  content: readonly string[] = [],
): string {
  const given = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`)
    .join('')
  return content.length === 0 ? `<${name}${given}/>` : `<${name}${given}>${content.join('')}</${name}>`
}

/** Lines as the content of an element. */
export const xmlText = (lines: readonly string[]): string => lines.map(escapeXml).join('\n')

/** Without control characters, which XML 1.0 does not have in any form, and with the five characters that mean something escaped. */
const escapeXml = (text: string): string =>
  clean(text, maxLength).replace(/[&<>"']/g, (character) => entities[character] ?? character)

const maxLength = 2000
const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}
