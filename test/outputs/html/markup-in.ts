/** The elements and attributes of a page, its links, and what is left when they are taken out. */
export interface Markup {
  /** `a`, `a href`, … */
  kinds: Set<string>
  links: string[]
  rest: string
}

const tag = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)\s*\/?>/gi
const attribute = /([a-z-]+)(?:="([^"<>]*)")?/gi

/** Reads the page as a parser of HTML would, which ends script and style only at their own end tags. */
export function markupIn(page: string): Markup {
  const kinds = new Set<string>()
  const links: string[] = []
  const bare = page
    .replace(/^<!doctype html>/, '')
    .replace(/(<(script|style)\b[^>]*>).*?(<\/\2>)/gs, (_all, open, _name, close) => `${open}${close}`)
  const rest = bare.replace(tag, (_all, _end, name: string, attributes: string) => {
    kinds.add(name.toLowerCase())
    for (const [, key = '', value = ''] of attributes.matchAll(attribute)) {
      kinds.add(`${name} ${key}`.toLowerCase())
      if (/^(?:href|src|action|formaction|xlink:href)$/i.test(key)) links.push(value)
    }
    return ''
  })
  return { kinds, links, rest }
}
